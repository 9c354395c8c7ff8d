// Story: what the demo shows, chapter by chapter.
//
// A chapter does something to the shop, tells what happens, and makes claims of it. An error means
// that the story cannot go on; a claim that does not hold does not stop it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "examples/shop/demo/claims.h"
#include "examples/shop/demo/gateway_stats.h"
#include "examples/shop/demo/screen.h"
#include "examples/shop/demo/shop.h"

namespace shop::demo {

class Story {
 public:
  Story(Shop& shop, Screen& screen, Claims& claims)
      : shop_(shop), screen_(screen), claims_(claims) {}

  absl::Status Tell();

 private:
  // When something was done to an instance, and what was heard of it.
  struct Fault {
    std::string instance;
    Moment done;
    GatewayStats before;
    Change suspect;
    Change gone;
  };

  absl::Status Open();
  absl::Status KillOne();
  absl::Status FreezeOne();
  absl::Status RestartRegistry();
  absl::Status Close();

  // Sends `signal` to user instance `id` and waits until it was suspected and evicted.
  absl::StatusOr<Fault> Strike(const std::string& id, int signal);
  // Says and claims how soon it was noticed, with `name` for what was done.
  absl::Status Judge(const Fault& fault, const std::string& name, absl::Duration suspect_limit);
  // Measures who serves the calls to "user" for a while; `present` are those who should.
  absl::Status MeasureShares(const std::string& when, const std::vector<std::string>& present);
  // Waits until all sessions are connected to the registry again.
  absl::Status AwaitSessions();
  // Nobody may have been called suspect or gone, but for those that were struck.
  void ClaimNoFalseAlarm();

  Shop& shop_;
  Screen& screen_;
  Claims& claims_;
  Moment opened_;
  // What was done to whom, and what came of it.
  std::vector<Fault> faults_;
  // Kept for the table's second part.
  struct ShareRow {
    std::string when;
    std::string seen;
    std::string expected;
    bool holds;
  };
  std::vector<ShareRow> shares_;
};

}  // namespace shop::demo
