// TempDir: a fresh directory that goes with the object.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/integration/support/bounded.h"

namespace rollcall::integration {

class TempDir {
 public:
  TempDir() : path_((std::filesystem::temp_directory_path() / "rollcall-test-XXXXXX").string()) {
    if (mkdtemp(path_.data()) == nullptr) Fail("cannot make a temporary directory");
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

inline std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace rollcall::integration
