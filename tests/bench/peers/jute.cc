#include "tests/bench/peers/jute.h"

#include <endian.h>
#include <string.h>

namespace rollcall::bench {

JuteWriter& JuteWriter::Int(int32_t value) {
  const uint32_t big = htobe32(static_cast<uint32_t>(value));
  out_.append(reinterpret_cast<const char*>(&big), sizeof big);
  return *this;
}

JuteWriter& JuteWriter::Long(int64_t value) {
  const uint64_t big = htobe64(static_cast<uint64_t>(value));
  out_.append(reinterpret_cast<const char*>(&big), sizeof big);
  return *this;
}

JuteWriter& JuteWriter::Bool(bool value) {
  out_.push_back(value ? 1 : 0);
  return *this;
}

JuteWriter& JuteWriter::Bytes(absl::string_view value) {
  Int(static_cast<int32_t>(value.size()));
  return Raw(value);
}

JuteWriter& JuteWriter::Raw(absl::string_view encoded) {
  out_.append(encoded.data(), encoded.size());
  return *this;
}

absl::string_view JuteReader::Take(size_t size) {
  ok_ = ok_ && size <= in_.size();
  if (!ok_) return {};
  const absl::string_view taken = in_.substr(0, size);
  in_.remove_prefix(size);
  return taken;
}

int32_t JuteReader::Int() {
  uint32_t big = 0;
  const absl::string_view bytes = Take(sizeof big);
  if (!bytes.empty()) memcpy(&big, bytes.data(), sizeof big);
  return static_cast<int32_t>(be32toh(big));
}

int64_t JuteReader::Long() {
  uint64_t big = 0;
  const absl::string_view bytes = Take(sizeof big);
  if (!bytes.empty()) memcpy(&big, bytes.data(), sizeof big);
  return static_cast<int64_t>(be64toh(big));
}

bool JuteReader::Bool() {
  const absl::string_view bytes = Take(1);
  return !bytes.empty() && bytes[0] != 0;
}

absl::string_view JuteReader::Bytes() {
  const int32_t size = Int();
  return size <= 0 ? absl::string_view() : Take(static_cast<size_t>(size));  // -1: none
}

}  // namespace rollcall::bench
