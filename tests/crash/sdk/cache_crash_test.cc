#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client-sdk/src/cache_file.h"
#include "client-sdk/src/view_cache.h"
#include "tests/crash/flips.h"
#include "tests/crash/losses.h"
#include "tests/crash/scratch_directory.h"
#include "tests/crash/sdk/file_recorder.h"

namespace rollcall::crash {
namespace {

using sdk::ViewCache;

std::string BlobOf(const std::string& service, size_t instances) {
  sdk::CachedView view{{}, 42, "store", absl::FromUnixSeconds(1'700'000'000)};
  for (size_t i = 0; i < instances; ++i) {
    Instance instance;
    instance.service = service;
    instance.id = absl::StrCat("instance-", i);
    instance.endpoints = {{"grpc", absl::StrCat("10.0.0.", i), 7000, "grpc"}};
    instance.metadata = {{"version", "1.2.3"}};
    view.instances.push_back(std::make_shared<const Instance>(std::move(instance)));
  }
  return ViewCache::Encode({{{service, "zone=a"}, view}});
}

TEST(CacheCrashTest, AFlippedBitAnywhereIsRefused) {
  const std::string blob = BlobOf("web", 4);
  ASSERT_TRUE(ViewCache::Decode(blob).ok());
  size_t unseen = 0;
  const size_t flips = ForEachFlip(blob, SIZE_MAX, 0, [&](const std::string& flipped, size_t) {
    unseen += ViewCache::Decode(flipped).ok() ? 1 : 0;
  });
  EXPECT_EQ(unseen, 0u);
  std::printf("cache      %6zu bits flipped, all refused\n", flips);
}

// Of three saves of different length, the last whole one is there, or the one under way.
TEST(CacheCrashTest, WhereverThePowerIsLostAWholeSaveIsThere) {
  ScratchDirectory scratch;
  const std::string directory = scratch / "cache";
  sdk::CacheFile file(directory, "shop", "default");
  const std::vector<std::string> blobs = {BlobOf("web", 3), BlobOf("web", 60), BlobOf("web", 1)};
  std::vector<size_t> saved;
  FileRecorder recorder(directory);
  for (const std::string& blob : blobs) {
    ASSERT_TRUE(file.Save(blob).ok());
    saved.push_back(recorder.journal().size());
  }
  ASSERT_GE(recorder.journal().size(), 15u);
  size_t judged = 0;
  ForEachLoss(recorder.journal(), {}, 20, [&](const PowerLoss& loss) {
    ++judged;
    size_t whole = 0;  // saves that were acknowledged
    while (whole < saved.size() && saved[whole] <= loss.changes) ++whole;
    const Files left = loss.left();
    const auto at = left.find(file.path());
    if (at == left.end()) {
      EXPECT_EQ(whole, 0u) << loss.word();
    } else {
      const bool last = whole > 0 && at->second == blobs[whole - 1];
      const bool next = whole < blobs.size() && at->second == blobs[whole];
      EXPECT_TRUE(last || next) << loss.word();
    }
    return true;
  });
  std::printf("%zu changes, %zu states of the disk\n", recorder.journal().size(), judged);
}

}  // namespace
}  // namespace rollcall::crash
