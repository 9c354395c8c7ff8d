// The format, from RocksDB's wiki, "Write Ahead Log File Format": blocks of 32 KiB; in them
// fragments, none across the end of a block: masked CRC-32C of type and payload (4 bytes), length
// of the payload (2), type (1), payload; little-endian. A record is one fragment, or a first, any
// number in the middle and a last one. Less than a head's room at the end of a block stays empty.
#include "server/store/embedded/log_check.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/crc32c.h"

namespace rollcall::store {
namespace {

constexpr size_t kBlockBytes = 32 << 10;
constexpr size_t kHeadBytes = 7;
constexpr size_t kSectorBytes = 512;
constexpr size_t kLengthBits = 16;

enum class FragmentKind : uint8_t { kWhole = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

using base::Crc32c;

constexpr uint32_t Shift(uint32_t crc) { return (crc >> 8) ^ base::kCrc32cTable[crc & 0xff]; }

constexpr uint32_t kMaskDelta = 0xa282ead8u;
uint32_t Mask(uint32_t crc) { return std::rotr(crc, 15) + kMaskDelta; }
uint32_t Unmask(uint32_t masked) { return std::rotl(masked - kMaskDelta, 15); }

// What stands at a place in a block, taken for a fragment.
class Fragment {
 public:
  Fragment(absl::string_view log, size_t at)
      : in_file_(log.substr(at)), in_block_(kBlockBytes - at % kBlockBytes) {}

  bool has_head() const { return in_file_.size() >= kHeadBytes; }
  size_t length() const { return Number(4, 2); }
  FragmentKind kind() const { return static_cast<FragmentKind>(in_file_[6]); }
  size_t bytes() const { return kHeadBytes + length(); }
  bool IsWhole() const { return has_head() && Fits(length()) && Checks(length()); }
  // By the end of the file alone.
  bool IsCut() const { return !has_head() || (FitsBlock(length()) && bytes() > in_file_.size()); }

  bool IsWholeButForOneBit() const {
    if (!has_head()) return false;
    for (size_t bit = 0; bit < kLengthBits; ++bit) {
      const size_t other = length() ^ (size_t{1} << bit);
      if (Fits(other) && Checks(other)) return true;
    }
    if (!Fits(length())) return false;
    const uint32_t found = Crc32c(Covered(length()));
    if (std::has_single_bit(Mask(found) ^ stored())) return true;
    return OneBitMakes(found ^ Unmask(stored()), Covered(length()).size());
  }

 private:
  uint32_t Number(size_t at, size_t size) const {
    uint32_t number = 0;
    for (size_t i = size; i-- > 0;) number = number << 8 | static_cast<uint8_t>(in_file_[at + i]);
    return number;
  }
  uint32_t stored() const { return Number(0, 4); }
  bool FitsBlock(size_t length) const { return kHeadBytes + length <= in_block_; }
  bool Fits(size_t length) const {
    return FitsBlock(length) && kHeadBytes + length <= in_file_.size();
  }
  absl::string_view Covered(size_t length) const {
    return in_file_.substr(kHeadBytes - 1, 1 + length);
  }
  bool Checks(size_t length) const { return Mask(Crc32c(Covered(length))) == stored(); }

  // A CRC is linear: what a flipped bit changes in it depends only on how far from the end it is.
  static bool OneBitMakes(uint32_t difference, size_t bytes) {
    std::array<uint32_t, 8> made;
    for (size_t bit = 0; bit < made.size(); ++bit) made[bit] = base::kCrc32cTable[size_t{1} << bit];
    for (size_t from_end = 0; from_end < bytes; ++from_end) {
      for (uint32_t& one : made) {
        if (one == difference) return true;
        one = Shift(one);
      }
    }
    return false;
  }

  const absl::string_view in_file_;
  const size_t in_block_;
};

bool IsEmpty(absl::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == '\0'; });
}

// How many records begin, whole, from `at` on: what stands before the last `together` of them was
// synced before they were.
size_t RecordsFrom(absl::string_view log, size_t at, size_t most) {
  size_t records = 0;
  while (at + kHeadBytes <= log.size() && records < most) {
    const Fragment fragment(log, at);
    const bool begins =
        fragment.kind() == FragmentKind::kWhole || fragment.kind() == FragmentKind::kFirst;
    const bool whole = begins && fragment.length() > 0 && fragment.IsWhole();
    records += whole ? 1 : 0;
    at += whole ? fragment.bytes() : 1;
  }
  return records;
}

// Of the sectors from `at` on, as far as they are from there on.
bool HasEmptySector(absl::string_view log, size_t at) {
  while (at < log.size()) {
    const size_t end = (at / kSectorBytes + 1) * kSectorBytes;
    if (IsEmpty(log.substr(at, end - at))) return true;
    at = end;
  }
  return false;
}

bool IsTorn(absl::string_view log, size_t at, size_t together) {
  const Fragment fragment(log, at);
  if (fragment.IsWholeButForOneBit()) return false;
  if (RecordsFrom(log, at + 1, together) >= together) return false;
  return fragment.IsCut() || HasEmptySector(log, at);
}

}  // namespace

absl::StatusOr<size_t> CheckLog(absl::string_view log, size_t together) {
  size_t whole = 0;
  size_t at = 0;
  while (at < log.size()) {
    const size_t in_block = kBlockBytes - at % kBlockBytes;
    if (in_block < kHeadBytes) {
      at += in_block;
      continue;
    }
    const Fragment fragment(log, at);
    if (!fragment.IsWhole()) {
      if (IsTorn(log, at, together)) return whole;
      return absl::DataLossError(absl::StrCat("is damaged at byte ", at, " of ", log.size()));
    }
    at += fragment.bytes();
    const bool goes_on =
        fragment.kind() == FragmentKind::kFirst || fragment.kind() == FragmentKind::kMiddle;
    if (!goes_on) whole = at;
  }
  return whole;
}

}  // namespace rollcall::store
