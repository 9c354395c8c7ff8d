// The shape of files: length, openings, and that every test is built.
#include <iostream>
#include <string>

#include "gtest/gtest.h"
#include "tests/tidy/source_tree.h"

namespace rollcall::tidy {
namespace {

constexpr size_t kQuestionLines = 400;
constexpr size_t kMaxLines = 600;

std::string FolderOf(const std::string& path) { return path.substr(0, path.rfind('/')); }

TEST(Shape, FilesAreCutByConcept) {
  Breaches breaches;
  for (const SourceFile& file : SourceTree()) {
    if (!file.IsCode() || file.lines.size() <= kQuestionLines) continue;
    const std::string line = file.path + ": " + std::to_string(file.lines.size()) + " lines";
    if (file.lines.size() > kMaxLines) {
      breaches.push_back(line);
    } else {
      std::cout << "a question at " << kQuestionLines << ": " << line << "\n";
    }
  }
  EXPECT_TRUE(breaches.empty()) << "more than " << kMaxLines << " lines" << Joined(breaches);
}

TEST(Shape, HeadersSayWhatTheyAre) {
  Breaches breaches;
  for (const SourceFile& file : SourceTree()) {
    if (!file.Is(".h")) continue;
    const bool opens = !file.lines.empty() && file.lines[0].starts_with("//");
    if (!opens || file.text.find("#pragma once") == std::string::npos) {
      breaches.push_back(file.path);
    }
  }
  EXPECT_TRUE(breaches.empty()) << "a header opens with a comment and has #pragma once"
                                << Joined(breaches);
}

TEST(Shape, EveryTestIsBuilt) {
  Breaches breaches;
  for (const SourceFile& file : SourceTree()) {
    if (!file.Is("_test.cc")) continue;
    const SourceFile* list = FindFile(FolderOf(file.path) + "/CMakeLists.txt");
    const bool built =
        list != nullptr && (list->text.find("rollcall_tests(") != std::string::npos ||
                            list->text.find("_test.cc") != std::string::npos);
    if (!built || !file.IsUnder("tests/")) breaches.push_back(file.path);
  }
  EXPECT_TRUE(breaches.empty()) << "no CMakeLists.txt builds it" << Joined(breaches);
}

TEST(Shape, NoTestIsSwitchedOff) {
  const std::string off =
      "DIS"
      "ABLED_";
  const Breaches breaches =
      LinesThat([](const SourceFile& file) { return file.IsCode() && file.IsUnder("tests/"); },
                [&](std::string_view line) { return line.find(off) != line.npos; });
  EXPECT_TRUE(breaches.empty()) << Joined(breaches);
}

}  // namespace
}  // namespace rollcall::tidy
