#include "cli/client/interrupt.h"

#include <utility>

namespace rollcall::cli {

Interrupt::Listener::Listener(Interrupt& interrupt, std::function<void()> heard)
    : interrupt_(interrupt), id_(interrupt.Add(std::move(heard))) {}

Interrupt::Listener::~Listener() { interrupt_.Remove(id_); }

bool Interrupt::Request() {
  base::MutexLock lock(mu_);
  if (requested_ || listeners_.empty()) return false;
  requested_ = true;
  // Called under the lock, so that a listener is never called after its removal.
  for (const auto& [id, heard] : listeners_) heard();
  changed_.NotifyAll();
  return true;
}

bool Interrupt::requested() const {
  base::MutexLock lock(mu_);
  return requested_;
}

bool Interrupt::WaitFor(absl::Duration limit) {
  base::MutexLock lock(mu_);
  if (!requested_) changed_.WaitFor(mu_, limit);
  return requested_;
}

int Interrupt::Add(std::function<void()> heard) {
  base::MutexLock lock(mu_);
  if (requested_) heard();
  listeners_.emplace(next_id_, std::move(heard));
  return next_id_++;
}

void Interrupt::Remove(int id) {
  base::MutexLock lock(mu_);
  listeners_.erase(id);
}

}  // namespace rollcall::cli
