// StreamBinding: one client stream and the session it was bound to.
//
//   kSilent --open came--> kOpening --answered--> kBound --> kClosed
//      \                      \----------------------------^
//       \--------------------------------------------------^
//
// kClosed is final: the stream ended, or the server closed it; its heartbeats no longer count. The
// phase is thread-safe and read by gRPC threads on each heartbeat; the rest belongs to the health
// executor. Held by the stream's KeepAliveProtocol, by the session while bound, and by tasks.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "server/health/beat_cell.h"
#include "server/health/session_edges.h"

namespace rollcall::health {

class StreamBinding {
 public:
  enum class Phase : uint8_t { kSilent, kOpening, kBound, kClosed };
  // What is known of why it may end, so that its end makes nobody suspect.
  enum class Farewell : uint8_t { kNone, kClientMoves, kServerMoves };

  explicit StreamBinding(std::shared_ptr<SessionStream> stream) : stream_(std::move(stream)) {}

  Phase phase() const { return phase_.load(std::memory_order_acquire); }
  SessionStream& stream() const { return *stream_; }
  // Only once bound.
  BeatCell& cell() const { return *cell_; }

  // On the health executor.
  void Opening() { phase_.store(Phase::kOpening, std::memory_order_release); }
  void Bind(uint64_t session, std::shared_ptr<BeatCell> cell) {
    session_ = session;
    cell_ = std::move(cell);
    phase_.store(Phase::kBound, std::memory_order_release);
  }
  // The client's side is gone.
  void Ended() { phase_.store(Phase::kClosed, std::memory_order_release); }
  // Ends it from here.
  void Close(absl::Status status) {
    Ended();
    stream_->Close(std::move(status));
  }
  uint64_t session() const { return session_; }
  Farewell farewell() const { return farewell_; }
  void set_farewell(Farewell farewell) { farewell_ = farewell; }
  // The client need not go after all.
  void ServerStays() {
    if (farewell_ == Farewell::kServerMoves) farewell_ = Farewell::kNone;
  }

 private:
  const std::shared_ptr<SessionStream> stream_;
  std::atomic<Phase> phase_{Phase::kSilent};
  std::shared_ptr<BeatCell> cell_;  // written once, before kBound
  uint64_t session_ = 0;            // number in the session book; 0: none, or the node's own
  Farewell farewell_ = Farewell::kNone;
};

using Binding = std::shared_ptr<StreamBinding>;

}  // namespace rollcall::health
