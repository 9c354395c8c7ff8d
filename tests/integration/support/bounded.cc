#include "tests/integration/support/bounded.h"

#include "client-sdk/base/mutex.h"

namespace rollcall::integration {

bool Eventually(const std::function<bool()>& is_so, absl::Duration limit) {
  constexpr absl::Duration kPace = absl::Milliseconds(20);
  const Stopwatch watch;
  base::Mutex mu;
  base::CondVar nobody;
  base::MutexLock lock(mu);
  while (!is_so()) {
    if (watch.elapsed() >= limit) return false;
    nobody.WaitFor(mu, kPace);
  }
  return true;
}

}  // namespace rollcall::integration
