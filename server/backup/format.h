// How a backup file is laid out; in words in docs/storage_format.md. Whatever changes here changes
// kFormat.
//
//   magic (8 bytes), format (4), then frames: kind (1), length (4), payload
//   one kHeader, any number of kRecord in key order, one kEnd, and nothing after it
//
// Pure. Numbers are big-endian. Decoders answer DATA_LOSS for bytes that no encoder made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/backup/record.h"

namespace rollcall::backup::format {

inline constexpr uint32_t kFormat = 1;

// The first byte is no text, and the line ends show a transfer that rewrote them.
inline constexpr char kMagic[] = "\x89RCB\r\n\x1a\n";
inline constexpr size_t kMagicBytes = sizeof(kMagic) - 1;
inline constexpr size_t kPreambleBytes = kMagicBytes + 4;

enum class Kind : char { kHeader = 'H', kRecord = 'R', kEnd = 'E' };
inline constexpr size_t kFrameHeadBytes = 5;
// A record is a message's worth at most; more is no length that was written.
inline constexpr size_t kMaxFrameBytes = 16 << 20;

// Magic and format.
std::string EncodePreamble();
// INVALID_ARGUMENT: this is no backup. FAILED_PRECONDITION: a newer program wrote it.
absl::Status CheckPreamble(absl::string_view bytes);

struct FrameHead {
  Kind kind;
  size_t length;
};
std::string EncodeFrameHead(Kind kind, size_t length);
absl::StatusOr<FrameHead> DecodeFrameHead(absl::string_view bytes);

std::string EncodeHeader(const Header& header);
absl::StatusOr<Header> DecodeHeader(absl::string_view payload);

std::string EncodeRecord(const Record& record);
absl::StatusOr<Record> DecodeRecord(absl::string_view payload);

// The payload of kEnd is the number of records and the digest of every byte before the digest.
inline constexpr size_t kCountBytes = 8;
std::string EncodeCount(uint64_t records);
uint64_t DecodeCount(absl::string_view bytes);

}  // namespace rollcall::backup::format
