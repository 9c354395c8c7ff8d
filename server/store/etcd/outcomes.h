// What etcd's answers mean for the transactions that were asked. Pure.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "server/store/etcd/etcd_api.h"
#include "server/store/etcd/key_prefix.h"
#include "server/store/store.h"

namespace rollcall::etcd {

// Of an outer Txn that held. `members` as given to BuildTxn.
std::vector<store::Outcome> OutcomesOf(const KeyPrefix& prefix,
                                       absl::Span<const store::Transaction> members,
                                       pb::TxnResponse response);

// Whether the Txn wrote anything: else its revision is only where etcd stood, which may be another
// user's doing and is told by no watch of ours.
bool WroteAnything(const pb::TxnResponse& response);

// What an error means for all that was asked in the request.
enum class Failing {
  kUnknown,  // nobody knows, or it is worth asking again
  kNoSpace,  // etcd is full; it may have been the first to be too much, and have been written
  kTooMuch,  // etcd did nothing for the request is against its limits; parts of it may pass
  kRefused,  // etcd did nothing, and never will
};
Failing FailingOf(const absl::Status& error);

// For the caller of a refused transaction: not our code alone, but what is to be done.
absl::Status RefusalOf(const absl::Status& error);

}  // namespace rollcall::etcd
