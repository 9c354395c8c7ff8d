#include "client-sdk/src/cache_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/crc32c.h"
#include "client-sdk/base/status_macros.h"

namespace rollcall::sdk {
namespace {

constexpr size_t kMostBytes = 256 << 20;

absl::Status Failed(const char* what, const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat(what, " ", path));
}

// Readable, and unlike for unlike names.
std::string FileName(const std::string& client_name, const std::string& name_space) {
  std::string readable = absl::StrCat(client_name, "-", name_space);
  for (char& c : readable) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '.') c = '_';
  }
  const std::string exact = absl::StrCat(client_name, "\n", name_space);
  return absl::StrCat(readable.substr(0, 100), "-", absl::Hex(base::Crc32c(exact), absl::kZeroPad8),
                      ".views");
}

// Closes at the end of the scope.
class File {
 public:
  File(const std::string& path, int flags) : fd_(open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }

 private:
  const int fd_;
};

absl::Status WriteSynced(const std::string& path, const std::string& bytes) {
  File file(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (file.fd() < 0) return Failed("open", path);
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t n = write(file.fd(), bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Failed("write", path);
    done += static_cast<size_t>(n);
  }
  return fsync(file.fd()) == 0 ? absl::OkStatus() : Failed("fsync", path);
}

}  // namespace

CacheFile::CacheFile(const std::string& directory, const std::string& client_name,
                     const std::string& name_space)
    : directory_(directory),
      path_(absl::StrCat(directory, "/", FileName(client_name, name_space))) {}

absl::StatusOr<std::string> CacheFile::Load() const {
  File file(path_, O_RDONLY);
  if (file.fd() < 0) return Failed("open", path_);
  std::string bytes;
  char buffer[1 << 16];
  while (true) {
    const ssize_t n = read(file.fd(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Failed("read", path_);
    if (n == 0) return bytes;
    bytes.append(buffer, static_cast<size_t>(n));
    if (bytes.size() > kMostBytes) return absl::DataLossError(absl::StrCat(path_, " is too large"));
  }
}

absl::Status CacheFile::Save(const std::string& blob) const {
  std::error_code error;
  std::filesystem::create_directories(directory_, error);  // If that failed, open tells.
  const std::string fresh = absl::StrCat(path_, ".", getpid(), ".new");
  if (absl::Status status = WriteSynced(fresh, blob); !status.ok()) {
    unlink(fresh.c_str());
    return status;
  }
  if (rename(fresh.c_str(), path_.c_str()) != 0) {
    unlink(fresh.c_str());
    return Failed("rename", path_);
  }
  File directory(directory_, O_RDONLY | O_DIRECTORY);
  if (directory.fd() < 0 || fsync(directory.fd()) != 0) return Failed("fsync", directory_);
  return absl::OkStatus();
}

}  // namespace rollcall::sdk
