// ServiceView and Subscription: who serves, now and from now on.
//
// A ServiceView is an immutable snapshot. A Subscription always has one: the last good one, from
// the registry or from disk, however long the registry has been away; it is never emptied on an
// answer that cannot be trusted.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "rollcall/export.h"
#include "rollcall/instance.h"

namespace rollcall {

namespace sdk {
class SubscriptionCell;
}

// Where a view comes from and how far it can be trusted.
struct ViewOrigin {
  // The registry's revision that the view reflects, and the store that it belongs to.
  uint64_t revision = 0;
  std::string store_id = {};
  // False: from disk and not yet confirmed, or the registry's last answer is in doubt and being
  // checked. Such a view is still the best there is.
  bool verified = false;
  // Since the registry last confirmed it, when the view was made; Subscription::age() is of now.
  absl::Duration age = absl::InfiniteDuration();
};

// Immutable; thread-safe.
class ROLLCALL_EXPORT ServiceView {
 public:
  ServiceView(std::string service, std::vector<InstancePtr> instances, ViewOrigin origin);

  const std::string& service() const { return service_; }
  // All that are registered, whatever their standing, sorted by id.
  const std::vector<InstancePtr>& instances() const { return instances_; }
  // Null if it is not there.
  const Instance* Find(absl::string_view id) const;

  // Those to call, sorted by id: the PASSING ones; if they are fewer than 0.3 of the PASSING,
  // SUSPECT and CRITICAL ones together, the SUSPECT ones too, and by the same rule the CRITICAL
  // ones. Never STARTING, DRAINING or OUT_OF_SERVICE ones. The registry answers by the same rule.
  const std::vector<InstancePtr>& serving() const { return serving_; }
  // serving() holds more than the PASSING ones.
  bool panic() const { return panic_; }

  uint64_t revision() const { return origin_.revision; }
  const std::string& store_id() const { return origin_.store_id; }
  bool verified() const { return origin_.verified; }
  absl::Duration age() const { return origin_.age; }

 private:
  std::string service_;
  std::vector<InstancePtr> instances_;
  std::vector<InstancePtr> serving_;
  bool panic_ = false;
  ViewOrigin origin_;
};

using ViewPtr = std::shared_ptr<const ServiceView>;

struct WatchOptions {
  // Comma-joined `key=value` or `key!=value`; keys: version, region, zone, sub_zone, meta.<k>.
  std::string selector = {};
  // Called on the client's thread with every new view; must not block.
  std::function<void(const ViewPtr&)> on_change = {};
};

// Keeps a view up to date until it is destroyed. Thread-safe, movable. May outlive its Client: the
// view then no longer changes.
class ROLLCALL_EXPORT Subscription {
 public:
  // Holds nothing; for assigning to later.
  Subscription();
  explicit Subscription(std::shared_ptr<sdk::SubscriptionCell> cell);
  Subscription(Subscription&&) noexcept;
  Subscription& operator=(Subscription&&) noexcept;
  ~Subscription();

  // The newest view; never null. Before the first answer it is empty and not verified. Cheap
  // enough for every call.
  ViewPtr view() const;
  // Since the registry last confirmed the view; infinite if it never did.
  absl::Duration age() const;
  // OK, or why the registry refuses this subscription (for example a bad selector).
  absl::Status status() const;

  // Waits until `condition` holds for the view. DEADLINE_EXCEEDED if it does not within `limit`;
  // FAILED_PRECONDITION when called from one of the client's own callbacks.
  absl::Status WaitFor(const std::function<bool(const ServiceView&)>& condition,
                       absl::Duration limit) const;
  // Waits until the registry (not the disk) has answered.
  absl::Status WaitUntilVerified(absl::Duration limit) const;
  // Waits until serving() has `count` instances or more.
  absl::Status WaitForServing(size_t count, absl::Duration limit) const;

 private:
  std::shared_ptr<sdk::SubscriptionCell> cell_;
};

}  // namespace rollcall
