// Leases: keys in the store that live as long as this process can tell the store so: a node's
// presence, and offices of which there is one in the cluster.
//
// All of them stand under one lease, so they go together. Renewing is the implementation's
// business; when the lease was lost, keys that were Kept are put again under a new one, and offices
// are not: whoever held one hears of it and may ask again. Lives on one executor; callbacks come
// there.
#pragma once

#include <functional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client-sdk/base/instant.h"

namespace rollcall::store {

class Leases {
 public:
  virtual ~Leases() = default;

  // Puts `key`, now and whenever the lease is a new one, until Drop. Again with another value:
  // replaces it.
  virtual void Keep(const std::string& key, std::string value) = 0;
  // Takes the office of `key` if nobody has it. True: it is ours, until on_lost; false: another
  // process has it (and its end will be seen in the watch).
  using TakeDone = absl::AnyInvocable<void(absl::StatusOr<bool>)>;
  virtual void Take(const std::string& key, std::string value, TakeDone done) = 0;
  // Deletes a key of ours, kept or taken. `done` may be null.
  virtual void Drop(const std::string& key, absl::AnyInvocable<void(absl::Status)> done) = 0;
  // Ends the lease and all its keys at once; nothing is kept from then on.
  virtual void End(absl::AnyInvocable<void(absl::Status)> done) = 0;

  // Called when the lease, and with it every office, may be lost. Before the first Keep or Take.
  virtual void OnLost(std::function<void()> lost) = 0;
  // The latest time at which the lease was known to hold: when the renewal that succeeded was sent.
  // InfinitePast: never.
  virtual base::Instant confirmed() const = 0;
  // As granted.
  virtual absl::Duration ttl() const = 0;
};

}  // namespace rollcall::store
