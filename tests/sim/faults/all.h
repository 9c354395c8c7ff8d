// All verbs of plans, and what several of them share.
#pragma once

#include <string>
#include <vector>

#include "tests/sim/faults/verb.h"

namespace rollcall::sim {

extern const Verb kCrash;
extern const Verb kStopNode;
extern const Verb kFreeze;
extern const Verb kClockJumps;
extern const Verb kRefused;
extern const Verb kSilent;
extern const Verb kNoAnswers;
extern const Verb kHoldWatches;
extern const Verb kLossy;
extern const Verb kSlowEtcd;
extern const Verb kMisses;
extern const Verb kUnreadable;
extern const Verb kSlowLoad;
extern const Verb kOrphans;
extern const Verb kLateSuspicion;
extern const Verb kDiskFull;
extern const Verb kDiskSlow;
extern const Verb kCutEtcd;
extern const Verb kQuorum;
extern const Verb kEtcdRestart;
extern const Verb kLeader;
extern const Verb kCompact;
extern const Verb kMember;
extern const Verb kNodesApart;
extern const Verb kPartition;
extern const Verb kLoss;
extern const Verb kCutStreams;
extern const Verb kFreezeProcess;
extern const Verb kFreezeZone;
extern const Verb kFleet;
extern const Verb kCallers;
extern const Verb kKill;
extern const Verb kBegin;
extern const Verb kLeave;
extern const Verb kFlap;
extern const Verb kRoll;
extern const Verb kZoneDies;
extern const Verb kZoneReturns;
extern const Verb kOverride;
extern const Verb kOverrideRace;
extern const Verb kRelease;
extern const Verb kRemove;
extern const Verb kLatest;
extern const Verb kReweigh;
extern const Verb kSomeDie;
extern const Verb kOverrideFor;
extern const Verb kRequestsTwice;
extern const Verb kVisit;

// Oracles that promise only for quiet times wait so long after a fault of a node or of etcd: a
// presence runs out, clients find other nodes, and everybody has his TTL anew.
inline constexpr absl::Duration kAftermathOfANode = absl::Seconds(40);
// A process that was stopped has lost its session at worst, and registers anew.
inline constexpr absl::Duration kAftermathOfAProcess = absl::Seconds(30);

// Notes that the process cannot do its part for so long, and what follows from that.
void Hamper(World& world, Process& process, absl::Duration duration);

// Between the processes of a zone ("all": of all) and a node ("all": each); `direction` is "up",
// "down" or "both". Notes with each process that it is hampered for `duration`.
std::vector<Path*> WaysBetween(World& world, const std::string& zone, const std::string& node,
                               const std::string& direction, absl::Duration duration);

}  // namespace rollcall::sim
