// Auditor: finds out whether all nodes hold the same records, and puts this one right if it is the
// one that does not.
//
// The node that holds the sweeper's office writes c/audit from time to time. When that is applied,
// at revision R, every node holds exactly what the store held at R; each answers with the hash of
// it, in its presence. A little later each compares the answers about R. Who is outvoted, or finds
// votes even, reads the store at R, which is right by definition; whose own answer was not the
// store's loads everything anew, under the office e/reload, so that never two nodes do so at once.
//
// Lives on the core executor, which runs no more tasks once it is destroyed; but stats() is
// thread-safe. See docs/architecture.md
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/lifeline.h"
#include "rollcall/internal/v1/records.pb.h"
#include "server/cluster/audit_round.h"
#include "server/cluster/node_directory.h"
#include "server/model/ids.h"
#include "server/observe/log.h"
#include "server/replica/replica.h"
#include "server/store/leases.h"
#include "server/store/record_hash.h"
#include "server/store/store.h"

namespace rollcall::cluster {

class Auditor {
 public:
  // Answers within this time after an audit was applied are compared; later ones wait for the next.
  static constexpr absl::Duration kGather = absl::Seconds(5);
  // Audits are at least this far apart, or none would be compared before the next is applied.
  static constexpr absl::Duration kShortestInterval = absl::Seconds(6);
  // How often the office of reloading is asked for while another node has it.
  static constexpr absl::Duration kRetry = absl::Seconds(2);

  // Reads the hash of the store's records at a revision. `done` comes on the core executor.
  using HashDone = absl::AnyInvocable<void(absl::StatusOr<store::RecordsHash>)>;
  using ReadHash = std::function<void(Revision, HashDone)>;

  struct Edges {
    store::Store& store;
    store::Leases& leases;
    // Keeps hashes.
    replica::Replica& replica;
    const NodeDirectory& directory;
    base::Executor& core;
    const base::Clock& clock;
    observe::Log& log;
    // Makes this node's answer known to the others.
    std::function<void(internal::v1::AuditAnswer)> announce;
    ReadHash read_hash;
  };
  struct Options {
    NodeId self;
    absl::Duration interval = absl::Minutes(1);
  };
  // Before the replica starts: it listens there, and must be destroyed after it has stopped.
  Auditor(Edges edges, Options options);

  // Whether this node asks the questions: whether it holds the sweeper's office. Not at first. Who
  // takes it over asks when its predecessor would have, but not within kShortestInterval.
  void SetAsking(bool asking);

  // The nodes that the last comparison found to differ from the most; empty if all agreed.
  const std::set<NodeId>& differing() const { return differing_; }

  struct Stats {
    std::atomic<uint64_t> audits{0};       // compared here
    std::atomic<uint64_t> differences{0};  // of them not all alike
    std::atomic<uint64_t> reloads{0};      // of this node, for it was wrong
  };
  const Stats& stats() const { return stats_; }

 private:
  // What this node does about a difference of its own:
  //
  //   Idle        outvoted → Verifying
  //   Verifying   the store says that it is right, or says nothing → Idle; wrong → Awaiting
  //   Awaiting    it has the office → Reloading
  //   Reloading   it has caught up again, and gives the office back → Idle
  enum class Phase { kIdle, kVerifying, kAwaiting, kReloading };

  void OnControl(const std::string& key, Revision revision,
                 const std::optional<std::string>& value);
  void NoteAsked(const std::string& value);
  base::Instant NextAsk() const;
  void AskAt(base::Instant when);
  void Answer(Revision revision);
  void Ask();
  void Compare(Revision revision);
  AuditAnswers Gather(Revision revision) const;
  void Tell(Revision revision, const AuditAnswers& answers);
  void Verify(Revision revision, store::RecordsHash own);
  void TakeOffice();
  void Reload();

  const Edges edges_;
  const Options options_;
  bool asking_ = false;
  std::optional<base::Executor::TimerId> next_ask_;
  Revision asked_;  // the newest audit that was applied
  // When the last audit was asked for, by whomever.
  std::optional<base::Instant> last_ask_;
  store::RecordsHash own_;
  std::set<NodeId> differing_;
  Phase phase_ = Phase::kIdle;
  bool taking_ = false;
  Stats stats_;
  base::Lifeline lifeline_;
};

}  // namespace rollcall::cluster
