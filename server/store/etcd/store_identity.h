// StoreIdentity: which store stands in etcd: reads the record c/store, or makes one where there is
// none.
//
// Nodes that start at the same time make one store together: the record is created only if there is
// none, and who comes second reads the first one's. While etcd cannot be reached it asks again and
// says so every few seconds; destroying it gives up. Lives on one executor.
#pragma once

#include <functional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client-sdk/base/backoff.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/lifeline.h"
#include "client-sdk/base/random.h"
#include "server/model/ids.h"
#include "server/store/etcd/etcd_api.h"
#include "server/store/etcd/key_prefix.h"

namespace rollcall::etcd {

// Of the records and keys below the prefix. A newer one is not touched by this program.
inline constexpr uint32_t kStoreFormat = 1;

// The value of c/store of a new store.
std::string NewStoreRecord(const StoreId& id);
// FAILED_PRECONDITION, with what to do, if this program may not work on such a store; UNAVAILABLE
// while one is being restored there.
absl::StatusOr<StoreId> StoreIdOf(const std::string& record);

class StoreIdentity {
 public:
  struct Found {
    StoreId id;
    std::string record;
    // When the request was sent that told so.
    base::Instant at;
  };
  // Why there is no answer yet, and for how long.
  using OnWaiting = std::function<void(const absl::Status&, absl::Duration)>;

  StoreIdentity(EtcdApi& api, const KeyPrefix& prefix, base::Executor& executor,
                const base::Clock& clock, base::Random& random, OnWaiting on_waiting);

  // Once. An error is one that asking again will not mend. `done` may destroy this.
  using Done = absl::AnyInvocable<void(absl::StatusOr<Found>)>;
  void Find(Done done);

 private:
  static constexpr absl::Duration kWithin = absl::Seconds(5);
  static constexpr absl::Duration kSayEvery = absl::Seconds(5);

  void Read();
  void OnRead(base::Instant sent, const absl::StatusOr<pb::RangeResponse>& answer);
  void Create();
  void OnCreated(base::Instant sent, const std::string& record,
                 const absl::StatusOr<pb::TxnResponse>& answer);
  void Retry(const absl::Status& why);
  void Say();
  void Answer(base::Instant sent, const std::string& record);
  void Finish(absl::StatusOr<Found> found);

  EtcdApi& api_;
  const std::string key_;
  base::Executor& executor_;
  const base::Clock& clock_;
  base::Random& random_;
  const OnWaiting on_waiting_;
  const base::Instant begun_;
  base::Backoff backoff_{absl::Milliseconds(100), absl::Seconds(2)};
  absl::Status last_;
  Done done_;
  base::Lifeline lifeline_;
};

}  // namespace rollcall::etcd
