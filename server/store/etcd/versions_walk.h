// The versions of one record, found by walking back: etcd tells what stood at a revision, so each
// version leads to the one before it.
//
// OUT_OF_RANGE when older ones may have been compacted, or when there are more than kMaxVersions.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/store/etcd/calls.h"
#include "server/store/etcd/key_prefix.h"
#include "server/store/store.h"

namespace rollcall::etcd {

class VersionsWalk : public std::enable_shared_from_this<VersionsWalk> {
 public:
  static constexpr size_t kMaxVersions = 10000;

  // Those above `after`, oldest first. Keeps itself until it has answered.
  static void Start(Calls& calls, const KeyPrefix& prefix, const std::string& key, Revision after,
                    absl::Duration within, store::Store::VersionsDone done);

 private:
  VersionsWalk(Calls& calls, const KeyPrefix& prefix, std::string full_key, Revision after,
               absl::Duration within, store::Store::VersionsDone done);

  // What stands at `revision`; 0: now.
  void Read(Revision revision);
  void OnRead(absl::StatusOr<pb::RangeResponse> answer);
  void Finish();

  Calls& calls_;
  const KeyPrefix& prefix_;
  const std::string full_key_;
  const Revision after_;
  const absl::Duration within_;
  store::Store::VersionsDone done_;
  std::vector<store::Record> found_;  // newest first
};

}  // namespace rollcall::etcd
