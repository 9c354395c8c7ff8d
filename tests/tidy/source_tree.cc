#include "tests/tidy/source_tree.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

namespace rollcall::tidy {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 5> kLeftOut = {"build", "node_modules", ".git", "data",
                                                      ".cache"};
constexpr std::array<std::string_view, 16> kEndings = {
    ".cc",   ".h",    ".md",   ".txt",     ".cmake", ".proto",   ".sh",           ".yaml",
    ".json", ".supp", ".conf", ".service", "run",    "Makefile", "Containerfile", ".example"};

bool IsText(const std::string& path) {
  return std::any_of(kEndings.begin(), kEndings.end(),
                     [&](std::string_view ending) { return path.ends_with(ending); });
}

SourceFile Read(const fs::path& root, const fs::path& file) {
  SourceFile source;
  source.path = fs::relative(file, root).string();
  std::ifstream in(file, std::ios::binary);
  source.text.assign(std::istreambuf_iterator<char>(in), {});
  std::istringstream lines(source.text);
  for (std::string line; std::getline(lines, line);) source.lines.push_back(std::move(line));
  return source;
}

std::vector<SourceFile> ReadTree() {
  std::vector<SourceFile> tree;
  const fs::path root = ROLLCALL_SOURCE_DIR;
  for (fs::recursive_directory_iterator at(root), end; at != end; ++at) {
    const std::string name = at->path().filename().string();
    if (at->is_directory() && at.depth() == 0 &&
        std::find(kLeftOut.begin(), kLeftOut.end(), name) != kLeftOut.end()) {
      at.disable_recursion_pending();
    } else if (at->is_regular_file() && IsText(name)) {
      tree.push_back(Read(root, at->path()));
    }
  }
  std::sort(tree.begin(), tree.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return tree;
}

}  // namespace

const std::vector<SourceFile>& SourceTree() {
  static const std::vector<SourceFile>& tree = *new std::vector<SourceFile>(ReadTree());
  return tree;
}

const SourceFile* FindFile(std::string_view path) {
  for (const SourceFile& file : SourceTree()) {
    if (file.path == path) return &file;
  }
  return nullptr;
}

std::string TextOf(std::string_view path) {
  const SourceFile* file = FindFile(path);
  return file == nullptr ? "(no such file)" : file->text;
}

bool Exists(std::string_view path) {
  return fs::exists(fs::path(ROLLCALL_SOURCE_DIR) / std::string(path));
}

std::string_view CodeOf(std::string_view line) { return line.substr(0, line.find("//")); }

bool HasWord(std::string_view line, std::string_view word) {
  for (size_t at = line.find(word); at != std::string_view::npos; at = line.find(word, at + 1)) {
    const char before = at == 0 ? ' ' : line[at - 1];
    if (!std::isalnum(static_cast<unsigned char>(before)) && before != '_') return true;
  }
  return false;
}

Breaches LinesThat(const std::function<bool(const SourceFile&)>& chosen,
                   const std::function<bool(std::string_view)>& breaks) {
  Breaches breaches;
  for (const SourceFile& file : SourceTree()) {
    if (!chosen(file)) continue;
    for (size_t i = 0; i < file.lines.size(); ++i) {
      if (!breaks(file.lines[i])) continue;
      breaches.push_back(file.path + ":" + std::to_string(i + 1) + ": " + file.lines[i]);
    }
  }
  return breaches;
}

std::string Joined(const Breaches& breaches) {
  std::string all;
  for (const std::string& breach : breaches) all += "\n  " + breach;
  return all;
}

}  // namespace rollcall::tidy
