#include "server/committer/key_locks.h"

#include <algorithm>
#include <utility>

namespace rollcall::committer {

using command::KeyUse;

std::vector<KeyUse> KeyLocks::Normal(std::vector<KeyUse> keys) {
  std::sort(keys.begin(), keys.end(), [](const KeyUse& a, const KeyUse& b) {
    return a.key != b.key ? a.key < b.key : a.write > b.write;
  });
  const auto same = [](const KeyUse& a, const KeyUse& b) { return a.key == b.key; };
  keys.erase(std::unique(keys.begin(), keys.end(), same), keys.end());
  return keys;
}

bool KeyLocks::TryTake(Lock& lock, bool write) {
  if (lock.writer || (write && lock.readers > 0)) return false;
  if (write) {
    lock.writer = true;
  } else {
    ++lock.readers;
  }
  return true;
}

bool KeyLocks::Advance(Owner owner, Claim& claim) {
  for (; claim.have < claim.keys.size(); ++claim.have) {
    const KeyUse& use = claim.keys[claim.have];
    Lock& lock = locks_[use.key];
    if (!lock.waiting.empty() || !TryTake(lock, use.write)) {
      lock.waiting.push_back(owner);
      return false;
    }
  }
  return true;
}

bool KeyLocks::Acquire(Owner owner, std::vector<KeyUse> keys) {
  Claim& claim = claims_[owner];
  claim = {Normal(std::move(keys)), 0};
  return Advance(owner, claim);
}

void KeyLocks::WakeNext(const std::string& key, std::vector<Owner>& completed) {
  while (true) {
    const auto at = locks_.find(key);
    if (at == locks_.end()) return;
    Lock& lock = at->second;
    if (lock.waiting.empty()) {
      if (!lock.writer && lock.readers == 0) locks_.erase(at);
      return;
    }
    const Owner next = lock.waiting.front();
    Claim& claim = claims_.at(next);
    if (!TryTake(lock, claim.keys[claim.have].write)) return;
    lock.waiting.pop_front();
    ++claim.have;
    if (Advance(next, claim)) completed.push_back(next);
  }
}

void KeyLocks::Release(Owner owner) {
  const auto at = claims_.find(owner);
  if (at == claims_.end()) return;
  const Claim claim = std::move(at->second);
  claims_.erase(at);
  for (size_t i = 0; i < claim.have; ++i) {
    Lock& lock = locks_.at(claim.keys[i].key);
    if (claim.keys[i].write) {
      lock.writer = false;
    } else {
      --lock.readers;
    }
  }
  std::vector<Owner> completed;
  const size_t touched = std::min(claim.have + 1, claim.keys.size());
  if (touched > claim.have) {  // It waited for this one.
    auto& waiting = locks_.at(claim.keys[claim.have].key).waiting;
    waiting.erase(std::find(waiting.begin(), waiting.end(), owner));
  }
  for (size_t i = 0; i < touched; ++i) WakeNext(claim.keys[i].key, completed);
  for (const Owner next : completed) granted_(next);
}

bool KeyLocks::Has(const Claim& claim, const std::string& key, bool write) {
  return std::any_of(claim.keys.begin(), claim.keys.end(),
                     [&](const KeyUse& has) { return has.key == key && (has.write || !write); });
}

bool KeyLocks::Covers(Owner owner, const std::vector<KeyUse>& keys) const {
  const auto claim = claims_.find(owner);
  if (claim == claims_.end()) return keys.empty();
  return std::all_of(keys.begin(), keys.end(),
                     [&](const KeyUse& use) { return Has(claim->second, use.key, use.write); });
}

bool KeyLocks::CoversChange(Owner owner, const command::Change& change) const {
  const auto at = claims_.find(owner);
  static const auto& kNothing = *new Claim();
  const Claim& claim = at == claims_.end() ? kNothing : at->second;
  const auto reads = [&](const auto& guard) { return Has(claim, guard.key, false); };
  const auto writes = [&](const auto& put) { return Has(claim, put.key, true); };
  const auto deletes = [&](const std::string& key) { return Has(claim, key, true); };
  return std::all_of(change.guards.begin(), change.guards.end(), reads) &&
         std::all_of(change.puts.begin(), change.puts.end(), writes) &&
         std::all_of(change.deletes.begin(), change.deletes.end(), deletes);
}

}  // namespace rollcall::committer
