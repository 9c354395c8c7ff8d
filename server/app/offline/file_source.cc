#include "server/app/offline/file_source.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"
#include "server/backup/file_reader.h"

namespace rollcall::app {
namespace {

constexpr size_t kPiece = 256 << 10;

class FileReading final : public backup::Reading {
 public:
  FileReading(std::string path, int file) : path_(std::move(path)), file_(file) {}
  ~FileReading() override { ::close(file_); }

  // From the beginning on, up to the header; after it, `header` stands.
  absl::Status Begin() {
    reader_.emplace();
    records_.clear();
    ended_ = false;
    if (::lseek(file_, 0, SEEK_SET) != 0) return Failed("read");
    while (!reader_->header() && !ended_) RETURN_IF_ERROR(Step());
    return absl::OkStatus();
  }
  absl::Status CheckAll() {
    RETURN_IF_ERROR(Begin());
    while (!ended_) {
      RETURN_IF_ERROR(Step());
      records_.clear();
    }
    return absl::OkStatus();
  }

  const backup::Header& header() const override { return *reader_->header(); }

  absl::StatusOr<std::vector<backup::Record>> Next(size_t bytes) override {
    size_t size = 0;
    size_t seen = 0;
    while (true) {
      for (; seen < records_.size(); ++seen) {
        size += records_[seen].key.size() + records_[seen].value.size();
      }
      if (ended_ || size >= bytes) return std::exchange(records_, {});
      RETURN_IF_ERROR(Step());
    }
  }

 private:
  absl::Status Failed(absl::string_view what) const {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot ", what, " ", path_, ": ", strerror(errno)));
  }
  // What the reader says of the file, with its name.
  absl::Status Named(const absl::Status& status) const {
    if (status.ok()) return status;
    return absl::Status(status.code(), absl::StrCat(path_, " ", status.message()));
  }
  absl::Status Step() {
    buffer_.resize(kPiece);
    const ssize_t read = ::read(file_, buffer_.data(), buffer_.size());
    if (read < 0 && errno == EINTR) return absl::OkStatus();
    if (read < 0) return Failed("read");
    ended_ = read == 0;
    if (ended_) return Named(reader_->Finish());
    return Named(
        reader_->Feed(absl::string_view(buffer_.data(), static_cast<size_t>(read)),
                      [&](backup::Record record) { records_.push_back(std::move(record)); }));
  }

  const std::string path_;
  const int file_;
  std::string buffer_;
  std::optional<backup::FileReader> reader_;  // anew at each beginning
  std::vector<backup::Record> records_;       // read, and not yet handed out
  bool ended_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<backup::Reading>> FileSource::Open() const {
  const int file = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return absl::NotFoundError(absl::StrCat("cannot open ", path_, ": ", strerror(errno)));
  }
  auto reading = std::make_unique<FileReading>(path_, file);
  RETURN_IF_ERROR(reading->CheckAll());
  RETURN_IF_ERROR(reading->Begin());
  return std::unique_ptr<backup::Reading>(std::move(reading));
}

}  // namespace rollcall::app
