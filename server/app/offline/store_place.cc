#include "server/app/offline/store_place.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"

namespace rollcall::app {
namespace {

namespace fs = std::filesystem;

absl::Status Failed(absl::string_view what, const std::string& path, int error) {
  return absl::FailedPreconditionError(
      absl::StrCat("cannot ", what, " ", path, ": ", strerror(error)));
}

// A directory that was made for a store which never began is none.
absl::StatusOr<bool> HoldsStore(const std::string& path) {
  std::error_code error;
  const bool there = fs::exists(fs::path(path) / "CURRENT", error);
  if (error) return Failed("look into", path, error.value());
  return there;
}

absl::Status RemoveAll(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error) && !error) return absl::OkStatus();
  // Refuses what is not ours, and what another restore is writing.
  ASSIGN_OR_RETURN(const auto held, store::DataDirectory::Hold(path));
  fs::remove_all(path, error);
  return error ? Failed("remove", path, error.value()) : absl::OkStatus();
}

absl::Status SyncNames(const std::string& path) {
  const std::string parent = fs::path(path).parent_path().string();
  const int fd = ::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return Failed("open", parent, errno);
  const int result = ::fsync(fd);
  const int error = errno;
  ::close(fd);
  return result == 0 || error == EINVAL ? absl::OkStatus() : Failed("sync", parent, error);
}

absl::Status Rename(const std::string& from, const std::string& to, unsigned flags) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags) == 0) {
    return absl::OkStatus();
  }
  return Failed(absl::StrCat("rename ", from, " to"), to, errno);
}

}  // namespace

absl::StatusOr<StorePlace> StorePlace::Take(const std::string& store, const std::string& beside,
                                            bool may_move) {
  std::unique_ptr<store::DataDirectory> old;
  std::error_code error;
  if (fs::exists(store, error)) {
    ASSIGN_OR_RETURN(old, store::DataDirectory::Hold(store));
    ASSIGN_OR_RETURN(const bool holds, HoldsStore(store));
    if (holds && !may_move) {
      return absl::FailedPreconditionError(
          absl::StrCat("data directory \"", store,
                       "\" holds a store; name another --data, or move it aside with --force"));
    }
  }
  RETURN_IF_ERROR(RemoveAll(beside));
  return StorePlace(store, beside, std::move(old));
}

absl::StatusOr<std::string> StorePlace::Swap(absl::Time now) {
  if (old_ == nullptr) {
    RETURN_IF_ERROR(Rename(beside_, store_, RENAME_NOREPLACE));
    RETURN_IF_ERROR(SyncNames(store_));
    return std::string();
  }
  // First the name that the old store will have, then both change places in one step: at no moment
  // is there none, and no name that a later restore clears away is the old store's.
  const std::string aside = absl::StrCat(
      store_, ".before-", absl::FormatTime("%Y%m%dT%H%M%SZ", now, absl::UTCTimeZone()));
  RETURN_IF_ERROR(Rename(beside_, aside, RENAME_NOREPLACE));
  if (const absl::Status status = Rename(aside, store_, RENAME_EXCHANGE); !status.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat(status.message(), "; the restored store is complete in ", aside, ": move ",
                     store_, " away and that there by hand"));
  }
  RETURN_IF_ERROR(SyncNames(store_));
  return aside;
}

}  // namespace rollcall::app
