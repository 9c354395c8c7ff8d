// PastReader: reads what is kept of instances out of a VersionView, one instance at a time.
//
// Thread-compatible; blocks. DATA_LOSS for a version that does not parse.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/history/instance_past.h"
#include "server/store/version_view.h"

namespace rollcall::history {

// Which instances: one; with an empty id those of a service; with an empty service those of a
// namespace; with namespace "*" (and nothing else) all.
struct Scope {
  std::string ns;
  std::string service;
  std::string id;
};

class PastReader {
 public:
  explicit PastReader(const store::VersionView& view) : view_(view) {}

  // Calls `sink` for each instance of which anything is kept, its override included; not in order.
  using Sink = absl::FunctionRef<void(const InstancePast&)>;
  absl::Status Read(const Scope& scope, Sink sink);

  // The changes of service specifications above `after`.
  absl::Status ReadServices(const Scope& scope, Revision after,
                            absl::FunctionRef<void(v1::Change)> sink) const;

 private:
  using Overrides = std::map<InstanceName, Timeline<internal::v1::OverrideRecord>>;
  using SharedSession = std::shared_ptr<const Timeline<SessionPoint>>;

  absl::StatusOr<Overrides> ReadOverrides(const Scope& scope) const;
  absl::Status ReadInstances(const Scope& scope, absl::FunctionRef<void(InstancePast)> sink) const;
  absl::Status AddSessions(InstancePast& past);
  absl::StatusOr<SharedSession> Session(const std::string& id);

  const store::VersionView& view_;
  std::map<std::string, SharedSession> sessions_;  // read so far
};

}  // namespace rollcall::history
