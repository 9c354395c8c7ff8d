#include "examples/shop/demo/screen.h"

#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "absl/strings/str_cat.h"

namespace shop::demo {

Screen::Screen() {
  const char* no_colour = std::getenv("NO_COLOR");
  colours_ = isatty(STDOUT_FILENO) == 1 && (no_colour == nullptr || *no_colour == '\0');
}

void Screen::Chapter(const std::string& title) {
  std::cout << "\n" << Bold(absl::StrCat(++chapter_, "  ", title)) << "\n" << std::flush;
}

void Screen::Say(const std::string& line) const { std::cout << line << "\n" << std::flush; }

void Screen::Command(const std::string& command) const {
  std::cout << "\n" << Dim("$ ") << Bold(command) << "\n" << std::flush;
}

std::string Screen::Painted(const char* code, const std::string& text) const {
  if (!colours_) return text;
  return absl::StrCat("\x1b[", code, "m", text, "\x1b[0m");
}

}  // namespace shop::demo
