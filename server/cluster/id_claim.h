// IdClaim: which of several processes with one node id may stay.
//
// An id is an office too, e/node/<id>, which one process holds by its incarnation and under its
// lease: the first that asked for it, as the store tells; no clocks are compared. It is sought from
// the start on, and free when the process that had it has ended or lost its lease. It does not keep
// a node from serving that was started again before that: only who finds another process's
// announcement in place of its own asks here what to do.
//
// Belongs to the executor. The Leases must be destroyed first, or outlive this.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "server/cluster/election.h"

namespace rollcall::cluster {

class IdClaim {
 public:
  enum class Verdict {
    kOurs,
    kTheirs,
    kOpen,  // not decided yet, or not known here
  };
  // Called when a verdict may be another.
  using Decided = std::function<void()>;

  IdClaim(store::Leases& leases, base::Executor& executor, const base::Clock& clock,
          base::Random& random, const NodeId& id, std::string incarnation, Decided decided);

  void Start() { office_.Start(); }
  // Between this process and the one of `incarnation`.
  Verdict Against(absl::string_view incarnation) const;

  // As Election's.
  void OnControl(absl::string_view key, Revision revision, const std::optional<std::string>& value);
  void OnLeaseLost() { office_.OnLeaseLost(); }

 private:
  const std::string key_;
  const Decided decided_;
  Election office_;
  std::optional<std::string> holder_;  // by the watch
};

}  // namespace rollcall::cluster
