// Oracle: watches a world and says when something happened that must not.
//
// One for each promise, in a file of its own. It hears of each change of the truth (what the store
// agreed on) as it comes, of what watchers are told, and of what the world does; it is asked for a
// cheap look four times a second, and for a full one each 1000 steps and at the end.
//
// Only looks: it draws no chance and posts nothing, so a run is the same with it and without.
#pragma once

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "rollcall/v1/discovery.pb.h"
#include "tests/sim/oracles/truth.h"
#include "tests/sim/world/findings.h"

namespace rollcall::sim {

class SimClusterNode;
class World;
struct MadeCall;
struct Process;

class Oracle {
 public:
  Oracle(absl::string_view name, Findings& findings) : name_(name), findings_(findings) {}
  virtual ~Oracle() = default;
  absl::string_view name() const { return name_; }
  // Only then OnStep is called.
  virtual bool wants_steps() const { return false; }

  // A record was written, deleted or purged.
  virtual void OnChange(const World&, const TruthChange&) {}
  // A process was told that it is registered, at its first and each later epoch.
  virtual void OnAcknowledged(const World&, const Process&, uint64_t /*lease_epoch*/) {}
  // Somebody asks the registry to change something, or for the newest of something (operators and
  // readers stand beside a node, all others ask through their network); and is answered: without
  // that nobody knows what became of it. `answer` is null unless the status is OK.
  virtual void OnAsked(const World&, uint64_t /*call*/, const google::protobuf::Message&) {}
  virtual void OnAnswered(const World&, uint64_t /*call*/, const absl::Status&,
                          const google::protobuf::Message* /*answer*/) {}
  // A message of a watch arrived.
  virtual void OnWatched(const World&, const Process&, const v1::WatchResponse&) {}
  // A process looked at its view.
  virtual void OnPick(const World&, const Process&) {}
  // A call begins; a caller tries somebody: the last of the call's tries has just begun; a call has
  // ended.
  virtual void OnCalling(const World&, const MadeCall&) {}
  virtual void OnTried(const World&, const MadeCall&) {}
  virtual void OnCalled(const World&, const MadeCall&) {}
  // An operator was told that a command is done.
  virtual void OnOperatorDone(const World&, const OperatorCommand&) {}
  // A node's process began, with what its disk holds.
  virtual void OnNodeStarted(const World&, SimClusterNode&) {}
  // A process died, or was told to stop.
  virtual void OnDeath(const World&, const Process&) {}
  // After each step.
  virtual void OnStep(const World&) {}
  virtual void OnTick(const World&) {}
  // Everything.
  virtual void OnLook(const World&) {}
  // Nothing has been wrong, and nobody has come or gone, for World::kQuiet.
  virtual void AtEnd(const World&) {}

 protected:
  void Wrong(std::string what) { findings_.Add(name_, std::move(what)); }

 private:
  const std::string name_;
  Findings& findings_;
};

}  // namespace rollcall::sim
