// Isolation: whether this node is cut off from the store while other nodes are not.
//
// A node that cannot reach the store cannot tell by itself whether it is alone in that. So it asks
// others, a few at random, every kAskEvery, and counts as isolated as long as one of them has said
// lately that it is in touch. While the store is away from all nodes nobody says so: then none is
// isolated, and since one in touch is needed for it, never are all. It asks first when it has been
// cut off for kAskEvery: nodes do not notice at the same moment that the store went away.
//
// Belongs to the executor, but for isolated(), which is thread-safe.
#pragma once

#include <atomic>
#include <functional>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/instant.h"
#include "client-sdk/base/lifeline.h"
#include "client-sdk/base/random.h"
#include "server/cluster/node_directory.h"
#include "server/model/ids.h"

namespace rollcall::cluster {

class Isolation {
 public:
  static constexpr absl::Duration kAskEvery = absl::Seconds(1);
  // How many nodes are asked each time, and how long each has to answer.
  static constexpr size_t kAsked = 3;
  static constexpr absl::Duration kAnswerWithin = absl::Seconds(1);
  // How long the word of a node is good.
  static constexpr absl::Duration kBelieved = absl::Seconds(3);

  // Asks one node whether it is in touch with the store. The answer is given once, on the executor,
  // never within the call; no answer counts as no.
  using Answer = absl::AnyInvocable<void(bool in_touch)>;
  using Ask = std::function<void(const PresentNode& node, Answer answer)>;
  using Changed = std::function<void(bool isolated)>;

  Isolation(NodeId self, const NodeDirectory& directory, base::Executor& executor,
            const base::Clock& clock, base::Random& random, Ask ask, Changed changed);

  // Whether this node can be sure of nothing: it neither reaches the store nor knows that the
  // others take it for present.
  void SetCutOff(bool cut_off);
  bool isolated() const { return isolated_; }

 private:
  void AskSoon();
  void Round();
  void OnAnswer(bool in_touch);
  void Judge();
  // Some of those that were there when this node last heard of them.
  std::vector<PresentNode> Some();

  const NodeId self_;
  const NodeDirectory& directory_;
  base::Executor& executor_;
  const base::Clock& clock_;
  base::Random& random_;
  const Ask ask_;
  const Changed changed_;

  bool cut_off_ = false;
  base::Instant believed_until_;
  std::atomic<bool> isolated_{false};
  // Of rounds and answers; cut when it is no longer cut off.
  base::Lifeline lifeline_;
};

}  // namespace rollcall::cluster
