#include "server/app/data_folder.h"

#include <stdlib.h>
#include <sys/un.h>

#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"
#include "server/app/atomic_file.h"
#include "server/model/name_rules.h"

namespace rollcall::app {

namespace fs = std::filesystem;

absl::StatusOr<DataFolder> DataFolder::Open(const std::string& path) {
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error);
  if (!error && !fs::exists(absolute)) {
    fs::create_directories(absolute, error);
    if (!error) fs::permissions(absolute, fs::perms::owner_all, error);
  }
  if (error || !fs::is_directory(absolute)) {
    return absl::InvalidArgumentError(absl::StrCat("--data: cannot make or use the directory \"",
                                                   path, "\"",
                                                   error ? ": " + error.message() : std::string()));
  }
  return DataFolder(absolute.string());
}

absl::StatusOr<std::string> DataFolder::SelfSocket() const {
  std::string socket = path_ + "/self.sock";
  if (socket.size() >= sizeof(sockaddr_un::sun_path)) {
    char directory[] = "/tmp/rollcalld-XXXXXX";
    if (mkdtemp(directory) == nullptr) {
      return absl::UnavailableError("cannot make a private directory under /tmp");
    }
    socket = absl::StrCat(directory, "/self.sock");
  }
  std::error_code ignored;
  fs::remove(socket, ignored);  // Left by a process that died.
  return socket;
}

void DataFolder::RemoveSelfSocket(const std::string& socket) const {
  std::error_code ignored;
  fs::remove(socket, ignored);
  const fs::path directory = fs::path(socket).parent_path();
  if (directory != fs::path(path_)) fs::remove(directory, ignored);
}

absl::StatusOr<NodeId> DataFolder::Identity(const std::string& wish, base::Random& random) const {
  const std::string file = path_ + "/node_id";
  std::string kept;
  std::getline(std::ifstream(file), kept);
  kept = std::string(absl::StripAsciiWhitespace(kept));
  const std::string id = !wish.empty()   ? wish
                         : !kept.empty() ? kept
                                         : absl::StrCat("node-", random.Hex128().substr(0, 8));
  if (wish.empty() && !kept.empty()) {
    RETURN_IF_ERROR(CheckName(kept, absl::StrCat("node id in \"", file, "\"")));
  }
  if (id != kept) RETURN_IF_ERROR(WriteFileAtomically(file, id + "\n"));
  return NodeId(id);
}

}  // namespace rollcall::app
