// CommandLine: the `rollcall` tool, as an operator or a script uses it.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "examples/shop/demo/screen.h"
#include "nlohmann/json.hpp"

namespace shop::demo {

class CommandLine {
 public:
  CommandLine(std::string program, std::string server, std::string log)
      : program_(std::move(program)), server_(std::move(server)), log_(std::move(log)) {}

  // Runs it with its output on the screen, below the command as one would type it.
  absl::Status Show(const Screen& screen, const std::vector<std::string>& arguments) const;
  // What it answers with `-o json`.
  absl::StatusOr<nlohmann::json> Ask(const std::vector<std::string>& arguments) const;
  // The command and its arguments, for running it otherwise.
  std::vector<std::string> Command(const std::vector<std::string>& arguments) const;

 private:
  const std::string program_;
  const std::string server_;
  const std::string log_;
};

}  // namespace shop::demo
