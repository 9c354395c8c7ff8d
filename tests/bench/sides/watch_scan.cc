#include "tests/bench/sides/watch_scan.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include "rollcall/v1/discovery.pb.h"
#include "tests/bench/sides/wire.h"

namespace rollcall::bench {
namespace {

using google::protobuf::internal::WireFormatLite;

// One field after the other: Next() moves on, and what was not taken is passed over.
class Fields {
 public:
  explicit Fields(absl::string_view bytes)
      : data_(bytes.data()),
        in_(reinterpret_cast<const uint8_t*>(bytes.data()), static_cast<int>(bytes.size())) {}

  bool Next() {
    if (tag_ != 0 && !taken_ && !WireFormatLite::SkipField(&in_, tag_)) return false;
    taken_ = false;
    tag_ = in_.ReadTag();
    return tag_ != 0;
  }
  int number() const { return WireFormatLite::GetTagFieldNumber(tag_); }
  uint64_t Number() {
    taken_ = true;
    uint64_t value = 0;
    return in_.ReadVarint64(&value) ? value : 0;
  }
  absl::string_view Bytes() {
    taken_ = true;
    uint32_t size = 0;
    if (!in_.ReadVarint32(&size)) return {};
    const absl::string_view bytes(data_ + in_.CurrentPosition(), size);
    return in_.Skip(static_cast<int>(size)) ? bytes : absl::string_view();
  }
  // All of it was read, and nothing was broken.
  bool ok() { return in_.ConsumedEntireMessage(); }

 private:
  const char* const data_;
  google::protobuf::io::CodedInputStream in_;
  uint32_t tag_ = 0;
  bool taken_ = false;
};

absl::string_view FieldOf(absl::string_view bytes, int number) {
  Fields fields(bytes);
  while (fields.Next()) {
    if (fields.number() == number) return fields.Bytes();
  }
  return {};
}

Event UpdatedIn(absl::string_view instance) {
  absl::string_view spec;
  uint64_t standing = 0;
  Fields fields(instance);
  while (fields.Next()) {
    if (fields.number() == v1::Instance::kSpecFieldNumber) spec = fields.Bytes();
    if (fields.number() == v1::Instance::kStandingFieldNumber) standing = fields.Number();
  }
  if (standing == v1::STANDING_SUSPECT) {
    return {Event::Kind::kSuspect, NumberAtEnd(FieldOf(spec, v1::InstanceSpec::kIdFieldNumber))};
  }
  return {Event::Kind::kChanged, NumberAtEnd(FieldOf(spec, v1::InstanceSpec::kVersionFieldNumber))};
}

Event RemovedIn(absl::string_view removed) {
  const absl::string_view key = FieldOf(removed, v1::Removed::kKeyFieldNumber);
  return {Event::Kind::kRemoved, NumberAtEnd(FieldOf(key, v1::InstanceKey::kIdFieldNumber))};
}

}  // namespace

bool ScanWatchMessage(absl::string_view bytes, WatchMessage& message,
                      const std::function<void(const Event&)>& heard) {
  Fields fields(bytes);
  while (fields.Next()) {
    switch (fields.number()) {
      case v1::WatchResponse::kUpdatedFieldNumber:
        heard(UpdatedIn(fields.Bytes()));
        break;
      case v1::WatchResponse::kRemovedFieldNumber:
        heard(RemovedIn(fields.Bytes()));
        break;
      case v1::WatchResponse::kCaughtUpFieldNumber:
        message.caught_up = fields.Number() != 0;
        break;
      default:
        break;
    }
  }
  return fields.ok();
}

}  // namespace rollcall::bench
