#include "server/store/embedded/mend_logs.h"

#include <rocksdb/env.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client-sdk/base/status_macros.h"
#include "server/store/embedded/log_check.h"

namespace rollcall::store {
namespace {

// Holds the name of the manifest in use and the end of a line.
constexpr char kCurrent[] = "CURRENT";

absl::StatusOr<std::string> Read(rocksdb::Env& env, const std::string& path) {
  std::string bytes;
  const rocksdb::Status status = rocksdb::ReadFileToString(&env, path, &bytes);
  if (status.ok()) return bytes;
  return absl::UnavailableError(absl::StrCat(path, ": ", status.ToString()));
}

// What a flush or a compaction changes in the manifest is up to three records with one sync (as
// RocksDB 7.8.3 was seen to write it), and one more if both end at once.
constexpr size_t kManifestTogether = 4;

// Cut where it stands: RocksDB's own Env::Truncate is not there on a disk. Not synced: RocksDB
// writes what it read anew before anything is added to it, and until then the same is found again.
absl::Status Cut(rocksdb::Env& env, const std::string& path, size_t size) {
  rocksdb::EnvOptions options;
  options.use_mmap_writes = false;
  std::unique_ptr<rocksdb::WritableFile> file;
  rocksdb::Status status = env.ReopenWritableFile(path, &file, options);
  if (status.ok()) status = file->Truncate(size);
  if (status.ok()) status = file->Close();
  if (status.ok()) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(path, ": ", status.ToString()));
}

absl::Status Mend(rocksdb::Env& env, const std::string& path, size_t together) {
  ASSIGN_OR_RETURN(const std::string log, Read(env, path));
  const absl::StatusOr<size_t> whole = CheckLog(log, together);
  if (!whole.ok()) {
    return absl::DataLossError(absl::StrCat(path, " ", whole.status().message()));
  }
  if (*whole == log.size()) return absl::OkStatus();
  return Cut(env, path, *whole);
}

bool HoldsData(const std::string& name) {
  return absl::EndsWith(name, ".sst") || absl::EndsWith(name, ".log");
}

absl::StatusOr<std::string> ManifestIn(rocksdb::Env& env, const std::string& directory) {
  ASSIGN_OR_RETURN(const std::string current, Read(env, absl::StrCat(directory, "/", kCurrent)));
  absl::string_view number = current;
  const bool framed =
      absl::ConsumePrefix(&number, "MANIFEST-") && absl::ConsumeSuffix(&number, "\n");
  if (!framed || number.empty() ||
      !std::all_of(number.begin(), number.end(), absl::ascii_isdigit)) {
    return absl::DataLossError(absl::StrCat(directory, "/", kCurrent, " is damaged"));
  }
  std::string path = absl::StrCat(directory, "/", absl::StripSuffix(current, "\n"));
  if (env.FileExists(path).IsNotFound()) {
    return absl::DataLossError(absl::StrCat(path, " is missing"));
  }
  return path;
}

}  // namespace

absl::Status MendLogs(rocksdb::Env& env, const std::string& directory, bool all) {
  std::vector<std::string> names;
  const rocksdb::Status listed = env.GetChildren(directory, &names);
  if (!listed.ok()) {
    return absl::UnavailableError(absl::StrCat(directory, ": ", listed.ToString()));
  }
  if (std::find(names.begin(), names.end(), kCurrent) == names.end()) {
    // RocksDB would begin an empty database beside what is left of this one.
    if (std::none_of(names.begin(), names.end(), HoldsData)) return absl::OkStatus();
    return absl::DataLossError(absl::StrCat(directory, "/", kCurrent, " is missing"));
  }
  ASSIGN_OR_RETURN(const std::string manifest, ManifestIn(env, directory));
  RETURN_IF_ERROR(Mend(env, manifest, kManifestTogether));
  for (const std::string& name : names) {
    if (!all || !absl::EndsWith(name, ".log")) continue;
    RETURN_IF_ERROR(Mend(env, absl::StrCat(directory, "/", name), 1));
  }
  return absl::OkStatus();
}

}  // namespace rollcall::store
