#include "server/backup/file_reader.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"

namespace rollcall::backup {

absl::Status FileReader::Altered(absl::string_view what) const {
  return absl::DataLossError(absl::StrCat("was altered or torn: ", what, "; use another backup"));
}

absl::Status FileReader::Feed(absl::string_view bytes, Sink sink) {
  bytes_ += bytes.size();
  rest_.append(bytes.data(), bytes.size());
  absl::string_view unread = rest_;
  while (true) {
    const size_t before = unread.size();
    absl::StatusOr<bool> step = Step(unread, sink);
    if (!step.ok()) return step.status();
    if (!*step) break;
    read_ += before - unread.size();
  }
  rest_.erase(0, rest_.size() - unread.size());
  return absl::OkStatus();
}

absl::StatusOr<bool> FileReader::Step(absl::string_view& unread, Sink sink) {
  if (ended_) {
    if (unread.empty()) return false;
    return Altered("there are bytes after its end");
  }
  if (!preamble_read_) {
    if (unread.size() < format::kPreambleBytes) return false;
    RETURN_IF_ERROR(format::CheckPreamble(unread));
    preamble_read_ = true;
    digest_.Add(unread.substr(0, format::kPreambleBytes));
    unread.remove_prefix(format::kPreambleBytes);
    return true;
  }
  if (unread.size() < format::kFrameHeadBytes) return false;
  const absl::StatusOr<format::FrameHead> head = format::DecodeFrameHead(unread);
  if (!head.ok()) return Altered(absl::StrCat(head.status().message(), " at byte ", read_));
  const size_t size = format::kFrameHeadBytes + head->length;
  if (unread.size() < size) return false;
  // The digest stands at the end of the last frame and is not part of what it covers.
  const bool end = head->kind == format::Kind::kEnd;
  digest_.Add(unread.substr(0, end ? format::kFrameHeadBytes + format::kCountBytes : size));
  RETURN_IF_ERROR(OnFrame(head->kind, unread.substr(format::kFrameHeadBytes, head->length), sink));
  unread.remove_prefix(size);
  return true;
}

absl::Status FileReader::OnFrame(format::Kind kind, absl::string_view payload, Sink sink) {
  if ((kind == format::Kind::kHeader) == header_.has_value()) {
    return Altered("its parts are out of order");
  }
  switch (kind) {
    case format::Kind::kHeader: {
      absl::StatusOr<Header> header = format::DecodeHeader(payload);
      if (!header.ok()) return Altered(header.status().message());
      header_ = *std::move(header);
      return absl::OkStatus();
    }
    case format::Kind::kRecord:
      return OnRecord(payload, sink);
    case format::Kind::kEnd:
      return OnEnd(payload);
  }
  return absl::OkStatus();
}

absl::Status FileReader::OnRecord(absl::string_view payload, Sink sink) {
  absl::StatusOr<Record> record = format::DecodeRecord(payload);
  if (!record.ok()) return Altered(record.status().message());
  if (records_ > 0 && record->key <= last_key_) return Altered("its records are out of order");
  last_key_ = record->key;
  ++records_;
  sink(*std::move(record));
  return absl::OkStatus();
}

absl::Status FileReader::OnEnd(absl::string_view payload) {
  const absl::string_view digest = payload.substr(format::kCountBytes);
  if (digest != absl::string_view(digest_.Finish())) return Altered("its checksum does not match");
  if (format::DecodeCount(payload) != records_) return Altered("records are missing");
  ended_ = true;
  return absl::OkStatus();
}

absl::Status FileReader::Finish() const {
  if (ended_) return absl::OkStatus();
  if (bytes_ == 0) return absl::InvalidArgumentError("is empty: it is not a backup of Rollcall");
  if (!preamble_read_) return absl::InvalidArgumentError("is not a backup of Rollcall");
  return absl::DataLossError(absl::StrCat("is incomplete: it breaks off after ", bytes_,
                                          " bytes and ", records_, " records; use another backup"));
}

}  // namespace rollcall::backup
