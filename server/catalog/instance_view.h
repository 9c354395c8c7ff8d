// InstanceView: one instance as it stood at one revision, registered or removed.
//
// A node keeps one of each instance for as long as it stands, so it is one piece of memory: fields,
// then texts, none of them twice. What others are told, a rollcall.v1.Instance, is encoded when it
// is told: see InstanceEncoder.
//
// Immutable, shared by reference, thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "boost/smart_ptr/intrusive_ptr.hpp"
#include "boost/smart_ptr/intrusive_ref_counter.hpp"
#include "rollcall/internal/v1/records.pb.h"
#include "rollcall/v1/types.pb.h"
#include "server/model/ids.h"

namespace rollcall::catalog {

// Shared by all instances of a session.
using SharedSessionId = std::shared_ptr<const SessionId>;

class InstanceView;
using SharedView = boost::intrusive_ptr<const InstanceView>;

class InstanceView final
    : public boost::intrusive_ref_counter<InstanceView, boost::thread_safe_counter> {
 public:
  // What the instance's record says.
  struct Content {
    absl::string_view id;
    absl::string_view zone;
    absl::string_view spec_field;  // see spec_bytes.h; may be empty
    SharedSessionId session;       // null: static
    LeaseEpoch lease_epoch;
    Revision create_revision;
  };
  // What follows from that and from what others say of it.
  struct Verdict {
    // The largest revision of what it derives from: the instance and override records, and its
    // session's state.
    Revision revision;
    v1::Standing standing = v1::STANDING_UNSPECIFIED;  // it is removed
    uint32_t effective_weight = 0;
  };
  // `last` is why it changed last.
  static SharedView Make(const Content& content, const Verdict& verdict,
                         const internal::v1::Stamp& last);

  InstanceView(const InstanceView&) = delete;
  InstanceView& operator=(const InstanceView&) = delete;

  absl::string_view id() const { return At(id_); }
  absl::string_view zone() const { return At(zone_); }
  absl::string_view spec_field() const { return {Texts(), spec_size_}; }
  const SharedSessionId& session() const { return session_; }
  LeaseEpoch lease_epoch() const { return lease_epoch_; }
  Revision create_revision() const { return create_revision_; }
  Content content() const {
    return {id(), zone(), spec_field(), session_, lease_epoch_, create_revision_};
  }

  Revision revision() const { return revision_; }
  v1::Standing standing() const { return standing_; }
  uint32_t effective_weight() const { return effective_weight_; }
  bool removed() const { return standing_ == v1::STANDING_UNSPECIFIED; }

  internal::v1::Stamp LastStamp() const;
  // For selectors and people, not for hot paths.
  v1::InstanceSpec Spec() const;
  v1::Instance Told() const;
  // Sets all but the spec.
  void TellRest(v1::Instance& told) const;

  // Made by Make, freed by the last reference.
  static void operator delete(void* memory) { ::operator delete(memory); }

 private:
  // Where one of the texts is.
  struct Text {
    uint32_t at = 0;
    uint32_t size = 0;
  };
  // The texts of a view, before it is made.
  struct Layout;

  // So many bytes for the texts.
  static void* operator new(size_t size, size_t texts) { return ::operator new(size + texts); }
  static void operator delete(void* memory, size_t) { ::operator delete(memory); }
  InstanceView(const Content& content, const Verdict& verdict, const internal::v1::Stamp& last,
               const Layout& layout);

  const char* Texts() const { return reinterpret_cast<const char*>(this + 1); }
  absl::string_view At(Text text) const { return {Texts() + text.at, text.size}; }

  v1::Standing standing_;
  uint32_t effective_weight_;
  v1::Cause cause_;
  int32_t nanos_;    // of the time of the last change
  int64_t seconds_;  // of the same
  Revision revision_;
  Revision create_revision_;
  LeaseEpoch lease_epoch_;
  SharedSessionId session_;
  Text id_;
  Text zone_;
  Text actor_;
  Text evidence_;
  uint32_t spec_size_;
};

}  // namespace rollcall::catalog
