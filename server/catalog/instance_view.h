// InstanceView: one instance as it stood at one revision, registered or removed (or, among changes,
// purged).
//
// A node keeps one of each instance for as long as it stands, so it is one piece of memory: fields,
// then texts, of which none that the spec holds already. What others are told, a
// rollcall.v1.Instance, is encoded when it is told: see InstanceEncoder.
//
// Immutable, shared by reference, thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/strings/string_view.h"
#include "boost/smart_ptr/intrusive_ptr.hpp"
#include "boost/smart_ptr/intrusive_ref_counter.hpp"
#include "rollcall/internal/v1/records.pb.h"
#include "rollcall/v1/types.pb.h"
#include "server/model/ids.h"

namespace rollcall::catalog {

// A session's id, shared by all its instances.
struct CountedSessionId final
    : boost::intrusive_ref_counter<CountedSessionId, boost::thread_safe_counter> {
  explicit CountedSessionId(SessionId of) : id(std::move(of)) {}
  const SessionId id;
};
using SharedSessionId = boost::intrusive_ptr<const CountedSessionId>;
inline const SessionId* IdIn(const SharedSessionId& shared) {
  return shared == nullptr ? nullptr : &shared->id;
}

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
  // Among changes: its instance is forgotten. In no snapshot.
  static SharedView Purged(absl::string_view id);

  InstanceView(const InstanceView&) = delete;
  InstanceView& operator=(const InstanceView&) = delete;

  absl::string_view id() const { return At(id_); }
  absl::string_view zone() const { return At(zone_); }
  absl::string_view spec_field() const { return {Texts(), spec_size_}; }
  // Null: static.
  const SessionId* session() const { return IdIn(session_); }
  LeaseEpoch lease_epoch() const { return lease_epoch_; }
  Revision create_revision() const { return create_revision_; }
  Content content() const {
    return {id(), zone(), spec_field(), session_, lease_epoch_, create_revision_};
  }

  Revision revision() const { return revision_; }
  v1::Standing standing() const { return standing_; }
  uint32_t effective_weight() const { return effective_weight_; }
  bool removed() const { return standing_ == v1::STANDING_UNSPECIFIED; }
  // No record stands at revision 0. Then it is removed, too.
  bool purged() const { return revision_ == Revision(0); }

  internal::v1::Stamp LastStamp() const;
  // For selectors and people, not for hot paths.
  v1::InstanceSpec Spec() const;
  v1::Instance Told() const;
  // Sets all but the spec.
  void TellRest(v1::Instance& told) const;

  // For the last reference. Not told a size: the object is larger than its type.
  static void operator delete(void* memory) { ::operator delete(memory); }

 private:
  // Where one of the texts is.
  struct Text {
    uint32_t at = 0;
    uint32_t size = 0;
  };
  // The texts of a view, before it is made.
  struct Layout;

  InstanceView(const Content& content, const Verdict& verdict, const internal::v1::Stamp& last,
               const Layout& layout);

  const char* Texts() const { return reinterpret_cast<const char*>(this + 1); }
  absl::string_view At(Text text) const { return {Texts() + text.at, text.size}; }

  v1::Standing standing_;
  uint32_t effective_weight_;
  v1::Cause cause_;
  int32_t nanos_;  // of the time of the last change
  uint32_t spec_size_;
  int64_t seconds_;  // of the time of the last change
  Revision revision_;
  Revision create_revision_;
  LeaseEpoch lease_epoch_;
  SharedSessionId session_;
  Text id_;
  Text zone_;
  Text actor_;
  Text evidence_;
};

}  // namespace rollcall::catalog
