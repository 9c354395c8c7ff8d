// Pager: reads many keys of etcd as they stood at one revision, in pages.
//
// Spans are read one after another, each in key order. When a page fails the reading stops with the
// error, and the next Run goes on where it stopped; OUT_OF_RANGE: the revision is not kept, or not
// reached, and there is no going on. Lives on one executor.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client-sdk/base/lifeline.h"
#include "server/store/etcd/calls.h"
#include "server/store/etcd/key_prefix.h"
#include "server/store/store.h"

namespace rollcall::etcd {

class Pager {
 public:
  // Records of one page, and how long it may take.
  struct Options {
    int64_t page = 2000;
    absl::Duration within = absl::Seconds(10);
  };
  // At `revision`; 0: at the newest when the first page is read. Each page is told once.
  using OnPage = std::function<void(std::vector<store::Record>)>;
  Pager(Calls& calls, const KeyPrefix& prefix, std::vector<KeyPrefix::Span> spans,
        Revision revision, Options options, OnPage on_page);

  // Not while a Run is under way. `done` may destroy this.
  using Done = absl::AnyInvocable<void(absl::Status)>;
  void Run(Done done);

  // After Run has ended well.
  Revision revision() const { return revision_; }

 private:
  void ReadPage();
  void OnAnswer(absl::StatusOr<pb::RangeResponse> page);
  absl::Status Take(pb::RangeResponse page);

  Calls& calls_;
  const KeyPrefix& prefix_;
  const Options options_;
  const OnPage on_page_;
  std::vector<KeyPrefix::Span> left_;  // the first is under way
  Revision revision_;
  Done done_;
  base::Lifeline lifeline_;
};

}  // namespace rollcall::etcd
