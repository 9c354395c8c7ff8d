// SourceTree: the repository's own text files, for rules that look at them.
//
// Read once, from the source folder; what is built, fetched or kept as data is left out.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall::tidy {

struct SourceFile {
  std::string path;  // from the root
  std::string text;
  std::vector<std::string> lines;

  bool Is(std::string_view ending) const { return path.ends_with(ending); }
  bool IsCode() const { return Is(".cc") || Is(".h"); }
  bool IsUnder(std::string_view folder) const { return path.starts_with(folder); }
};

const std::vector<SourceFile>& SourceTree();
// Null if there is no such text file.
const SourceFile* FindFile(std::string_view path);
// Its text; "(no such file)" if there is none.
std::string TextOf(std::string_view path);
// True for any file or folder of the repository.
bool Exists(std::string_view path);

// The line without its // comment.
std::string_view CodeOf(std::string_view line);
// True if `word` stands in `line`, not as the end of a longer name.
bool HasWord(std::string_view line, std::string_view word);

// One line for each breach, to be printed by a test.
using Breaches = std::vector<std::string>;
// Calls `breaks` for each line of each chosen file; where it returns true that is a breach.
Breaches LinesThat(const std::function<bool(const SourceFile&)>& chosen,
                   const std::function<bool(std::string_view)>& breaks);
std::string Joined(const Breaches& breaches);

}  // namespace rollcall::tidy
