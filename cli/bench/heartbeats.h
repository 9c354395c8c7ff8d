// Heartbeats: the steady sessions, each with its stream; every beat asks to be acknowledged.
//
// A stream that ends is not opened again: its beats fail from then on. Cancel and turn the queue
// until over(), before it goes. Thread-compatible.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "cli/bench/connections.h"
#include "cli/bench/queue.h"
#include "cli/bench/sessions.h"
#include "cli/bench/stream.h"
#include "cli/bench/tally.h"
#include "rollcall/v1/registry.grpc.pb.h"

namespace rollcall::cli {

class Heartbeats {
 public:
  static constexpr char kService[] = "steady";

  Heartbeats(Queue& queue, Sessions& sessions, std::vector<Channel> channels)
      : queue_(queue), sessions_(sessions), channels_(std::move(channels)) {}

  // Registers the sessions, and opens their streams.
  void Open(uint64_t count);
  // All are open.
  bool ready() const { return opened_ == beaters_.size(); }
  // The first thing that went wrong.
  const absl::Status& trouble() const { return trouble_; }

  // The next session beats.
  void Beat(base::Instant intended);
  // Beats that are neither acknowledged nor failed.
  uint64_t unanswered() const;
  void GiveUp(absl::string_view why);
  void Cancel();
  bool over() const;

  Tally& tally() { return tally_; }

 private:
  struct Waiting {
    uint64_t sequence;
    base::Instant intended;
  };
  // One session's stream and its beats under way, oldest first.
  struct Beater {
    explicit Beater(Queue& queue) : stream(queue) {}
    Stream<v1::KeepAliveRequest, v1::KeepAliveResponse> stream;
    std::deque<Waiting> waiting;
    uint64_t sequence = 0;
    // Why it ended; empty while it lives.
    std::string ended;
  };

  void OpenStream(Beater& beater, const Channel& channel, const v1::RegisterResponse& session);
  void Take(Beater& beater, const v1::KeepAliveResponse& message);
  void Acknowledge(Beater& beater, uint64_t sequence);
  void End(Beater& beater, const absl::Status& status);
  void Fail(Beater& beater, absl::string_view why);

  Queue& queue_;
  Sessions& sessions_;
  const std::vector<Channel> channels_;
  std::vector<std::unique_ptr<Beater>> beaters_;
  uint64_t opened_ = 0;
  uint64_t turn_ = 0;
  absl::Status trouble_;
  Tally tally_;
};

}  // namespace rollcall::cli
