// Screen: what the demo says, on stdout; with colours on a terminal, unless NO_COLOR is set.
#pragma once

#include <string>

namespace shop::demo {

class Screen {
 public:
  // Looks at stdout and the environment.
  Screen();

  // "1  Three user instances, …"
  void Chapter(const std::string& title);
  void Say(const std::string& line) const;
  // "$ rollcall services"
  void Command(const std::string& command) const;

  std::string Bold(const std::string& text) const { return Painted("1", text); }
  std::string Dim(const std::string& text) const { return Painted("2", text); }
  std::string Good(const std::string& text) const { return Painted("32", text); }
  std::string Bad(const std::string& text) const { return Painted("31", text); }

 private:
  std::string Painted(const char* code, const std::string& text) const;

  bool colours_;
  int chapter_ = 0;
};

}  // namespace shop::demo
