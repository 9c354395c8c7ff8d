// What the shop's command lines share.
#pragma once

#include <string>

#include "CLI/CLI.hpp"
#include "absl/time/time.h"

namespace shop {

// An option such as `--ttl 3s`.
inline CLI::Option* AddDuration(CLI::App& app, const std::string& name, absl::Duration& value,
                                const std::string& help) {
  return app
      .add_option_function<std::string>(
          name,
          [&value](const std::string& text) {
            if (!absl::ParseDuration(text, &value) || value <= absl::ZeroDuration()) {
              throw CLI::ValidationError("'" + text +
                                         "' is no length of time; write 250ms, 3s, 1m");
            }
          },
          help)
      ->default_str(absl::FormatDuration(value))
      ->type_name("TIME");
}

// The registry to use: `--registry host:port[,…]`, or ROLLCALL_SERVER as for the command line tool.
inline CLI::Option* AddRegistry(CLI::App& app, std::string& address) {
  return app.add_option("--registry", address, "The registry, host:port[,…]")
      ->envname("ROLLCALL_SERVER")
      ->capture_default_str();
}

}  // namespace shop
