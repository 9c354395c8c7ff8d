// FinishedWrites: the writes that streams have finished, until their publisher looks at them.
//
// Most of them nobody waits for: the stream has nothing more to send. A publisher of ten thousand
// streams that was woken for each would spend a quarter of a delivery on that, so it looks at them
// with its next delivery, or a little later. It is called at once when a stream has broken, or
// while one waits to send more.
//
// Thread-safe.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "client-sdk/base/mutex.h"
#include "server/feed/watcher.h"

namespace rollcall::feed {

class FinishedWrites {
 public:
  struct Write {
    WatcherId id;
    bool ok;
  };
  // When the publisher has to be told to look; kNot: it needs not be, or has been told.
  enum class Look { kNot, kSoon, kNow };

  Look Add(WatcherId id, bool ok) {
    base::MutexLock lock(mu_);
    writes_.push_back({id, ok});
    if (!ok || awaited_ > 0) return Now();
    if (now_ || soon_) return Look::kNot;
    soon_ = true;
    return Look::kSoon;
  }
  // One more, or one less, of the publisher's streams waits to send more.
  Look Await(bool one_more) {
    base::MutexLock lock(mu_);
    awaited_ += one_more ? 1 : -1;
    return one_more && !writes_.empty() ? Now() : Look::kNot;
  }
  // `told`: what the publisher was told, if it looks for that.
  std::vector<Write> Take(Look told) {
    base::MutexLock lock(mu_);
    if (told == Look::kNow) now_ = false;
    if (told == Look::kSoon) soon_ = false;
    return std::exchange(writes_, {});
  }

 private:
  Look Now() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return std::exchange(now_, true) ? Look::kNot : Look::kNow;
  }

  base::Mutex mu_;
  std::vector<Write> writes_ ABSL_GUARDED_BY(mu_);
  int awaited_ ABSL_GUARDED_BY(mu_) = 0;
  // It has been told so, and has not looked yet.
  bool now_ ABSL_GUARDED_BY(mu_) = false;
  bool soon_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace rollcall::feed
