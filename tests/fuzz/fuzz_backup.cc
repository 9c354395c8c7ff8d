// The reader of backup files: files as they come, frames with a right checksum, and whole files of
// which a bit is turned or the end is cut off.
#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "server/backup/file_reader.h"
#include "server/backup/file_writer.h"
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/properties.h"

namespace rollcall::fuzz {
namespace {

namespace format = backup::format;

struct ReadBack {
  absl::Status status;
  std::optional<backup::Header> header;
  std::vector<backup::Record> records;
};

ReadBack ReadInPieces(absl::string_view file, size_t piece) {
  backup::FileReader reader;
  ReadBack read;
  const auto keep = [&](backup::Record record) {
    Expect(!record.key.empty(), "a record has a key");
    Expect(read.records.empty() || read.records.back().key < record.key, "records are in order");
    read.records.push_back(std::move(record));
  };
  for (absl::string_view rest = file; read.status.ok() && !rest.empty();) {
    read.status = reader.Feed(rest.substr(0, piece), keep);
    rest.remove_prefix(std::min(piece, rest.size()));
  }
  if (read.status.ok()) read.status = reader.Finish();
  read.header = reader.header();
  Expect(reader.records() == read.records.size(), "what is counted was handed out");
  return read;
}

std::string Write(const backup::Header& header, const std::vector<backup::Record>& records) {
  backup::FileWriter writer(header);
  for (const backup::Record& record : records) writer.Add(record);
  writer.End();
  return writer.Take();
}

void Check(const std::string& file, size_t piece) {
  const ReadBack read = ReadInPieces(file, std::numeric_limits<size_t>::max());
  const ReadBack pieces = ReadInPieces(file, piece);
  Expect(pieces.status == read.status, "however a file is cut, it is judged the same");
  Expect(pieces.records.size() == read.records.size(), "and read the same");
  if (read.status.ok()) {
    Expect(Write(*read.header, read.records) == file, "accepted is only what a writer makes");
    return;
  }
  Expect(absl::IsInvalidArgument(read.status) || absl::IsFailedPrecondition(read.status) ||
             absl::IsDataLoss(read.status),
         "refused with one of the codes that the header names");
  Expect(!read.status.message().empty(), "a refusal says what is wrong");
}

// Whatever stands in the frames, count and checksum are right.
std::string Framed(Bytes& bytes) {
  std::string file = format::EncodePreamble();
  uint64_t records = 0;
  while (!bytes.empty()) {
    const bool record = bytes.Bit();
    records += record ? 1 : 0;
    const std::string payload = bytes.Part();
    file += format::EncodeFrameHead(record ? format::Kind::kRecord : format::Kind::kHeader,
                                    payload.size());
    file += payload;
  }
  file += format::EncodeFrameHead(format::Kind::kEnd, format::kCountBytes + backup::Sha256::kBytes);
  file += format::EncodeCount(records);
  backup::Sha256 digest;
  digest.Add(file);
  return file + digest.Finish();
}

void CheckHarmed(Bytes& bytes) {
  const size_t place = bytes.Number(2);
  const unsigned bit = bytes.Byte() % 8;
  backup::Header header;
  header.store = StoreId(bytes.Part());
  header.revision = Revision(bytes.Number(8));
  header.time = absl::FromUnixNanos(static_cast<int64_t>(bytes.Number(8)));
  std::map<std::string, backup::Record> by_key;
  while (!bytes.empty()) {
    const std::string key = "k" + bytes.Part();
    by_key[key] = {key, bytes.Part(), Revision(bytes.Byte())};
  }
  std::vector<backup::Record> records;
  records.reserve(by_key.size());
  for (auto& [key, record] : by_key) records.push_back(std::move(record));
  std::string file = Write(header, records);
  const ReadBack whole = ReadInPieces(file, 7);
  Expect(whole.status.ok(), "what was written is read");
  Expect(whole.header->store == header.store && whole.header->revision == header.revision &&
             whole.header->time == header.time,
         "its header is the same");
  Expect(!ReadInPieces(file.substr(0, place % file.size()), 64).status.ok(), "a torn file is seen");
  file[place % file.size()] = static_cast<char>(file[place % file.size()] ^ (1 << bit));
  Expect(!ReadInPieces(file, 64).status.ok(), "a turned bit is seen");
}

}  // namespace

FUZZ_TARGET(backup) {
  Bytes bytes(input);
  switch (bytes.Byte() % 3) {
    case 0: {
      const size_t piece = 1 + bytes.Byte();
      return Check(bytes.Rest(), piece);
    }
    case 1: {
      const size_t piece = 1 + bytes.Byte();
      return Check(Framed(bytes), piece);
    }
    default:
      return CheckHarmed(bytes);
  }
}

}  // namespace rollcall::fuzz
