// DeliveryWatch: a watch of the changing service at one node, and when it was told of what.
//
// Cancel and turn the queue until over(), before it goes. Thread-compatible.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "cli/bench/connections.h"
#include "cli/bench/deliveries.h"
#include "cli/bench/queue.h"
#include "cli/bench/stream.h"
#include "rollcall/v1/discovery.grpc.pb.h"

namespace rollcall::cli {

class DeliveryWatch {
 public:
  explicit DeliveryWatch(Queue& queue) : queue_(queue), stream_(queue) {}

  void Open(const Channel& channel, const std::string& ns, const std::string& service,
            const std::string& client_name);
  // It has the service as it was when it was opened.
  bool ready() const { return ready_; }
  // Why it ended, if it did.
  const absl::Status& trouble() const { return trouble_; }
  void Cancel() { stream_.Cancel(); }
  bool over() const { return stream_.over(); }

  // What is missing will not come.
  void GiveUp();
  Deliveries& deliveries() { return deliveries_; }

 private:
  void Take(const v1::WatchResponse& message);

  Queue& queue_;
  Stream<v1::WatchRequest, v1::WatchResponse> stream_;
  Deliveries deliveries_;
  bool ready_ = false;
  absl::Status trouble_;
};

}  // namespace rollcall::cli
