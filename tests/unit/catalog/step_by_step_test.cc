// A catalog that was told one change after another, beside one that was told only what stands.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/random.h"
#include "server/catalog/catalog.h"
#include "server/catalog/instance_encoder.h"
#include "server/model/keys.h"
#include "tests/support/records.h"

namespace rollcall::catalog {
namespace {

using rollcall::testing::InstanceOf;
using rollcall::testing::Name;
using rollcall::testing::SessionOf;
using rollcall::testing::SpecOf;
using ::testing::IsEmpty;

std::map<std::string, std::string> Published(const ViewTable& views) {
  std::map<std::string, std::string> all;
  for (const auto& snapshot : views.List("*")) {
    for (const auto& view : snapshot->by_revision) {
      all[absl::StrCat(snapshot->name.service, "/", view->id())] = InstanceEncoder().Encode(*view);
    }
  }
  return all;
}

// Whatever the order of changes, what was built step by step equals what is built from the records
// as they stand at the end, and the two lists of every snapshot are in order.
TEST(CatalogPropertyTest, StepByStepEqualsFromScratch) {
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    base::SeededRandom random(seed);
    ViewTable views{StoreId("store")};
    Catalog catalog(views);
    std::map<std::string, std::pair<Revision, std::string>> records;
    const auto put = [&](const std::string& key, uint64_t at, const std::string& value) {
      records[key] = {Revision(at), value};
      ASSERT_TRUE(catalog.Apply(key, Revision(at), value).ok());
    };
    for (uint64_t at = 1; at <= 300; ++at) {
      const std::string session = "s" + std::to_string(random.Below(5));
      const std::string id = "i" + std::to_string(random.Below(12));
      const std::string service = "w" + std::to_string(random.Below(2));
      const auto record = InstanceOf(SpecOf(service, id), session, at);
      switch (random.Below(4)) {
        case 0: {
          const auto state = static_cast<internal::v1::SessionState>(1 + random.Below(4));
          put(SessionKeyOf(SessionId(session)), at, SessionOf(session, state).SerializeAsString());
          break;
        }
        case 1: {
          internal::v1::OverrideRecord over;
          over.set_mode(static_cast<v1::OverrideMode>(random.Below(3)));
          over.set_removed(random.Below(2) == 0);
          put(OverrideKeyOf(Name(service, id)), at, over.SerializeAsString());
          break;
        }
        case 2: {
          auto removed = record;
          removed.set_removed(true);
          put(InstanceKeyOf(Name(service, id)), at, removed.SerializeAsString());
          break;
        }
        default:
          put(InstanceKeyOf(Name(service, id)), at, record.SerializeAsString());
      }
      catalog.Publish(Revision(at));
    }
    ViewTable fresh_views{StoreId("store")};
    Catalog fresh(fresh_views);
    for (const auto& [key, kept] : records) {
      ASSERT_TRUE(fresh.Apply(key, kept.first, kept.second).ok());
    }
    fresh.Publish(Revision(300));
    EXPECT_EQ(Published(views), Published(fresh_views));
    // Loaded, with sessions and overrides first, or, as key order has it, last.
    for (const bool instances_last : {false, true}) {
      ViewTable loaded_views{StoreId("store")};
      Catalog loaded(loaded_views);
      for (const bool now : {!instances_last, instances_last}) {
        for (const auto& [key, kept] : records) {
          if ((key[0] == 'i') != now) continue;
          ASSERT_TRUE(loaded.Load(key, kept.first, kept.second).ok());
        }
      }
      const Happened happened = loaded.PublishLoaded(Revision(300));
      EXPECT_EQ(happened.services.size(), 2u);
      EXPECT_THAT(happened.sessions, IsEmpty());
      EXPECT_THAT(happened.standings, IsEmpty());
      EXPECT_EQ(Published(loaded_views), Published(views));
      EXPECT_EQ(loaded.instance_count(), fresh.instance_count());
    }
    EXPECT_EQ(catalog.instance_count(), fresh.instance_count());
    EXPECT_EQ(catalog.session_count(), fresh.session_count());
    for (const auto& snapshot : views.List("*")) {
      for (size_t i = 1; i < snapshot->instances.size(); ++i) {
        EXPECT_LT(snapshot->instances[i - 1]->id(), snapshot->instances[i]->id());
      }
      for (size_t i = 1; i < snapshot->by_revision.size(); ++i) {
        EXPECT_GE(snapshot->by_revision[i - 1]->revision(), snapshot->by_revision[i]->revision());
      }
    }
  }
}

}  // namespace
}  // namespace rollcall::catalog
