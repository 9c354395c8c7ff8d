// Words as the system calls that start programs want them.
#pragma once

#include <string>
#include <vector>

namespace shop::demo {

// Ends with a null pointer; valid for as long as `words` are.
inline std::vector<char*> ArgvOf(const std::vector<std::string>& words) {
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  return argv;
}

}  // namespace shop::demo
