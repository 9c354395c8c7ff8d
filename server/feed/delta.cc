#include "server/feed/delta.h"

#include <algorithm>
#include <optional>

#include "client-sdk/base/mutant.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/wire_format_lite.h"
#include "rollcall/v1/discovery.pb.h"
#include "server/catalog/instance_encoder.h"
#include "server/model/limits.h"

namespace rollcall::feed {
namespace {

using catalog::InstanceView;
using catalog::ServiceSnapshot;
using catalog::SharedView;
using google::protobuf::internal::WireFormatLite;
using v1::WatchResponse;

// Appends fields to one message.
class Fields {
 public:
  void Bytes(int field, const std::string& value) {
    if (value.empty()) return;
    Message(field, value);
  }
  void Message(int field, const std::string& value) {
    WireFormatLite::WriteTag(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED, &out_);
    out_.WriteVarint32(static_cast<uint32_t>(value.size()));
    out_.WriteRaw(value.data(), static_cast<int>(value.size()));
  }
  void Number(int field, uint64_t value) {
    if (value != 0) WireFormatLite::WriteUInt64(field, value, &out_);
  }
  void Flag(int field, bool value) {
    if (value) WireFormatLite::WriteBool(field, true, &out_);
  }
  size_t size() const { return static_cast<size_t>(out_.ByteCount()); }
  std::string Finish() {
    out_.Trim();
    return std::move(bytes_);
  }

 private:
  std::string bytes_;
  google::protobuf::io::StringOutputStream raw_{&bytes_};
  google::protobuf::io::CodedOutputStream out_{&raw_};
};

void WriteScope(Fields& fields, const ServiceName& name, const StoreId& store_id, bool snapshot) {
  fields.Bytes(WatchResponse::kNamespaceFieldNumber, name.ns);
  fields.Bytes(WatchResponse::kServiceFieldNumber, name.service);
  fields.Bytes(WatchResponse::kStoreIdFieldNumber, store_id.value());
  fields.Flag(WatchResponse::kSnapshotFieldNumber, snapshot);
}

// Fills bodies one after another, beginning a new one when the next entry would not fit.
class Bodies {
 public:
  Bodies(const ServiceSnapshot& snapshot, Revision since, const StoreId& store_id)
      : snapshot_(snapshot), fresh_(since == Revision(0)), store_id_(store_id) {}

  void Updated(const InstanceView& live) {
    Append(WatchResponse::kUpdatedFieldNumber, encoder_.Encode(live));
  }
  void Gone(const v1::Removed& removed) {
    Append(WatchResponse::kRemovedFieldNumber, removed.SerializeAsString());
  }
  std::vector<std::string> Finish() {
    if (open_) done_.push_back(open_->Finish());
    return std::move(done_);
  }

 private:
  static constexpr size_t kTagAndLength = 6;

  void Append(int field, const std::string& bytes) {
    if (open_ && open_->size() + bytes.size() + kTagAndLength > kMaxWatchBodyBytes) {
      done_.push_back(open_->Finish());
      open_.reset();
    }
    if (!open_) WriteScope(open_.emplace(), snapshot_.name, store_id_, fresh_);
    open_->Message(field, bytes);
  }

  const ServiceSnapshot& snapshot_;
  const bool fresh_;
  const StoreId& store_id_;
  std::optional<Fields> open_;
  std::vector<std::string> done_;
  catalog::InstanceEncoder encoder_;
};

v1::Removed RemovedOf(const ServiceName& name, const InstanceView& view) {
  v1::Removed removed;
  removed.mutable_key()->set_namespace_(name.ns);
  removed.mutable_key()->set_service(name.service);
  removed.mutable_key()->set_id(std::string(view.id()));
  removed.set_revision(view.revision().value());
  internal::v1::Stamp last = view.LastStamp();
  removed.set_cause(last.cause());
  removed.set_actor(std::move(*last.mutable_actor()));
  removed.set_evidence(std::move(*last.mutable_evidence()));
  *removed.mutable_time() = last.time();
  return removed;
}

// Who is not selected any more is removed, to who selects.
void Append(const ServiceName& name, const InstanceView& view, const Selector& selector,
            Bodies& bodies) {
  const bool told = !view.removed() && (selector.matches_all() || selector.Matches(view.Spec()));
  if (told) return bodies.Updated(view);
  bodies.Gone(RemovedOf(name, view));
}

// The first entry of by_revision that is not above `since`.
auto FirstKnown(const ServiceSnapshot& snapshot, Revision since) {
  return std::partition_point(snapshot.by_revision.begin(), snapshot.by_revision.end(),
                              [since](const SharedView& view) { return view->revision() > since; });
}

std::vector<std::string> EncodeFresh(const ServiceSnapshot& snapshot, const Selector& selector,
                                     Bodies& bodies) {
  for (const SharedView& live : snapshot.instances) {
    if (selector.matches_all() || selector.Matches(live->Spec())) bodies.Updated(*live);
  }
  return bodies.Finish();
}

}  // namespace

std::string EncodeHeader(const Header& header) {
  Fields fields;
  fields.Number(WatchResponse::kIdFieldNumber, header.id);
  fields.Number(WatchResponse::kRevisionFieldNumber, header.revision.value());
  fields.Flag(WatchResponse::kCaughtUpFieldNumber, header.caught_up);
  google::protobuf::Duration age;
  const absl::Duration known = std::clamp(header.age, absl::ZeroDuration(), absl::Hours(24 * 366));
  absl::Duration rest;
  age.set_seconds(absl::IDivDuration(known, absl::Seconds(1), &rest));
  age.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  fields.Message(WatchResponse::kAgeFieldNumber, age.SerializeAsString());
  return fields.Finish();
}

std::string EncodeScope(const ServiceName& name, const StoreId& store_id, bool snapshot) {
  Fields fields;
  WriteScope(fields, name, store_id, snapshot);
  return fields.Finish();
}

std::vector<std::string> EncodeDelta(const ServiceSnapshot& snapshot, const Selector& selector,
                                     Revision since, const StoreId& store_id) {
  Bodies bodies(snapshot, since, store_id);
  if (since == Revision(0)) return EncodeFresh(snapshot, selector, bodies);
  std::vector<SharedView> changed(snapshot.by_revision.begin(), FirstKnown(snapshot, since));
  std::stable_sort(changed.begin(), changed.end(),
                   [](const auto& a, const auto& b) { return a->revision() < b->revision(); });
  for (const SharedView& view : changed) {
    if (MUTANT(coalescing_drops_removals) && view->removed() && changed.size() > 1) continue;
    Append(snapshot.name, *view, selector, bodies);
  }
  return bodies.Finish();
}

Revision EffectiveCursor(const ServiceSnapshot& snapshot, Revision since) {
  if (since == Revision(0)) return since;
  const auto known = FirstKnown(snapshot, since);
  return known == snapshot.by_revision.end() ? Revision(1) : (*known)->revision();
}

std::string EncodeServers(const std::vector<std::string>& servers) {
  Fields fields;
  for (const std::string& server : servers) {
    fields.Message(WatchResponse::kServersFieldNumber, server);
  }
  return fields.Finish();
}

std::string EncodeError(uint32_t id, const absl::Status& status) {
  WatchResponse message;
  message.set_id(id);
  message.mutable_error()->set_code(static_cast<int32_t>(status.code()));
  message.mutable_error()->set_message(std::string(status.message()));
  return message.SerializeAsString();
}

}  // namespace rollcall::feed
