// The documents say what the program does: pages made from tables, layers, limits, threads, links.
#include <algorithm>
#include <map>
#include <regex>
#include <set>
#include <string>

#include "gtest/gtest.h"
#include "server/app/config/pages.h"
#include "server/observe/metric_names.h"
#include "tests/tidy/source_tree.h"

namespace rollcall::tidy {
namespace {

// Each match's first group in the text.
std::set<std::string> All(const std::string& text, const char* pattern) {
  std::set<std::string> found;
  const std::regex regex(pattern);
  for (std::sregex_iterator at(text.begin(), text.end(), regex), end; at != end; ++at) {
    found.insert((*at)[1]);
  }
  return found;
}

TEST(Docs, PagesMadeFromTablesAreFresh) {
  EXPECT_TRUE(TextOf("docs/metrics.md") == observe::MetricsPage()) << "run `make docs`";
  EXPECT_TRUE(TextOf("docs/config.md") == config::ConfigPage()) << "run `make docs`";
  EXPECT_TRUE(TextOf("deploy/rollcalld.yaml") == config::ReferenceFile()) << "run `make docs`";
}

// Folder → layer, of every module in the build.
std::map<std::string, std::string> LayersOfTheBuild() {
  std::map<std::string, std::string> layers;
  const std::regex layer("rollcall_module\\(\\s*LAYER (\\d+)");
  for (const SourceFile& file : SourceTree()) {
    std::smatch match;
    if (!file.Is("/CMakeLists.txt") || !std::regex_search(file.text, match, layer)) continue;
    layers[file.path.substr(0, file.path.rfind('/'))] = match[1];
  }
  return layers;
}

// Rows of the page: | 3 | `server/store` | …
std::map<std::string, std::string> LayersOfThePage() {
  std::map<std::string, std::string> layers;
  const std::string page = TextOf("docs/architecture.md");
  const std::regex row("\\n\\| (\\d+) \\| `([^`]+)` \\|");
  for (std::sregex_iterator at(page.begin(), page.end(), row), end; at != end; ++at) {
    layers[(*at)[2]] = (*at)[1];
  }
  layers.erase("proto");  // has no rollcall_module
  return layers;
}

TEST(Docs, TheLayersAreThoseOfTheBuild) {
  const auto build = LayersOfTheBuild();
  const auto page = LayersOfThePage();
  for (const auto& [folder, layer] : build) {
    const auto at = page.find(folder);
    EXPECT_TRUE(at != page.end() && at->second == layer)
        << "docs/architecture.md should say that " << folder << " is layer " << layer;
  }
  for (const auto& [folder, layer] : page) {
    EXPECT_TRUE(build.count(folder))
        << "docs/architecture.md names " << folder << ", layer " << layer << ", which is no module";
  }
}

TEST(Docs, EveryLimitIsExplained) {
  const std::string page = TextOf("docs/limits.md");
  for (const std::string& name :
       All(TextOf("server/model/limits.h"), "inline constexpr [^=]*\\b(k[A-Za-z]+) =")) {
    EXPECT_NE(page.find("`" + name + "`"), std::string::npos) << "docs/limits.md lacks " << name;
  }
}

TEST(Docs, EveryThreadIsListed) {
  const std::string page = TextOf("docs/threads.md");
  for (const SourceFile& file : SourceTree()) {
    if (!file.IsCode() || file.IsUnder("tests/")) continue;
    for (const std::string& name : All(file.text, "\"(rc-[a-z-]+)\"")) {
      EXPECT_NE(page.find("`" + name), std::string::npos)
          << "docs/threads.md lacks " << name << " of " << file.path;
    }
  }
}

// Where a link in `file` leads, from the root; "" when it leaves the repository or stays on the
// page.
std::string Target(const SourceFile& file, std::string link) {
  if (link.find("://") != std::string::npos || link.starts_with("#") ||
      link.starts_with("mailto:")) {
    return "";
  }
  link = link.substr(0, link.find('#'));
  const size_t slash = file.path.rfind('/');
  return slash == std::string::npos ? link : file.path.substr(0, slash + 1) + link;
}

TEST(Docs, LinksResolve) {
  for (const SourceFile& file : SourceTree()) {
    if (!file.Is(".md")) continue;
    for (const std::string& link : All(file.text, "\\]\\(([^)\\s]+)\\)")) {
      const std::string target = Target(file, link);
      EXPECT_TRUE(target.empty() || Exists(target)) << file.path << " links to " << link;
    }
  }
}

TEST(Docs, PagesThatAreNamedExist) {
  for (const SourceFile& file : SourceTree()) {
    for (const std::string& page : All(file.text, "\\b(docs/[a-z0-9_/-]+\\.md)")) {
      EXPECT_TRUE(Exists(page)) << file.path << " names " << page;
    }
  }
}

}  // namespace
}  // namespace rollcall::tidy
