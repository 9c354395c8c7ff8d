#include "server/backup/transplant.h"

#include <gtest/gtest.h>

#include "server/model/keys.h"
#include "tests/support/records.h"
#include "tests/unit/backup/memory_source.h"

namespace rollcall::backup {
namespace {

using internal::v1::HorizonRecord;
using internal::v1::InstanceRecord;
using internal::v1::SessionRecord;

template <typename R>
R Parsed(const std::optional<std::string>& value) {
  R record;
  EXPECT_TRUE(value && record.ParseFromString(*value));
  return record;
}

class TransplantTest : public ::testing::Test {
 protected:
  template <typename R>
  std::optional<std::string> Take(const std::string& key, const R& record) {
    return transplant_.Take({key, record.SerializeAsString(), Revision(3)});
  }
  uint64_t Base() {
    const Record last = transplant_.Last(absl::FromUnixSeconds(1));
    EXPECT_EQ(last.key, kHorizonKey);
    const HorizonRecord horizon = Parsed<HorizonRecord>(last.value);
    EXPECT_EQ(horizon.revision(), 0u) << "the horizon of the old store means nothing";
    return horizon.lease_epoch_base();
  }
  Transplant transplant_{SomeHeader()};
};

TEST_F(TransplantTest, ASessionKeepsAllButTheRevisionOfItsState) {
  SessionRecord session = testing::SessionOf("1", internal::v1::SESSION_STATE_SUSPECT);
  session.set_secret_hash("hash");
  session.set_home("node-1");
  session.set_state_revision(400);
  SessionRecord expected = session;
  expected.clear_state_revision();
  const auto taken = Parsed<SessionRecord>(Take(SessionKeyOf(SessionId("1")), session));
  EXPECT_EQ(taken.SerializeAsString(), expected.SerializeAsString());
}

TEST_F(TransplantTest, AnInstanceKeepsItsEpochAndIsCreatedAnew) {
  InstanceRecord instance = testing::InstanceOf(testing::SpecOf("web", "a"), "1", 77);
  instance.set_create_revision(70);
  const auto taken =
      Parsed<InstanceRecord>(Take(InstanceKeyOf(testing::Name("web", "a")), instance));
  EXPECT_EQ(taken.lease_epoch(), 77u);
  EXPECT_EQ(taken.create_revision(), 0u);
  EXPECT_EQ(taken.spec().SerializeAsString(), instance.spec().SerializeAsString());
}

TEST_F(TransplantTest, TombstonesOverridesAndWhatIsNotUnderstoodGoAlongAsTheyAre) {
  InstanceRecord gone = testing::InstanceOf(testing::SpecOf("web", "a"), "1", 77);
  gone.set_removed(true);
  EXPECT_EQ(Take("i/default/web/a", gone), gone.SerializeAsString());
  for (const char* key : {"o/default/web/a", "v/default/web", "x/of/a/later/version",
                          "i/default/web/broken", "s/broken"}) {
    EXPECT_EQ(transplant_.Take({key, "\xff\xff", Revision(1)}), "\xff\xff") << key;
  }
}

TEST_F(TransplantTest, LeasedAndControlKeysAndTheHorizonStayBehind) {
  for (const char* key : {"n/node-1", "e/sweeper", "c/store", "c/audit", "m/horizon"}) {
    EXPECT_EQ(transplant_.Take({key, "", Revision(1)}), std::nullopt) << key;
  }
}

TEST_F(TransplantTest, EpochsGoOnAboveTheOldStoresRevision) { EXPECT_EQ(Base(), 4711u); }

TEST_F(TransplantTest, EpochsGoOnAboveThoseOfTheStoreBeforeTheOldOne) {
  HorizonRecord horizon;
  horizon.set_revision(30);
  horizon.set_lease_epoch_base(1'000'000);
  EXPECT_EQ(Take(kHorizonKey, horizon), std::nullopt);
  EXPECT_EQ(Base(), 1'004'711u);
}

TEST_F(TransplantTest, EpochsGoOnAboveEveryOneThatIsSeen) {
  Take("i/default/web/a", testing::InstanceOf(testing::SpecOf("web", "a"), "1", 9000));
  EXPECT_EQ(Base(), 9000u);
  SessionRecord session = testing::SessionOf("1", internal::v1::SESSION_STATE_LIVE);
  session.add_lost()->set_lease_epoch(9500);
  Take("s/1", session);
  EXPECT_EQ(Base(), 9500u);
}

}  // namespace
}  // namespace rollcall::backup
