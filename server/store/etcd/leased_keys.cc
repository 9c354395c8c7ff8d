#include "server/store/etcd/leased_keys.h"

#include <algorithm>
#include <set>
#include <utility>

#include "client-sdk/base/check.h"
#include "server/model/keys.h"

namespace rollcall::etcd {
namespace {

pb::Compare& AddCompare(pb::TxnRequest& txn, const std::string& key,
                        pb::Compare::CompareTarget target) {
  pb::Compare& compare = *txn.add_compare();
  compare.set_key(key);
  compare.set_target(target);
  return compare;
}

void AddLeasedPut(google::protobuf::RepeatedPtrField<pb::RequestOp>& ops, const std::string& key,
                  const std::string& value, int64_t lease) {
  pb::PutRequest& put = *ops.Add()->mutable_request_put();
  put.set_key(key);
  put.set_value(value);
  put.set_lease(lease);
}

}  // namespace

LeasedKeys::LeasedKeys(KeyPrefix prefix, std::string store_record)
    : prefix_(std::move(prefix)), store_record_(std::move(store_record)) {}

void LeasedKeys::Keep(const std::string& key, std::string value) {
  kept_[key] = Kept{std::move(value), ++edition_};
  // Whoever waits for the key to be dropped hears when it is known to stand again.
  if (const auto at = dropped_.find(key); at != dropped_.end()) at->second.looks = 0;
}

void LeasedKeys::Take(const std::string& key, std::string value, TakeDone done) {
  ROLLCALL_CHECK(kept_.count(key) == 0, "a key is kept or taken");
  takes_.push_back({key, std::move(value), std::move(done), ++edition_});
}

void LeasedKeys::Drop(const std::string& key, DropDone done) {
  kept_.erase(key);
  Dropped& dropped = dropped_[key];
  dropped.edition = ++edition_;
  dropped.looks = kLookAfter;
  dropped.found.reset();
  dropped.waiting.push_back(std::move(done));
}

void LeasedKeys::Unsettle() {
  for (auto& [key, kept] : kept_) kept.settled = false;
}

bool LeasedKeys::unsettled() const {
  return !takes_.empty() || std::any_of(kept_.begin(), kept_.end(), [](const auto& entry) {
    return !entry.second.settled;
  }) || std::any_of(dropped_.begin(), dropped_.end(), [](const auto& entry) {
    return !entry.second.settled();
  });
}

// Building.

pb::TxnRequest& LeasedKeys::AddPart(pb::TxnRequest& txn, Ask::What what, const std::string& key,
                                    uint64_t edition) {
  asked_.push_back({what, key, edition});
  return *txn.add_success()->mutable_request_txn();
}

// Written only if it does not stand as it shall.
void LeasedKeys::BuildKept(pb::TxnRequest& txn, int64_t lease) {
  for (const auto& [key, kept] : kept_) {
    const std::string full = prefix_.Full(key);
    pb::TxnRequest& part = AddPart(txn, Ask::What::kKeep, key, kept.edition);
    AddCompare(part, full, pb::Compare::LEASE).set_lease(lease);
    AddCompare(part, full, pb::Compare::VALUE).set_value(kept.value);
    AddLeasedPut(*part.mutable_failure(), full, kept.value, lease);
  }
}

void LeasedKeys::BuildDropped(pb::TxnRequest& txn, int64_t lease) {
  for (const auto& [key, dropped] : dropped_) {
    pb::TxnRequest& part = AddPart(txn, Ask::What::kDrop, key, dropped.edition);
    // Kept again: the part is there to be answered.
    if (kept_.count(key) > 0) continue;
    const std::string full = prefix_.Full(key);
    if (dropped.found) {
      AddCompare(part, full, pb::Compare::MOD).set_mod_revision(*dropped.found);
      part.add_success()->mutable_request_delete_range()->set_key(full);
    } else {
      AddCompare(part, full, pb::Compare::LEASE).set_lease(lease);
      part.add_success()->mutable_request_range()->set_key(full);
    }
  }
}

void LeasedKeys::BuildTakes(pb::TxnRequest& txn, int64_t lease) {
  std::set<std::string> named;
  for (const Taking& taking : takes_) {
    // One key, one write: later ones have their turn later.
    if (dropped_.count(taking.key) > 0 || !named.insert(taking.key).second) continue;
    const std::string full = prefix_.Full(taking.key);
    pb::TxnRequest& part = AddPart(txn, Ask::What::kTake, taking.key, taking.edition);
    AddCompare(part, full, pb::Compare::CREATE).set_create_revision(0);
    AddLeasedPut(*part.mutable_success(), full, taking.value, lease);
    part.add_failure()->mutable_request_range()->set_key(full);
  }
}

pb::TxnRequest LeasedKeys::Build(int64_t lease) {
  pb::TxnRequest txn;
  AddCompare(txn, prefix_.Full(kStoreKey), pb::Compare::VALUE).set_value(store_record_);
  asked_.clear();
  // A take ends the looking after a drop of the same key that was carried out.
  for (const Taking& taking : takes_) {
    const auto at = dropped_.find(taking.key);
    if (at != dropped_.end() && at->second.settled()) dropped_.erase(at);
  }
  BuildKept(txn, lease);
  BuildDropped(txn, lease);
  BuildTakes(txn, lease);
  return txn;
}

// Settling.

void LeasedKeys::SettleKept(const Ask& ask) {
  const auto at = kept_.find(ask.key);
  if (at != kept_.end() && at->second.edition == ask.edition) at->second.settled = true;
}

void LeasedKeys::SettleDropped(const Ask& ask, const pb::TxnResponse& part, Answers& answers) {
  const auto at = dropped_.find(ask.key);
  if (at == dropped_.end() || at->second.edition != ask.edition) return;
  if (part.responses_size() > 0 && part.responses(0).response_range().kvs_size() > 0) {
    at->second.found = part.responses(0).response_range().kvs(0).mod_revision();
    return;
  }
  at->second.found.reset();
  for (DropDone& done : std::exchange(at->second.waiting, {})) {
    if (done) answers.push_back([done = std::move(done)]() mutable { done(absl::OkStatus()); });
  }
  if (--at->second.looks <= 0) dropped_.erase(at);
}

void LeasedKeys::SettleTake(const Ask& ask, bool ours, Answers& answers) {
  const auto at = std::find_if(takes_.begin(), takes_.end(),
                               [&](const Taking& taking) { return taking.edition == ask.edition; });
  if (at == takes_.end()) return;
  answers.push_back([done = std::move(at->done), ours]() mutable { done(ours); });
  takes_.erase(at);
}

LeasedKeys::Answers LeasedKeys::Settle(int64_t lease, const pb::TxnResponse& response) {
  Answers answers;
  const std::vector<Ask> asked = std::exchange(asked_, {});
  for (size_t i = 0; i < asked.size() && i < static_cast<size_t>(response.responses_size()); ++i) {
    const pb::TxnResponse& part = response.responses(static_cast<int>(i)).response_txn();
    switch (asked[i].what) {
      case Ask::What::kKeep:
        SettleKept(asked[i]);
        break;
      case Ask::What::kDrop:
        SettleDropped(asked[i], part, answers);
        break;
      case Ask::What::kTake: {
        // Of a lost answer's making, perhaps.
        const bool ours = part.responses_size() > 0 &&
                          part.responses(0).response_range().kvs_size() > 0 &&
                          part.responses(0).response_range().kvs(0).lease() == lease;
        SettleTake(asked[i], part.succeeded() || ours, answers);
        break;
      }
    }
  }
  return answers;
}

LeasedKeys::Answers LeasedKeys::FailTakes(const absl::Status& why) {
  Answers answers;
  for (Taking& taking : std::exchange(takes_, {})) {
    answers.push_back([done = std::move(taking.done), why]() mutable { done(why); });
  }
  return answers;
}

LeasedKeys::Answers LeasedKeys::FailDrops(const absl::Status& why) {
  Answers answers;
  for (auto& [key, dropped] : std::exchange(dropped_, {})) {
    for (DropDone& done : dropped.waiting) {
      if (done) answers.push_back([done = std::move(done), why]() mutable { done(why); });
    }
  }
  return answers;
}

}  // namespace rollcall::etcd
