// LeasedKeys: which keys shall stand under the lease, and the one Txn that makes it so.
//
// The Txn says what shall be, not what changed: it may be sent again whenever nobody knows what
// became of the last one, and mends what somebody else has done meanwhile. Its parts are nested
// Txns, behind a compare that lets nothing be written to another store than the one opened.
//
// Pure bookkeeping: it sends nothing. Answers to callers are handed out as functions to be run.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "server/store/etcd/etcd_api.h"
#include "server/store/etcd/key_prefix.h"
#include "server/store/leases.h"

namespace rollcall::etcd {

class LeasedKeys {
 public:
  using TakeDone = store::Leases::TakeDone;
  using DropDone = absl::AnyInvocable<void(absl::Status)>;
  using Answers = std::vector<absl::AnyInvocable<void()>>;

  // `store_record`: c/store as it stood when the store was opened.
  LeasedKeys(KeyPrefix prefix, std::string store_record);

  void Keep(const std::string& key, std::string value);
  void Take(const std::string& key, std::string value, TakeDone done);
  void Drop(const std::string& key, DropDone done);

  // Whether anything is asked for that is not known to be so.
  bool unsettled() const;
  // Whether a lease is worth having.
  bool wanted() const { return !kept_.empty() || !takes_.empty(); }
  // What shall be, under `lease`.
  pb::TxnRequest Build(int64_t lease);
  // The answer to what was built last, whose outer compare held.
  Answers Settle(int64_t lease, const pb::TxnResponse& response);
  // Answers everybody who waits for an office; and for a key to be dropped, whose lease is over.
  Answers FailTakes(const absl::Status& why);
  Answers FailDrops(const absl::Status& why);
  // Nothing stands any more.
  void Unsettle();
  // Keeps nothing any more.
  void Clear() { kept_.clear(); }

 private:
  // Renewals at which a dropped key is looked after: a put of ours may be under way for long.
  static constexpr int kLookAfter = 3;

  struct Kept {
    std::string value;
    uint64_t edition;
    bool settled = false;
  };
  struct Dropped {
    bool settled() const { return waiting.empty() && !found; }

    std::vector<DropDone> waiting;
    uint64_t edition;
    int looks = kLookAfter;
    // It stands under our lease, at this revision, and is to be deleted. Never by the lease alone:
    // a deletion that comes late must not hit a key that was put anew.
    std::optional<int64_t> found;
  };
  struct Taking {
    std::string key;
    std::string value;
    TakeDone done;
    uint64_t edition;
  };
  struct Ask {
    enum class What { kKeep, kDrop, kTake };
    What what;
    std::string key;
    uint64_t edition;
  };

  pb::TxnRequest& AddPart(pb::TxnRequest& txn, Ask::What what, const std::string& key,
                          uint64_t edition);
  void BuildKept(pb::TxnRequest& txn, int64_t lease);
  void BuildDropped(pb::TxnRequest& txn, int64_t lease);
  void BuildTakes(pb::TxnRequest& txn, int64_t lease);
  void SettleKept(const Ask& ask);
  void SettleDropped(const Ask& ask, const pb::TxnResponse& part, Answers& answers);
  void SettleTake(const Ask& ask, bool ours, Answers& answers);

  const KeyPrefix prefix_;
  const std::string store_record_;
  std::map<std::string, Kept> kept_;
  std::map<std::string, Dropped> dropped_;
  std::vector<Taking> takes_;
  // The parts of the Txn built last.
  std::vector<Ask> asked_;
  uint64_t edition_ = 0;
};

}  // namespace rollcall::etcd
