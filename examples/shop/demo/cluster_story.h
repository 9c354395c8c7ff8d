// ClusterStory: what becomes of the shop when parts of its registry cluster die, one after another.
//
// Like Story: a chapter does something, tells what happens and makes claims of it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "examples/shop/demo/claims.h"
#include "examples/shop/demo/cluster.h"
#include "examples/shop/demo/lease_epochs.h"
#include "examples/shop/demo/screen.h"
#include "examples/shop/demo/shop.h"
#include "examples/shop/demo/write_probe.h"

namespace shop::demo {

class ClusterStory {
 public:
  ClusterStory(Cluster& cluster, Shop& shop, Screen& screen, Claims& claims)
      : cluster_(cluster), shop_(shop), screen_(screen), claims_(claims) {}

  absl::Status Tell();

 private:
  absl::Status Open();
  absl::Status KillNode();
  absl::Status KillFollower();
  absl::Status KillLeader();
  absl::Status LoseQuorum();
  absl::Status Close();

  // Kills one member, waits until writes go on, starts it again; `what` names it.
  absl::Status StrikeMember(int member, const std::string& what);
  // Makes `strike`, and says what calls and writes saw of it from then on until it returns.
  absl::Status During(const std::string& what, const std::function<absl::Status()>& strike);
  // Waits until every session is connected to some node that runs.
  absl::Status AwaitSessions();
  absl::Status AwaitWrites(Moment since);
  // A node that runs, for the tool.
  int Asked() const { return node_down_ == 0 ? 1 : 0; }

  Cluster& cluster_;
  Shop& shop_;
  Screen& screen_;
  Claims& claims_;
  std::unique_ptr<WriteProbe> probe_;
  LeaseEpochs held_;
  Moment opened_;
  int node_down_ = -1;
  // Outside the time without a majority, in which nothing can be written.
  absl::Duration longest_pause_;
};

}  // namespace shop::demo
