// ScratchDirectory: a directory for locks alone; in memory where the machine has such a place, for
// nothing in it outlives the test and syncing it would take longer than the test.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include "client-sdk/base/check.h"

namespace rollcall::crash {

class ScratchDirectory {
 public:
  ScratchDirectory() {
    const std::filesystem::path memory = "/dev/shm";
    const bool there = ::access(memory.c_str(), W_OK) == 0;
    path_ = ((there ? memory : std::filesystem::temp_directory_path()) / "rollcall-XXXXXX");
    ROLLCALL_CHECK(::mkdtemp(path_.data()) != nullptr, "cannot make a temporary directory");
  }
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace rollcall::crash
