#include "server/backup/file_writer.h"

#include <utility>

namespace rollcall::backup {

FileWriter::FileWriter(const Header& header) {
  Append(format::EncodePreamble());
  AppendFrame(format::Kind::kHeader, format::EncodeHeader(header));
}

void FileWriter::Append(absl::string_view bytes) {
  digest_.Add(bytes);
  out_.append(bytes.data(), bytes.size());
}

void FileWriter::AppendFrame(format::Kind kind, absl::string_view payload) {
  Append(format::EncodeFrameHead(kind, payload.size()));
  Append(payload);
}

void FileWriter::Add(const Record& record) {
  AppendFrame(format::Kind::kRecord, format::EncodeRecord(record));
  ++records_;
}

void FileWriter::End() {
  Append(format::EncodeFrameHead(format::Kind::kEnd, format::kCountBytes + Sha256::kBytes));
  Append(format::EncodeCount(records_));
  out_ += digest_.Finish();
}

std::string FileWriter::Take() { return std::exchange(out_, std::string()); }

}  // namespace rollcall::backup
