// Whatever is committed, the present told by history is the present of the live catalog.
#include "server/catalog/catalog.h"
#include "tests/unit/history/history_fixture.h"

namespace rollcall::history {
namespace {

using internal::v1::SessionState;

class HistoryAgreesTest : public HistoryFixture, public ::testing::WithParamInterface<uint64_t> {
 public:
  HistoryAgreesTest() {
    store_->Watch(Revision(0), [this](store::ChangeSet set) {
      for (const auto& entry : set.entries) {
        EXPECT_TRUE(catalog_.Apply(entry.key, set.revision, entry.value).ok());
      }
      for (const auto& change : catalog_.Publish(set.revision).standings) {
        if (change.from == change.to) continue;
        live_changes_.push_back(
            LineOf(set.revision.value(), change.name.id, change.from, change.to));
      }
    });
  }

  static std::string LineOf(uint64_t revision, const std::string& id, v1::Standing from,
                            v1::Standing to) {
    return absl::StrCat(revision, " ", id, " ", StandingWord(from), ">", StandingWord(to));
  }

  // One random step of a small world: three sessions, four instances.
  void Step(base::Random& random) {
    const std::string session = absl::StrCat("s", random.Below(3));
    const InstanceName name = Name(absl::StrCat("a", random.Below(4)));
    switch (random.Below(9)) {
      case 0:
        Session(session, static_cast<SessionState>(1 + random.Below(4)), {v1::CAUSE_RENEWED});
        break;
      case 1:
      case 2:
        Instance(name, random.Below(4) == 0 ? "" : session, {v1::CAUSE_REGISTERED},
                 random.Below(4) == 0);
        break;
      case 3:
        Removed(name, session, {v1::CAUSE_EXPIRED});
        break;
      case 4:
        Override(name, static_cast<v1::OverrideMode>(random.Below(3)), {v1::CAUSE_OVERRIDE_SET},
                 random.Below(2) == 0);
        break;
      case 5:
        Weight(name, static_cast<uint32_t>(random.Below(100)), {v1::CAUSE_OVERRIDE_SET});
        break;
      case 6:
        Purge(SessionKeyOf(SessionId(session)));
        break;
      default:
        if (const auto old = catalog_.Session(SessionId(session)); old.exists()) {
          Rehomed(old);
        } else {
          Session(session, internal::v1::SESSION_STATE_LIVE, {v1::CAUSE_REGISTERED});
        }
    }
    Commit();
  }

  std::vector<std::string> Live() const {
    std::vector<std::string> live;
    const auto snapshot = views_.Find({"default", "billing"});
    if (snapshot == nullptr) return live;
    for (const auto& view : snapshot->instances) live.push_back(view->Told().DebugString());
    return live;
  }
  std::vector<std::string> Past() const {
    std::vector<std::string> told;
    const auto past = history_->InstancesAt({"default", "billing", ""}, clock_.Wall());
    EXPECT_TRUE(past.ok()) << past.status();
    for (const v1::Instance& instance : past->instances) told.push_back(instance.DebugString());
    return told;
  }

  catalog::ViewTable views_{StoreId("test")};
  catalog::Catalog catalog_{views_};
  std::vector<std::string> live_changes_;
};

TEST_P(HistoryAgreesTest, OnEveryInstanceAndEveryChangeOfStanding) {
  base::SeededRandom random(GetParam());
  for (int step = 0; step < 200; ++step) {
    Step(random);
    ASSERT_EQ(Past(), Live()) << "after step " << step;
  }
  // One record a revision, so history tells what the catalog saw happen.
  std::vector<std::string> told;
  for (const v1::Change& change : Page({"default", "billing", ""}).changes) {
    if (change.from() == change.to()) continue;
    told.push_back(LineOf(change.revision(), change.key().id(), change.from(), change.to()));
  }
  EXPECT_EQ(told, live_changes_);
}

INSTANTIATE_TEST_SUITE_P(Seeds, HistoryAgreesTest, ::testing::Range<uint64_t>(1, 21));

}  // namespace
}  // namespace rollcall::history
