#include "server/app/config/ready_place.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace rollcall::config {
namespace {

namespace fs = std::filesystem;

absl::Status Bad(const Config& config, absl::string_view rule) {
  return absl::InvalidArgumentError(absl::StrCat("ready-file: \"", config.ready_file, "\" ", rule));
}

// Absolute, without "..", links followed as far as the path exists, and no slash at the end.
fs::path Plain(const std::string& path) {
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error);
  const fs::path plain = fs::weakly_canonical(absolute, error);
  const fs::path& known = error ? absolute : plain;
  return known.has_filename() ? known : known.parent_path();
}

// Whether making `made` makes `directory`: it is `made` itself or above it.
bool IsMadeWith(const fs::path& directory, const fs::path& made) {
  return std::mismatch(directory.begin(), directory.end(), made.begin(), made.end()).first ==
         directory.end();
}

}  // namespace

absl::Status CheckReadyPlace(const Config& config) {
  if (config.ready_file.empty()) return absl::OkStatus();
  std::error_code error;
  if (fs::is_directory(config.ready_file, error)) return Bad(config, "is a directory, not a file");
  const fs::path file(config.ready_file);
  if (!file.has_filename()) return Bad(config, "names no file");
  const std::string directory = file.has_parent_path() ? file.parent_path().string() : ".";
  if (fs::is_directory(directory, error)) return absl::OkStatus();
  const bool free = !fs::exists(directory, error);
  if (free && IsMadeWith(Plain(directory), Plain(config.data))) return absl::OkStatus();
  return Bad(config, absl::StrCat("cannot be written: there is no directory \"", directory, "\""));
}

}  // namespace rollcall::config
