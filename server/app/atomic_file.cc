#include "server/app/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace rollcall::app {
namespace {

absl::Status Failed(const char* what, const std::string& path) {
  return absl::UnavailableError(absl::StrCat("cannot ", what, " ", path, ": ", strerror(errno)));
}

absl::Status WriteAndSync(int file, const std::string& path, const std::string& content) {
  size_t written = 0;
  while (written < content.size()) {
    const ssize_t step = write(file, content.data() + written, content.size() - written);
    if (step < 0 && errno == EINTR) continue;
    if (step < 0) return Failed("write", path);
    written += static_cast<size_t>(step);
  }
  return fsync(file) == 0 ? absl::OkStatus() : Failed("sync", path);
}

}  // namespace

absl::Status WriteFileAtomically(const std::string& path, const std::string& content) {
  const std::string beside = absl::StrCat(path, ".", getpid(), ".tmp");
  const int file = open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return Failed("create", beside);
  absl::Status status = WriteAndSync(file, beside, content);
  close(file);
  if (status.ok() && rename(beside.c_str(), path.c_str()) != 0) status = Failed("rename to", path);
  if (!status.ok()) unlink(beside.c_str());
  return status;
}

}  // namespace rollcall::app
