// ScratchDirectory: a directory for locks alone; in memory where the machine has such a place, for
// nothing in it outlives the test and syncing it would take longer than the test.
#pragma once

#include <unistd.h>

#include <filesystem>

#include "tests/support/temp_directory.h"

namespace rollcall::crash {

class ScratchDirectory final : public store::TempDirectory {
 public:
  ScratchDirectory() : TempDirectory(Parent()) {}

 private:
  static std::filesystem::path Parent() {
    const std::filesystem::path memory = "/dev/shm";
    const bool writable = ::access(memory.c_str(), W_OK) == 0;
    return writable ? memory : std::filesystem::temp_directory_path();
  }
};

}  // namespace rollcall::crash
