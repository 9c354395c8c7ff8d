#include "server/store/etcd/commit_time.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <algorithm>
#include <variant>

#include "rollcall/internal/v1/records.pb.h"
#include "server/model/keys.h"
#include "server/model/times.h"

namespace rollcall::etcd {
namespace {

using google::protobuf::internal::WireFormatLite;

struct StampField {
  int operator()(const SessionId&) const { return internal::v1::SessionRecord::kStampFieldNumber; }
  int operator()(const InstanceName&) const {
    return internal::v1::InstanceRecord::kStampFieldNumber;
  }
  int operator()(const OverrideName&) const {
    return internal::v1::OverrideRecord::kStampFieldNumber;
  }
  int operator()(const ServiceName&) const {
    return internal::v1::ServiceRecord::kStampFieldNumber;
  }
  int operator()(const HorizonName&) const {
    return internal::v1::HorizonRecord::kStampFieldNumber;
  }
};

// The bytes of a message's field. Everything else is skipped, not parsed: this happens for every
// record of every change.
std::optional<std::string> FieldBytes(const std::string& message, int field) {
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const uint8_t*>(message.data()),
                                            static_cast<int>(message.size()));
  while (const uint32_t tag = in.ReadTag()) {
    if (WireFormatLite::GetTagFieldNumber(tag) != field ||
        WireFormatLite::GetTagWireType(tag) != WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
      if (!WireFormatLite::SkipField(&in, tag)) return std::nullopt;
      continue;
    }
    std::string bytes;
    if (!WireFormatLite::ReadBytes(&in, &bytes)) return std::nullopt;
    return bytes;
  }
  return std::nullopt;
}

}  // namespace

std::optional<absl::Time> StampTime(const std::string& key, const std::string& value) {
  const auto name = ParseKey(key);
  if (!name) return std::nullopt;
  const auto bytes = FieldBytes(value, std::visit(StampField{}, *name));
  internal::v1::Stamp stamp;
  if (!bytes || !stamp.ParseFromString(*bytes) || !stamp.has_time()) return std::nullopt;
  return FromProto(stamp.time());
}

absl::Time CommitTime(const store::ChangeSet& change, absl::Time before, absl::Time arrival) {
  std::optional<absl::Time> newest;
  for (const auto& entry : change.entries) {
    if (!entry.value || KindOf(entry.key) != KeyKind::kRecord) continue;
    const auto time = StampTime(entry.key, *entry.value);
    if (time && (!newest || *time > *newest)) newest = time;
  }
  return std::max(before, std::min(newest.value_or(arrival), arrival));
}

}  // namespace rollcall::etcd
