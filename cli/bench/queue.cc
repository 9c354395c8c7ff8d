#include "cli/bench/queue.h"

#include <algorithm>

namespace rollcall::cli {

Queue::~Queue() {
  closing_ = true;
  cq_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (cq_.Next(&tag, &ok)) static_cast<Tag*>(tag)->Done(ok);
}

void Queue::Turn(base::Instant until) {
  void* tag = nullptr;
  bool ok = false;
  const absl::Duration wait = std::max(until - clock_.Steady(), absl::ZeroDuration());
  const auto deadline = absl::ToChronoTime(clock_.Wall() + wait);
  if (cq_.AsyncNext(&tag, &ok, deadline) == grpc::CompletionQueue::GOT_EVENT) {
    static_cast<Tag*>(tag)->Done(ok);
  }
}

bool Queue::TurnUntil(const std::function<bool()>& holds, absl::Duration limit) {
  const base::Instant end = clock_.Steady() + limit;
  while (!holds()) {
    const base::Instant now = clock_.Steady();
    if (now >= end) return false;
    Turn(std::min(end, now + kGlance));
  }
  return true;
}

}  // namespace rollcall::cli
