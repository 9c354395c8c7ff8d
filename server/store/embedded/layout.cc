#include "server/store/embedded/layout.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"

namespace rollcall::store::layout {
namespace {

constexpr size_t kNumberBytes = 8;
constexpr char kValueFollows = 1;
constexpr char kPurged = 0;

uint64_t NumberAt(absl::string_view bytes) {
  uint64_t number = 0;
  for (size_t i = 0; i < kNumberBytes; ++i) {
    number = number << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return number;
}

void Append(std::string& out, uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(number >> shift));
}

absl::Status Bad(absl::string_view what, absl::string_view bytes) {
  return absl::DataLossError(absl::StrCat(what, " of ", bytes.size(), " bytes does not decode"));
}

// Takes a number from the front; false if there are too few bytes.
bool Take(absl::string_view& bytes, uint64_t& number) {
  if (bytes.size() < kNumberBytes) return false;
  number = NumberAt(bytes);
  bytes.remove_prefix(kNumberBytes);
  return true;
}

// The first key after all that begin with `prefix`; empty: there is none.
std::string After(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xff') prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(prefix.back() + 1);
  return prefix;
}

std::string WithEnd(absl::string_view key) {
  std::string out(key);
  out.push_back(kKeyEnd);
  return out;
}

}  // namespace

std::string EncodeNumber(uint64_t number) {
  std::string out;
  Append(out, number);
  return out;
}

absl::StatusOr<uint64_t> DecodeNumber(absl::string_view bytes) {
  if (bytes.size() != kNumberBytes) return Bad("a number", bytes);
  return NumberAt(bytes);
}

std::string EncodeRecord(Revision revision, absl::string_view value) {
  std::string out;
  out.reserve(kNumberBytes + value.size());
  Append(out, revision.value());
  out.append(value.data(), value.size());
  return out;
}

absl::StatusOr<StandingRecord> DecodeRecord(absl::string_view bytes) {
  uint64_t revision = 0;
  if (!Take(bytes, revision)) return Bad("a record", bytes);
  return StandingRecord{Revision(revision), std::string(bytes)};
}

std::string VersionKey(absl::string_view key, Revision revision) {
  std::string out = WithEnd(key);
  Append(out, revision.value());
  return out;
}

std::string EncodeVersion(const std::optional<std::string>& value) {
  if (!value) return std::string(1, kPurged);
  std::string out(1, kValueFollows);
  out += *value;
  return out;
}

absl::StatusOr<Version> DecodeVersion(absl::string_view key, absl::string_view bytes) {
  if (key.size() < kNumberBytes + 1 || key[key.size() - kNumberBytes - 1] != kKeyEnd) {
    return Bad("a version's key", key);
  }
  const bool follows = !bytes.empty() && bytes[0] == kValueFollows;
  const bool purged = bytes.size() == 1 && bytes[0] == kPurged;
  if (!follows && !purged) return Bad("a version", bytes);
  Version version;
  version.revision = Revision(NumberAt(key.substr(key.size() - kNumberBytes)));
  version.key = std::string(key.substr(0, key.size() - kNumberBytes - 1));
  if (follows) version.value = std::string(bytes.substr(1));
  return version;
}

ScanRange VersionsBefore(absl::string_view key, Revision before) {
  return {WithEnd(key), VersionKey(key, before)};
}

ScanRange VersionsOf(absl::string_view key) { return Under(WithEnd(key)); }

ScanRange Under(absl::string_view prefix) {
  return {std::string(prefix), After(std::string(prefix))};
}

std::string RevisionKey(Revision revision) { return EncodeNumber(revision.value()); }

absl::StatusOr<Revision> DecodeRevisionKey(absl::string_view bytes) {
  ASSIGN_OR_RETURN(const uint64_t number, DecodeNumber(bytes));
  return Revision(number);
}

std::string EncodeRevision(const RevisionEntry& entry) {
  std::string out;
  Append(out, static_cast<uint64_t>(absl::ToUnixNanos(entry.time)));
  Append(out, entry.total_bytes);
  for (const std::string& key : entry.keys) out += WithEnd(key);
  return out;
}

absl::StatusOr<RevisionEntry> DecodeRevision(absl::string_view bytes) {
  const absl::string_view whole = bytes;
  RevisionEntry entry;
  uint64_t nanos = 0;
  if (!Take(bytes, nanos) || !Take(bytes, entry.total_bytes)) return Bad("a revision", whole);
  entry.time = absl::FromUnixNanos(static_cast<int64_t>(nanos));
  while (!bytes.empty()) {
    const size_t end = bytes.find(kKeyEnd);
    if (end == absl::string_view::npos) return Bad("a revision", whole);
    entry.keys.emplace_back(bytes.substr(0, end));
    bytes.remove_prefix(end + 1);
  }
  return entry;
}

ScanRange RevisionsAfter(Revision after) { return {RevisionKey(Revision(after.value() + 1)), ""}; }

std::string EncodeFloor(const Floor& floor) {
  std::string out;
  Append(out, floor.at.revision.value());
  Append(out, static_cast<uint64_t>(absl::ToUnixNanos(floor.at.time)));
  Append(out, floor.total_bytes);
  return out;
}

absl::StatusOr<Floor> DecodeFloor(absl::string_view bytes) {
  const absl::string_view whole = bytes;
  uint64_t revision = 0;
  uint64_t nanos = 0;
  Floor floor;
  if (!Take(bytes, revision) || !Take(bytes, nanos) || !Take(bytes, floor.total_bytes) ||
      !bytes.empty()) {
    return Bad("the history floor", whole);
  }
  floor.at = {Revision(revision), absl::FromUnixNanos(static_cast<int64_t>(nanos))};
  return floor;
}

}  // namespace rollcall::store::layout
