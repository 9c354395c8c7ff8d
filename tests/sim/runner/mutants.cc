#include "tests/sim/runner/mutants.h"

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace rollcall::sim {
namespace {

void AddNamesIn(const std::filesystem::path& path, std::set<std::string>& names) {
  static const std::regex kMade(R"(MUTANT\((\w+)\))");
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    // In words, as in the header that defines it, it is no mutant.
    const std::string code = line.substr(0, line.find("//"));
    if (code.find("#define") != std::string::npos) continue;
    for (std::sregex_iterator at(code.begin(), code.end(), kMade), end; at != end; ++at) {
      names.insert((*at)[1]);
    }
  }
}

}  // namespace

absl::StatusOr<std::vector<Mutant>> ReadMutants(const std::string& path) {
  std::ifstream file(path);
  std::vector<Mutant> mutants;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::vector<std::string> words = absl::StrSplit(line, absl::MaxSplits(' ', 3));
    Mutant mutant;
    if (words.size() < 4 || !absl::SimpleAtoi(words[1], &mutant.most)) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": not \"NAME SEEDS PROFILE what is wrong\": \"", line, "\""));
    }
    mutant.name = words[0];
    mutant.profile = words[2];
    mutants.push_back(std::move(mutant));
  }
  if (mutants.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("\"", path, "\" lists no mutants"));
  }
  return mutants;
}

std::set<std::string> MutantsInSources(const std::string& root) {
  std::set<std::string> names;
  for (const char* folder : {"server", "client-sdk", "cli"}) {
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(std::filesystem::path(root) / folder)) {
      const auto kind = entry.path().extension();
      if (kind == ".cc" || kind == ".h") AddNamesIn(entry.path(), names);
    }
  }
  return names;
}

absl::Status CompareMutants(const std::vector<Mutant>& listed, const std::set<std::string>& made) {
  std::set<std::string> names;
  for (const Mutant& mutant : listed) names.insert(mutant.name);
  std::vector<std::string> wrong;
  for (const std::string& name : names) {
    if (!made.contains(name)) wrong.push_back(name + " is listed, and made nowhere");
  }
  for (const std::string& name : made) {
    if (!names.contains(name)) wrong.push_back(name + " is made, and not listed");
  }
  if (wrong.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrJoin(wrong, "; "));
}

}  // namespace rollcall::sim
