// What a view serves; what the cache file keeps.
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/crc32c.h"
#include "client-sdk/src/cache_file.h"
#include "client-sdk/src/view_cache.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rollcall/discovery.h"

namespace rollcall {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

InstancePtr StandingAt(const std::string& id, Standing standing) {
  auto instance = std::make_shared<Instance>();
  instance->service = "web";
  instance->id = id;
  instance->standing = standing;
  return instance;
}

ServiceView View(std::vector<Standing> standings) {
  std::vector<InstancePtr> instances;
  for (size_t i = 0; i < standings.size(); ++i) {
    instances.push_back(StandingAt(absl::StrCat("w", i), standings[i]));
  }
  return ServiceView("web", std::move(instances), {});
}

std::vector<std::string> Serving(const ServiceView& view) {
  std::vector<std::string> ids;
  for (const InstancePtr& instance : view.serving()) ids.push_back(instance->id);
  return ids;
}

constexpr Standing kP = Standing::kPassing, kS = Standing::kSuspect, kC = Standing::kCritical,
                   kD = Standing::kDraining, kO = Standing::kOutOfService, kT = Standing::kStarting;

TEST(ServiceViewTest, ServesThePassingWhileEnoughPass) {
  EXPECT_THAT(Serving(View({kP, kS, kP, kC})), ElementsAre("w0", "w2"));
  EXPECT_FALSE(View({kP, kS}).panic());
}

TEST(ServiceViewTest, AddsSuspectAndThenCriticalInPanic) {
  EXPECT_THAT(Serving(View({kS, kP, kS, kC})), ElementsAre("w0", "w1", "w2"));
  EXPECT_TRUE(View({kS, kP, kS, kC}).panic());
  EXPECT_THAT(Serving(View({kC, kC, kC, kS})), ElementsAre("w0", "w1", "w2", "w3"));
}

TEST(ServiceViewTest, NeverServesDrainingOrOutOfServiceNorCountsThem) {
  EXPECT_THAT(Serving(View({kD, kO, kD})), IsEmpty());
  EXPECT_THAT(Serving(View({kP, kD, kD, kO, kS})), ElementsAre("w0"));
}

TEST(ServiceViewTest, DoesNotServeStarting) {
  EXPECT_THAT(Serving(View({kT, kT, kT, kP})), ElementsAre("w3"));
}

TEST(ServiceViewTest, FindsById) {
  const ServiceView view = View({kP, kS});
  ASSERT_NE(view.Find("w1"), nullptr);
  EXPECT_EQ(view.Find("w1")->standing, kS);
  EXPECT_EQ(view.Find("w"), nullptr);
}

TEST(EndpointTest, TargetBracketsIpv6) {
  EXPECT_EQ((Endpoint{.address = "10.0.0.1", .port = 80}.Target()), "10.0.0.1:80");
  EXPECT_EQ((Endpoint{.address = "::1", .port = 80}.Target()), "[::1]:80");
}

TEST(Crc32cTest, KnownAnswer) { EXPECT_EQ(base::Crc32c("123456789"), 0xe3069283u); }

sdk::ViewCache::Views SomeViews() {
  auto instance = std::make_shared<Instance>();
  *instance = {.service = "web",
               .id = "w1",
               .endpoints = {{.name = "grpc", .address = "10.0.0.1", .port = 80}},
               .weight = 7,
               .locality = {"r", "z", "s"},
               .version = "1.2",
               .metadata = {{"k", "v"}},
               .standing = Standing::kSuspect,
               .lease_epoch = 3,
               .revision = 9};
  return {{{"web", "zone=z"}, {{instance}, 12, "store", absl::FromUnixMicros(1234567)}},
          {{"none", ""}, {{}, 5, "store", absl::FromUnixMicros(7)}}};
}

TEST(ViewCacheTest, DecodesWhatItEncoded) {
  const auto views = SomeViews();
  const auto decoded = sdk::ViewCache::Decode(sdk::ViewCache::Encode(views));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  ASSERT_EQ(decoded->size(), 2u);
  const sdk::CachedView& web = decoded->at({"web", "zone=z"});
  EXPECT_EQ(*web.instances[0], *views.at({"web", "zone=z"}).instances[0]);
  EXPECT_EQ(web.revision, 12u);
  EXPECT_EQ(web.store_id, "store");
  EXPECT_EQ(web.confirmed_at, absl::FromUnixMicros(1234567));
}

TEST(ViewCacheTest, AnyFlippedBitAndAnyMissingEndIsNoticed) {
  const std::string blob = sdk::ViewCache::Encode(SomeViews());
  for (size_t i = 0; i < blob.size(); ++i) {
    std::string bad = blob;
    bad[i] ^= 0x10;
    EXPECT_FALSE(sdk::ViewCache::Decode(bad).ok()) << i;
    EXPECT_FALSE(sdk::ViewCache::Decode(blob.substr(0, i)).ok()) << i;
  }
}

class CacheFileTest : public ::testing::Test {
 protected:
  CacheFileTest() {
    directory_ = absl::StrCat(::testing::TempDir(), "rollcall-cache-", getpid());
    std::filesystem::remove_all(directory_);
  }
  ~CacheFileTest() override { std::filesystem::remove_all(directory_); }
  std::string directory_;
};

TEST_F(CacheFileTest, ReplacesTheFileInOneStepAndLeavesNothingBehind) {
  sdk::CacheFile file(directory_ + "/deep", "shop@host/1", "default");
  EXPECT_TRUE(absl::IsNotFound(file.Load().status()));
  ASSERT_TRUE(file.Save("one").ok());
  ASSERT_TRUE(file.Save("two").ok());
  EXPECT_EQ(*file.Load(), "two");
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory_ + "/deep")) {
    ++files;
    EXPECT_EQ(entry.path().string(), file.path());
  }
  EXPECT_EQ(files, 1u);
}

TEST_F(CacheFileTest, DifferentClientsAndNamespacesHaveDifferentFiles) {
  const sdk::CacheFile a(directory_, "a/b", "default"), b(directory_, "a_b", "default"),
      c(directory_, "a/b", "other");
  EXPECT_NE(a.path(), b.path());
  EXPECT_NE(a.path(), c.path());
}

TEST_F(CacheFileTest, ADirectoryThatCannotBeWrittenIsAnError) {
  EXPECT_FALSE(sdk::CacheFile("/proc/nowhere", "a", "b").Save("x").ok());
}

}  // namespace
}  // namespace rollcall
