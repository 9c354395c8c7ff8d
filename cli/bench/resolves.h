// Resolves: questions for the steady service, and how long their answers took.
//
// An answer without instances is a failure: they are there. Thread-compatible.
#pragma once

#include <string>
#include <vector>

#include "cli/bench/connections.h"
#include "cli/bench/queue.h"
#include "cli/bench/tally.h"
#include "rollcall/v1/discovery.grpc.pb.h"

namespace rollcall::cli {

class Resolves {
 public:
  Resolves(Queue& queue, std::vector<Channel> channels, const std::string& ns,
           const std::string& service)
      : queue_(queue), channels_(std::move(channels)) {
    request_.set_namespace_(ns);
    request_.set_service(service);
  }

  void Resolve(base::Instant intended) {
    queue_.Call(channels_[turn_++ % channels_.size()], &v1::Discovery::Stub::AsyncResolve, request_,
                [this, intended](const absl::Status& status, const v1::ResolveResponse& answer) {
                  if (status.ok() && answer.instances().empty()) return tally_.Failed("empty");
                  tally_.Ended(status, queue_.now() - intended);
                });
  }

  Tally& tally() { return tally_; }
  // What was seen so far does not count.
  void Forget() { tally_ = Tally(); }

 private:
  Queue& queue_;
  const std::vector<Channel> channels_;
  v1::ResolveRequest request_;
  uint64_t turn_ = 0;
  Tally tally_;
};

}  // namespace rollcall::cli
