// Reads what a watcher hears out of an encoded WatchResponse, without making the message: a load
// that takes a core to read cannot tell what a server can send.
#pragma once

#include <functional>

#include "absl/strings/string_view.h"
#include "tests/bench/sides/side.h"

namespace rollcall::bench {

struct WatchMessage {
  bool caught_up = false;
};

// `heard` is told of each instance, in the message's order. False if it cannot be read.
bool ScanWatchMessage(absl::string_view bytes, WatchMessage& message,
                      const std::function<void(const Event&)>& heard);

}  // namespace rollcall::bench
