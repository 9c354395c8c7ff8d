#include "server/backup/format.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"

namespace rollcall::backup::format {
namespace {

void Append(std::string& out, uint64_t number, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(number >> shift));
  }
}

void AppendText(std::string& out, absl::string_view text) {
  Append(out, text.size(), 4);
  out.append(text.data(), text.size());
}

uint64_t NumberAt(absl::string_view bytes, size_t count) {
  uint64_t number = 0;
  for (size_t i = 0; i < count; ++i) number = number << 8 | static_cast<unsigned char>(bytes[i]);
  return number;
}

// Takes from the front; false if there are too few bytes.
bool Take(absl::string_view& bytes, uint64_t& number) {
  if (bytes.size() < 8) return false;
  number = NumberAt(bytes, 8);
  bytes.remove_prefix(8);
  return true;
}
bool TakeText(absl::string_view& bytes, std::string& text) {
  if (bytes.size() < 4) return false;
  const uint64_t size = NumberAt(bytes, 4);
  bytes.remove_prefix(4);
  if (bytes.size() < size) return false;
  text = std::string(bytes.substr(0, size));
  bytes.remove_prefix(size);
  return true;
}

}  // namespace

std::string EncodePreamble() {
  std::string out(kMagic, kMagicBytes);
  Append(out, kFormat, 4);
  return out;
}

absl::Status CheckPreamble(absl::string_view bytes) {
  if (bytes.substr(0, kMagicBytes) != absl::string_view(kMagic, kMagicBytes)) {
    return absl::InvalidArgumentError("is not a backup of Rollcall");
  }
  const uint64_t format = NumberAt(bytes.substr(kMagicBytes), 4);
  if (format >= 1 && format <= kFormat) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("is a backup of format ", format, ", and this program reads formats up to ",
                   kFormat, ": use the version that made it, or a newer one"));
}

std::string EncodeFrameHead(Kind kind, size_t length) {
  std::string out(1, static_cast<char>(kind));
  Append(out, length, 4);
  return out;
}

absl::StatusOr<FrameHead> DecodeFrameHead(absl::string_view bytes) {
  const Kind kind = static_cast<Kind>(bytes[0]);
  const size_t length = NumberAt(bytes.substr(1), 4);
  const bool known = kind == Kind::kHeader || kind == Kind::kRecord || kind == Kind::kEnd;
  const bool fits = kind == Kind::kEnd ? length > kCountBytes : true;
  if (!known || !fits || length > kMaxFrameBytes) {
    return absl::DataLossError("something that no backup holds stands");
  }
  return FrameHead{kind, length};
}

std::string EncodeHeader(const Header& header) {
  std::string out;
  Append(out, header.revision.value(), 8);
  Append(out, static_cast<uint64_t>(absl::ToUnixNanos(header.time)), 8);
  AppendText(out, header.store.value());
  AppendText(out, header.program);
  return out;
}

absl::StatusOr<Header> DecodeHeader(absl::string_view payload) {
  uint64_t revision = 0;
  uint64_t nanos = 0;
  std::string store;
  Header header;
  if (!Take(payload, revision) || !Take(payload, nanos) || !TakeText(payload, store) ||
      !TakeText(payload, header.program) || !payload.empty()) {
    return absl::DataLossError("its header does not decode");
  }
  header.revision = Revision(revision);
  header.time = absl::FromUnixNanos(static_cast<int64_t>(nanos));
  header.store = StoreId(std::move(store));
  return header;
}

std::string EncodeRecord(const Record& record) {
  std::string out;
  out.reserve(12 + record.key.size() + record.value.size());
  Append(out, record.revision.value(), 8);
  AppendText(out, record.key);
  out += record.value;
  return out;
}

absl::StatusOr<Record> DecodeRecord(absl::string_view payload) {
  uint64_t revision = 0;
  Record record;
  if (!Take(payload, revision) || !TakeText(payload, record.key) || record.key.empty()) {
    return absl::DataLossError("a record does not decode");
  }
  record.revision = Revision(revision);
  record.value = std::string(payload);
  return record;
}

std::string EncodeCount(uint64_t records) {
  std::string out;
  Append(out, records, 8);
  return out;
}

uint64_t DecodeCount(absl::string_view bytes) { return NumberAt(bytes, kCountBytes); }

}  // namespace rollcall::backup::format
