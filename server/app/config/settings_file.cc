#include <fstream>
#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client-sdk/base/status_macros.h"
#include "server/app/config/settings.h"
#include "yaml-cpp/yaml.h"

namespace rollcall::config {
namespace {

absl::Status Bad(const std::string& shown, const YAML::Mark& mark, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(shown, ":", mark.line + 1, ": ", what));
}

absl::StatusOr<std::string> ValueText(const YAML::Node& value) {
  if (value.IsScalar()) return value.Scalar();
  if (!value.IsSequence()) return absl::InvalidArgumentError("needs a value");
  std::vector<std::string> parts;
  for (const YAML::Node& part : value) {
    if (!part.IsScalar()) return absl::InvalidArgumentError("needs a list of plain values");
    parts.push_back(part.Scalar());
  }
  return absl::StrJoin(parts, ",");
}

absl::StatusOr<std::vector<Setting>> FromMap(const YAML::Node& map, const std::string& shown) {
  std::vector<Setting> settings;
  std::set<std::string> seen;
  for (const auto& entry : map) {
    if (!entry.first.IsScalar()) return Bad(shown, entry.first.Mark(), "a key must be a name");
    const std::string name = entry.first.Scalar();
    if (!seen.insert(name).second) {
      return Bad(shown, entry.first.Mark(), absl::StrCat(name, ": stands here twice"));
    }
    auto value = ValueText(entry.second);
    if (!value.ok()) {
      return Bad(shown, entry.first.Mark(), absl::StrCat(name, ": ", value.status().message()));
    }
    settings.push_back({name, *std::move(value), Source::kFile,
                        absl::StrCat(shown, ":", entry.first.Mark().line + 1)});
  }
  return settings;
}

}  // namespace

absl::StatusOr<std::vector<Setting>> ParseSettings(const std::string& yaml,
                                                   const std::string& shown) {
  // yaml-cpp throws; nothing of it leaves this function.
  try {
    const YAML::Node root = YAML::Load(yaml);
    if (root.IsNull()) return std::vector<Setting>{};
    if (!root.IsMap()) return Bad(shown, root.Mark(), "is not a map of option names to values");
    return FromMap(root, shown);
  } catch (const YAML::Exception& error) {
    return Bad(shown, error.mark, error.msg);
  }
}

absl::StatusOr<std::vector<Setting>> ReadSettingsFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat(path, ": cannot be read"));
  std::string yaml(kMaxSettingsFileBytes + 1, '\0');
  file.read(yaml.data(), static_cast<std::streamsize>(yaml.size()));
  if (file.bad() || (file.fail() && !file.eof())) {
    return absl::NotFoundError(absl::StrCat(path, ": cannot be read"));
  }
  yaml.resize(static_cast<size_t>(file.gcount()));
  if (yaml.size() > kMaxSettingsFileBytes) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": is over 1 MiB"));
  }
  return ParseSettings(yaml, path);
}

}  // namespace rollcall::config
