#include "server/flow/session_closer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "server/command/session_commands.h"
#include "server/flow/parts.h"

namespace rollcall::flow {
namespace {

// Our own commands have no caller who waits; this bounds how long they stay queued.
constexpr absl::Duration kClosingDeadline = absl::Seconds(10);

struct Removal {
  size_t open;
  Revision revision;
  absl::Status first_failure;
};

}  // namespace

// Without a deadline of its own: once submitted, the answer is what became of it, however long the
// store takes. What was not submitted in time is withdrawn.
void SessionCloser::End(const SessionId& id, command::Reason reason, Done done) {
  const base::Instant until = clock_.Steady() + kClosingDeadline;
  committer_.Submit(
      std::make_shared<command::EndSession>(id, std::move(reason), node_),
      base::Instant::InfiniteFuture(),
      [this, id, done = std::move(done)](absl::StatusOr<Revision> revision) mutable {
        if (revision.ok()) RemoveInstances(id, *revision, nullptr);
        done(std::move(revision));
      },
      [this, until] { return clock_.Steady() >= until; });
}

void SessionCloser::Deregister(std::shared_ptr<command::Deregister> command, const SessionId& id,
                               base::Instant deadline, Done done) {
  auto shared = std::make_shared<Done>(std::move(done));
  commands_.Submit(std::move(command), deadline,
                   [this, id, shared](absl::StatusOr<Revision> revision) {
                     if (revision.ok()) {
                       RemoveInstances(id, *revision, shared);
                     } else {
                       (*shared)(std::move(revision));
                     }
                   });
}

void SessionCloser::RemoveInstances(const SessionId& id, Revision ended,
                                    std::shared_ptr<Done> done) {
  std::vector<InstanceName> names = catalog_.InstancesOf(id);
  if (names.empty()) {
    if (done) (*done)(ended);
    return;
  }
  auto removal = std::make_shared<Removal>(Removal{0, ended, absl::OkStatus()});
  for (std::vector<InstanceName>& some :
       InParts(std::move(names), [](const InstanceName&) { return size_t{0}; })) {
    ++removal->open;
    committer_.Submit(std::make_shared<command::RemoveOrphans>(id, std::move(some)),
                      clock_.Steady() + kClosingDeadline,
                      [removal, done](absl::StatusOr<Revision> revision) {
                        if (revision.ok()) {
                          removal->revision = std::max(removal->revision, *revision);
                        } else if (removal->first_failure.ok()) {
                          removal->first_failure = revision.status();
                        }
                        if (--removal->open > 0 || !done) return;
                        if (removal->first_failure.ok()) {
                          (*done)(removal->revision);
                        } else {
                          (*done)(removal->first_failure);
                        }
                      });
  }
}

void SessionCloser::Sweep() {
  for (const SessionId& id : catalog_.OrphanedSessions()) {
    RemoveInstances(id, Revision(0), nullptr);
  }
}

}  // namespace rollcall::flow
