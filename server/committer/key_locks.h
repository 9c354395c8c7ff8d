// KeyLocks: which pending command may use which keys.
//
// A command that writes a key has it alone; commands that only guard it share it. Waiters are
// served in order of arrival. Keys are taken in ascending order, one after another, so nobody waits
// in a circle.
//
// Thread-compatible, pure.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "server/command/command.h"

namespace rollcall::committer {

class KeyLocks {
 public:
  using Owner = uint64_t;
  // Called when `owner` has all the keys it asked for; never from within Acquire.
  using Granted = std::function<void(Owner)>;
  explicit KeyLocks(Granted granted) : granted_(std::move(granted)) {}

  // True if `owner` has them all now; else Granted is called later. `owner` must hold none. A key
  // that is named twice counts once, as written if any of the two writes.
  bool Acquire(Owner owner, std::vector<command::KeyUse> keys);
  // Gives back what the owner has, and gives up what it waits for.
  void Release(Owner owner);

  static std::vector<command::KeyUse> Normal(std::vector<command::KeyUse> keys);
  // Whether what `owner` has is enough for these.
  bool Covers(Owner owner, const std::vector<command::KeyUse>& keys) const;
  bool CoversChange(Owner owner, const command::Change& change) const;
  size_t size() const { return claims_.size(); }

 private:
  struct Lock {
    uint32_t readers = 0;
    bool writer = false;
    std::list<Owner> waiting;  // An empty deque would take memory, and nearly all are empty.
  };
  struct Claim {
    std::vector<command::KeyUse> keys;
    size_t have = 0;  // of `keys`, from the front
  };
  static bool Has(const Claim& claim, const std::string& key, bool write);
  bool TryTake(Lock& lock, bool write);
  // Takes as many keys as it can; true if all.
  bool Advance(Owner owner, Claim& claim);
  void WakeNext(const std::string& key, std::vector<Owner>& completed);

  const Granted granted_;
  absl::flat_hash_map<std::string, Lock> locks_;
  absl::flat_hash_map<Owner, Claim> claims_;
};

}  // namespace rollcall::committer
