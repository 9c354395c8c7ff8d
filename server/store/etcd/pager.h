// Pager: reads many keys of etcd as they stood at one revision, in pages.
//
// Spans are read one after another, each in key order. For each page etcd looks at all that is left
// of its span: so pages grow, towards a number of bytes and up to a limit; after a failure they are
// small again. What a page holds is told in parts, each in a task of its own, so that nobody waits
// long. When a page fails the reading stops with the error, and the next Run goes on where it
// stopped; OUT_OF_RANGE: the revision is not kept, or not reached, and there is no going on. Lives
// on one executor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/lifeline.h"
#include "server/store/etcd/calls.h"
#include "server/store/etcd/key_prefix.h"
#include "server/store/store.h"

namespace rollcall::etcd {

class Pager {
 public:
  struct Options {
    int64_t page = 2000;  // records of the first, and of each part that is told
    int64_t largest_page = 20000;
    size_t page_bytes = 8 << 20;                // of values and keys; pages grow towards it
    absl::Duration within = absl::Seconds(10);  // each
  };
  // At `revision`; 0: at the newest when the first page is read. Each record is told once.
  using OnPart = std::function<void(std::vector<store::Record>)>;
  Pager(Calls& calls, base::Executor& executor, const KeyPrefix& prefix,
        std::vector<KeyPrefix::Span> spans, Revision revision, Options options, OnPart on_part);

  // Not while a Run is under way. `done` may destroy this.
  using Done = absl::AnyInvocable<void(absl::Status)>;
  void Run(Done done);

  // After Run has ended well.
  Revision revision() const { return revision_; }

 private:
  void ReadPage();
  void OnAnswer(absl::StatusOr<pb::RangeResponse> page);
  absl::Status Take(pb::RangeResponse page);
  // Sets how many records the next page may hold, by what this one took.
  void Grow(size_t records, size_t bytes);
  void TellPart();

  Calls& calls_;
  base::Executor& executor_;
  const KeyPrefix& prefix_;
  const Options options_;
  const OnPart on_part_;
  std::vector<KeyPrefix::Span> left_;  // the first is under way
  int64_t limit_;
  std::deque<store::Record> untold_;
  Revision revision_;
  Done done_;
  base::Lifeline lifeline_;
};

}  // namespace rollcall::etcd
