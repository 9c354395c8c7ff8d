// Random histories: whatever happens on the way, every watcher's view ends as what is true, and on
// the way nothing goes back in time (FakeWatch checks that on each message).
#include "tests/unit/feed/feed_fixture.h"

namespace rollcall::feed {
namespace {

class ConvergenceTest : public FeedTest, public ::testing::WithParamInterface<uint64_t> {
 protected:
  struct Client {
    Watch watch;
    // By subscription id.
    std::map<uint32_t, Wish> wishes;
  };

  uint64_t Below(uint64_t bound) { return chance_.Below(bound); }
  std::string AnyService() { return "s" + std::to_string(Below(4)); }
  std::string AnyInstance() { return "i" + std::to_string(Below(6)); }

  void Step() {
    switch (Below(12)) {
      case 0:
      case 1:
      case 2:
      case 3: {
        const std::string zone = Below(2) == 0 ? "z1" : "z2";
        Put(AnyService(), AnyInstance(), {.zone = zone, .padding = Padding()});
        break;
      }
      case 4:
      case 5:
        Remove(AnyService(), AnyInstance());
        break;
      case 6:
        if (clients_.size() < 12) Join();
        break;
      case 7:
        Reconnect();
        break;
      case 8:
        Toggle();
        break;
      case 9:
        if (Below(10) == 0) PurgeUpTo(Revision(last_.value() - Below(40)));
        break;
      case 10:
        AdvanceBy(absl::Milliseconds(Below(400)));
        break;
      default:
        executor_.RunReady();
    }
  }
  std::string Padding() { return Below(4) == 0 ? std::string(600 << 10, 'x') : ""; }

  void Join() {
    Client& client = clients_.emplace_back();
    client.watch = Connect("peer" + std::to_string(Below(3)));
    for (uint32_t id = 0; id < 1 + Below(4); ++id) {
      Wish wish{.id = id, .service = Below(3) == 0 ? "" : AnyService()};
      if (Below(3) == 0) wish.selector = "zone=z1";
      Subscribe(client.watch, wish);
      client.wishes[id] = wish;
    }
  }
  // The stream breaks at any point; the client resumes from what it has, keeping its views.
  void Reconnect() {
    if (clients_.empty()) return;
    Client& client = clients_[Below(clients_.size())];
    if (client.watch->closed) return;
    pool_.Remove(client.watch->id);
    Settle();
    const Watch again = Connect("peer" + std::to_string(Below(3)));
    again->views = client.watch->views;
    for (auto& [id, wish] : client.wishes) {
      again->views[id].in_snapshot = false;
      wish.resume = again->views[id].revision;
      Subscribe(again, wish);
    }
    client.watch = again;
  }
  void Toggle() {
    if (clients_.empty()) return;
    FakeWatch& watch = *clients_[Below(clients_.size())].watch;
    watch.reads = !watch.reads;
    if (watch.reads && watch.in_flight) watch.Finish();
  }

  std::map<std::string, uint64_t> Wanted(const Wish& wish) {
    std::map<std::string, uint64_t> wanted;
    for (const auto& [key, revision] : Truth(wish.service)) {
      const std::string service = key.substr(0, key.find('/'));
      for (const auto& live : views_.Find({"default", service})->instances) {
        if (absl::StrCat(service, "/", live->id()) != key) continue;
        if (Selector::Parse(wish.selector)->Matches(live->Spec())) wanted[key] = revision;
      }
    }
    return wanted;
  }
  void ExpectAllCaughtUp() {
    for (Client& client : clients_) {
      FakeWatch& watch = *client.watch;
      if (watch.closed) continue;
      watch.reads = true;
      if (watch.in_flight) watch.Finish();
    }
    Settle();
    for (Client& client : clients_) {
      if (client.watch->closed) continue;
      for (const auto& [id, wish] : client.wishes) {
        EXPECT_EQ(client.watch->views[id].live, Wanted(wish)) << "subscription " << id;
      }
    }
  }

  base::SeededRandom chance_{GetParam()};
  std::vector<Client> clients_;
};

TEST_P(ConvergenceTest, EveryViewEndsAsTheTruth) {
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 60; ++i) Step();
    ExpectAllCaughtUp();
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, ConvergenceTest, ::testing::Range<uint64_t>(1, 41));

}  // namespace
}  // namespace rollcall::feed
