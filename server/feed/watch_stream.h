// WatchStream and Frame: what the feed asks of a transport.
//
// A Frame is an encoded part of a WatchResponse, made once and sent to many; the transport decides
// how it holds the bytes. A WatchStream is one client's stream. Both are implemented over gRPC in
// rpc/grpc and in memory in tests.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"

namespace rollcall::feed {

// Immutable encoded bytes, shared by all watchers that need them. Thread-safe.
class Frame {
 public:
  virtual ~Frame() = default;
  virtual size_t size() const = 0;
};
using FrameFactory = std::function<std::shared_ptr<const Frame>(std::string bytes)>;

class WatchStream {
 public:
  virtual ~WatchStream() = default;
  // Sends one message: `prefix` (a few bytes of the watcher's own) followed by `body`'s bytes: two
  // parts of one serialised WatchResponse. `body` may be null if the prefix is all. At most one
  // write at a time: the transport answers each with Publisher::OnWritten on this watcher, from any
  // thread, also when the stream broke.
  virtual void Write(std::string prefix, std::shared_ptr<const Frame> body) = 0;
  // Ends the stream with this status, now if a write is blocked. Nothing is written afterwards.
  virtual void Close(absl::Status status) = 0;
  // Groups watchers of one connection, for delivery in connection order.
  virtual const std::string& peer() const = 0;
};

}  // namespace rollcall::feed
