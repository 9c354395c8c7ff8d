// A node's copy of a cluster's store on real RocksDB, unsynced, its power lost at every change that
// a scripted history makes to its files.
//
// ROLLCALL_CRASH_STEPS=n makes the history longer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/crash/losses.h"
#include "tests/crash/replica_story.h"
#include "tests/crash/scratch_directory.h"
#include "tests/crash/stories.h"

namespace rollcall::crash {
namespace {

TEST(ReplicaCrashTest, WhatIsLeftIsATrueStateOfThePast) {
  ScratchDirectory scratch;
  ReplicaStory story(scratch / "replica", StepsOr(60));
  story.Run();
  std::set<std::string> seen;
  size_t judged = 0;
  size_t wrong = 0;
  ForEachLoss(story.journal(), {}, 1 + StepsOr(60) / 100, [&](const PowerLoss& loss) {
    const bool nothing_lost = loss.loss == Loss::kNothing;
    const std::string shape =
        absl::StrCat(loss.shape(), nothing_lost, " ", story.witness().Latest(loss.changes));
    if (!seen.insert(shape).second) return true;
    ++judged;
    const std::string what = loss.Unexcused(story.Judge(loss.left(), loss.changes, nothing_lost));
    if (what.empty()) return true;
    const std::string told = absl::StrCat(loss.word(), ": ", what);
    if (std::getenv("ROLLCALL_CRASH_ALL") != nullptr) std::printf("%s\n", told.c_str());
    if (wrong++ == 0) ADD_FAILURE() << told;
    return true;
  });
  EXPECT_EQ(wrong, 0u);
  std::printf("%zu changes, %zu batches, %zu states of the disk\n", story.journal().size(),
              story.witness().moments().size() - 1, judged);
}

}  // namespace
}  // namespace rollcall::crash
