// Watch: one subscription to a service, and the view that its messages make.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/integration/support/duplex.h"
#include "tests/integration/support/raw_client.h"

namespace rollcall::integration {

using WatchStream = Duplex<v1::WatchRequest, v1::WatchResponse>;

std::unique_ptr<WatchStream> OpenWatch(RawClient& client);

struct WatchOptions {
  bool will_ack = false;
  uint64_t resume_revision = 0;
  std::string store_id = {};
  std::string client_name = {};
};

class Watch {
 public:
  using Condition = std::function<bool(const Watch&)>;

  // Subscribes, and waits until it has caught up.
  Watch(RawClient& client, const std::string& service, const WatchOptions& options = {});

  // Takes messages until the condition holds; throws with what it saw if it does not come to hold.
  void Until(const std::string& what, const Condition& condition, absl::Duration limit = kSoon);
  void UntilStanding(const std::string& id, v1::Standing standing, absl::Duration limit = kSoon);
  // Until it is not there; gives the cause.
  v1::Cause UntilRemoved(const std::string& id, absl::Duration limit = kSoon);

  const std::map<std::string, v1::Instance>& instances() const { return instances_; }
  // STANDING_UNSPECIFIED if it is not there.
  v1::Standing StandingOf(const std::string& id) const;
  uint64_t revision() const { return revision_; }
  const std::string& store_id() const { return store_id_; }
  // Messages marked as part of a snapshot, and instances told, since the start.
  int snapshots() const { return snapshots_; }
  int told() const { return told_; }
  // What was removed, and why, since the start.
  const std::map<std::string, v1::Cause>& removed() const { return removed_; }
  WatchStream& stream() { return *stream_; }

 private:
  void Apply(const v1::WatchResponse& message);

  const bool will_ack_;
  std::unique_ptr<WatchStream> stream_;
  std::map<std::string, v1::Instance> instances_;
  std::map<std::string, v1::Cause> removed_;
  uint64_t revision_ = 0;
  std::string store_id_;
  int snapshots_ = 0;
  int told_ = 0;
  bool replacing_ = false;
  bool caught_up_ = false;
  std::string trace_;
};

}  // namespace rollcall::integration
