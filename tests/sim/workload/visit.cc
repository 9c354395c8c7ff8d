// A process comes and soon leaves again in good order, and what it asks comes to the nodes twice:
// its registration also when it has left.
#include "absl/strings/str_cat.h"
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kVisit = {"visit",
                     "INSTANCE for SECONDS",
                     Verb::Kind::kNewer,
                     6,
                     [](const Draw& draw) -> Words {
                       Words words = draw.For(absl::Milliseconds(100), absl::Seconds(3));
                       words.insert(words.begin(), draw.Instance());
                       return words;
                     },
                     [](World& world, const Words& words) {
                       const Process* const host = world.Newest(words[0]);
                       if (host == nullptr) return;
                       const std::string id = absl::StrCat(host->id, "-visitor");
                       Process& visitor = world.Begin(host->service, id, host->zone, "");
                       visitor.client->transport().SendTwice(absl::Seconds(8));
                       world.After(DurationOf(words), [&world, &visitor] { world.Stop(visitor); });
                     }};

}  // namespace rollcall::sim
