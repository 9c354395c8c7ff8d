// FileReader: reads a backup file as its bytes come, and trusts none of them: what it hands out is
// known to be whole and unaltered only when Finish() has said so.
//
// Errors say what is wrong with the file, to be put after its name: "is incomplete: …".
// INVALID_ARGUMENT: it is no backup. FAILED_PRECONDITION: a newer program made it. DATA_LOSS: it is
// torn or altered. Holds one record at most. Thread-compatible; pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/backup/format.h"
#include "server/backup/record.h"
#include "server/backup/sha256.h"

namespace rollcall::backup {

class FileReader {
 public:
  using Sink = absl::FunctionRef<void(Record)>;

  // The next bytes of the file, however cut. After an error nothing more may be fed.
  absl::Status Feed(absl::string_view bytes, Sink sink);
  // There are no more bytes.
  absl::Status Finish() const;

  // Set once it was read.
  const std::optional<Header>& header() const { return header_; }
  uint64_t records() const { return records_; }
  uint64_t bytes() const { return bytes_; }

 private:
  // Takes one piece off the front of `unread`; false if it is not all there yet.
  absl::StatusOr<bool> Step(absl::string_view& unread, Sink sink);
  absl::Status OnFrame(format::Kind kind, absl::string_view payload, Sink sink);
  absl::Status OnRecord(absl::string_view payload, Sink sink);
  absl::Status OnEnd(absl::string_view payload);
  absl::Status Altered(absl::string_view what) const;

  std::string rest_;  // of what was fed, not yet read
  Sha256 digest_;
  std::optional<Header> header_;
  std::string last_key_;
  uint64_t records_ = 0;
  uint64_t bytes_ = 0;  // fed
  uint64_t read_ = 0;
  bool preamble_read_ = false;
  bool ended_ = false;
};

}  // namespace rollcall::backup
