// OfflineLine: what `rollcalld restore …` and `rollcalld migrate …` were asked to do.
//
//   rollcalld restore FILE --data DIR [--force]
//   rollcalld restore FILE --etcd URLS [--etcd-prefix …] [--force]
//   rollcalld migrate --from embedded --data DIR --to etcd --etcd URLS [--force]
//
// All options of the server are understood, from the file and the environment too, so what a node
// runs with is what its store is restored with. Reads the configuration file and nothing else.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/app/config/command_line.h"

namespace rollcall::app {

struct OfflineLine {
  enum class Verb { kRestore, kMigrate };

  // Set: there is nothing to do.
  std::optional<config::Answer> answer;
  Verb verb = Verb::kRestore;
  std::string file;  // of a restore
  bool force = false;
  config::Config config;
};

// Whether the arguments, without the program's name, are for here.
bool IsOffline(const std::vector<std::string>& arguments);

OfflineLine ReadOfflineLine(const std::vector<std::string>& arguments,
                            const config::Environment& environment);

}  // namespace rollcall::app
