// Session: what the judge knows of one session that is this node's to judge: it is at home here, or
// an orphan, whose home went away and which nobody has taken over.
//
// Plain data of the health executor; only the cell is shared with gRPC threads. What is true is
// committed elsewhere: `state` follows the catalog, `doing` is the one commit under way, `want` the
// one to come after it (a later want replaces an earlier one).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client-sdk/base/instant.h"
#include "server/health/beat_cell.h"
#include "server/health/session_facts.h"
#include "server/health/stream_binding.h"

namespace rollcall::health {

enum class Verdict : uint8_t {
  kNone,
  kSuspectBroken,   // its stream broke
  kSuspectOverdue,  // its heartbeat is late
  kRenew,
  kLeave,
  kEndLeft,  // it left, and its stream has ended
  kEvict,    // by Evictions only
};

// Instances of the session in one service and zone.
struct HeldInZone {
  ServiceName service;
  std::string zone;
  uint32_t instances = 0;
};

struct Session {
  uint64_t number = 0;  // never used twice
  SessionId id;
  NodeId home;
  bool orphan = false;
  absl::Duration ttl;
  SessionState state = internal::v1::SESSION_STATE_UNSPECIFIED;
  std::shared_ptr<BeatCell> cell;
  Binding stream;  // null: none
  // Its last stream broke, without a word of the client or ours that it would end.
  bool broken = false;

  // Accounted time. The full TTL is granted from here if no heartbeat is later.
  base::Instant granted;
  // When it was last found wanting; a later heartbeat renews.
  base::Instant judged;
  // Its stream broke among many: suspect if it has not come back by then.
  std::optional<base::Instant> reprieved_until;
  // A brake holds its eviction.
  std::optional<base::Instant> held_since;

  Verdict want = Verdict::kNone;
  Verdict doing = Verdict::kNone;
  bool stopping = false;              // the client said so
  std::string stream_end;             // how its last stream ended; empty: it did not
  std::vector<HeldInZone> braked_in;  // while its eviction is due: what it would take away

  bool Suspected() const { return state == internal::v1::SESSION_STATE_SUSPECT; }
  bool Leaving() const { return stopping || state == internal::v1::SESSION_STATE_LEAVING; }

  // Makes heartbeats mean what the state asks for.
  void SyncBeatMode() {
    if (doing == Verdict::kEvict) return cell->SetMode(BeatMode::kMuted);
    if (!Suspected()) return cell->SetMode(BeatMode::kCounts);
    const bool renewing = want == Verdict::kRenew || doing == Verdict::kRenew;
    cell->SetMode(renewing ? BeatMode::kRenewing : BeatMode::kRenews);
  }
};

}  // namespace rollcall::health
