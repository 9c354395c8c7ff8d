#include "tests/sim/faults/all.h"

#include <algorithm>

namespace rollcall::sim {

const std::vector<const Verb*>& AllVerbs() {
  static const auto* const kAll = new std::vector<const Verb*>{
      &kCrash,         &kStopNode,    &kFreeze,      &kClockJumps,    &kRefused,     &kSilent,
      &kNoAnswers,     &kHoldWatches, &kLossy,       &kSlowEtcd,      &kSlowLoad,    &kOrphans,
      &kLateSuspicion, &kDiskFull,    &kCutEtcd,     &kQuorum,        &kEtcdRestart, &kLeader,
      &kCompact,       &kMember,      &kNodesApart,  &kPartition,     &kLoss,        &kCutStreams,
      &kFreezeProcess, &kFreezeZone,  &kFleet,       &kCallers,       &kKill,        &kBegin,
      &kLeave,         &kFlap,        &kRoll,        &kZoneDies,      &kZoneReturns, &kOverride,
      &kOverrideRace,  &kRelease,     &kRemove,      &kLatest,        &kDiskSlow,    &kMisses,
      &kUnreadable,    &kReweigh,     &kOverrideFor, &kRequestsTwice, &kSomeDie,     &kVisit,
  };
  return *kAll;
}

void Hamper(World& world, Process& process, absl::Duration duration) {
  process.hampered_until =
      std::max(process.hampered_until, world.now() + duration + kAftermathOfAProcess);
}

std::vector<Path*> WaysBetween(World& world, const std::string& zone, const std::string& node,
                               const std::string& direction, absl::Duration duration) {
  std::vector<Path*> ways;
  for (const auto& process : world.processes()) {
    if (!process->alive || (zone != "all" && process->zone != zone)) continue;
    if (duration > absl::ZeroDuration()) {
      Hamper(world, *process, duration);
    }
    for (const auto& each : world.nodes()) {
      if (node != "all" && each->id() != node) continue;
      SimTransport& transport = process->client->transport();
      if (direction != "down") ways.push_back(&transport.way_to(each->address()));
      if (direction != "up") ways.push_back(&transport.way_from(each->address()));
    }
  }
  return ways;
}

}  // namespace rollcall::sim
