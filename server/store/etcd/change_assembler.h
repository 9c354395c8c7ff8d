// ChangeAssembler: makes of the answers of one watch the change sets of whole revisions.
//
// A revision is given out once, in order, and complete: answers may come in fragments, and a watch
// that was opened again may repeat what was told before. A progress notification gives an empty
// change set if it leads further. What cannot be right (events before the watch stands, or out of
// order) breaks the watch: it must be opened again. Keeps at most one revision. Pure.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "server/store/etcd/etcd_api.h"
#include "server/store/etcd/key_prefix.h"
#include "server/store/store.h"

namespace rollcall::etcd {

class ChangeAssembler {
 public:
  // Up to `told`, at `told_at`, all is known.
  ChangeAssembler(const KeyPrefix& prefix, Revision told, absl::Time told_at)
      : prefix_(prefix), told_(told), told_at_(told_at) {}

  using Changes = std::vector<store::ChangeSet>;
  // What the watch was to tell is not kept any more.
  struct Compacted {};
  // The watch is of no use: etcd cancelled it, or made no sense.
  struct Broken {
    absl::Status why;
  };
  using Taken = std::variant<Changes, Compacted, Broken>;
  Taken Take(pb::WatchResponse response, absl::Time now);

  // The watch stands: etcd has said so.
  bool created() const { return watch_id_.has_value(); }
  // Of the last change set that was given out.
  Revision told() const { return told_; }
  absl::Time told_at() const { return told_at_; }

 private:
  Taken Cancelled(const pb::WatchResponse& response) const;
  absl::Status Add(pb::Event event, absl::Time now, Changes& out);
  void Flush(absl::Time now, Changes& out);
  void Progress(Revision revision, absl::Time now, Changes& out);

  const KeyPrefix& prefix_;
  std::optional<int64_t> watch_id_;
  Revision told_;
  absl::Time told_at_;
  // The revision whose events are coming in.
  std::optional<store::ChangeSet> open_;
};

}  // namespace rollcall::etcd
