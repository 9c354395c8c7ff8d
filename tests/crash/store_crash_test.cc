// The embedded store on real RocksDB, its power lost at every change that a scripted history makes
// to its files, in every way that a power can be lost.
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
#include "tests/crash/scratch_directory.h"
#include "tests/crash/store_story.h"
#include "tests/crash/stories.h"

namespace rollcall::crash {
namespace {

using ::testing::HasSubstr;

class StoreCrashTest : public ::testing::Test {
 protected:
  // Judges what is left after every loss; answers how often it was wrong.
  size_t JudgeAll(const StoreStory& story, size_t draws, std::string* first = nullptr) {
    std::set<std::string> seen;
    size_t wrong = 0;
    ForEachLoss(story.journal(), {}, draws, [&](const PowerLoss& loss) {
      const WitnessDisk& witness = story.witness();
      const std::string shape = absl::StrCat(loss.shape(), witness.Earliest(loss.changes), " ",
                                             witness.Latest(loss.changes));
      if (!seen.insert(shape).second) return true;
      ++judged_;
      const std::string what = loss.Unexcused(story.Judge(loss.left(), loss.changes));
      if (what.empty()) return true;
      const std::string told = absl::StrCat(loss.word(), ": ", what);
      if (std::getenv("ROLLCALL_CRASH_ALL") != nullptr) std::printf("%s\n", told.c_str());
      if (wrong++ == 0 && first != nullptr) *first = told;
      return true;
    });
    return wrong;
  }

  ScratchDirectory scratch_;
  const std::string directory_ = scratch_ / "data";
  size_t judged_ = 0;
};

TEST_F(StoreCrashTest, NothingAcknowledgedIsLostWhereverThePowerIs) {
  StoreStory story(directory_, {StepsOr(50)});
  story.Run();
  std::string first;
  EXPECT_EQ(JudgeAll(story, 1 + StepsOr(50) / 100, &first), 0u) << first;
  std::printf("%zu changes, %zu batches, %zu acknowledged, %zu states of the disk\n",
              story.journal().size(), story.witness().moments().size() - 1,
              story.acknowledged().size(), judged_);
}

// The judge must be able to find something wrong.
TEST_F(StoreCrashTest, WithoutSyncingTheLossIsFound) {
  StoreStory story(directory_, {12, false});
  story.Run();
  std::string first;
  EXPECT_GT(JudgeAll(story, 1, &first), 0u);
  EXPECT_THAT(first, HasSubstr("not what stood after batch"));
}

// The process goes on for a while, with every call failing, and must not take that for success.
TEST_F(StoreCrashTest, NothingIsAcknowledgedOnceThePowerIsLost) {
  const size_t steps = 16;
  StoreStory whole(directory_, {steps});
  whole.Run();
  const size_t every = StepsOr(50) > 50 ? 1 : 3;
  for (size_t power_for = 0; power_for < whole.journal().size(); power_for += every) {
    StoreStory story(directory_, {steps, true, power_for});
    story.Run();
    Disk disk;
    for (const Operation& operation : story.journal()) disk.Apply(operation);
    for (const Loss loss : {Loss::kUnsynced, Loss::kTail, Loss::kSectors}) {
      const PowerLoss lost{power_for, loss, power_for, disk};
      ASSERT_EQ(lost.Unexcused(story.Judge(lost.left(), power_for)), "") << lost.word();
    }
    if (story.acknowledged().empty()) continue;
    ASSERT_LE(story.failures().size(), 1u) << "told more than once";
  }
}

// Recovery writes too: the power may be lost again, and again.
TEST_F(StoreCrashTest, APowerThatIsLostAgainWhileItRecoversLosesNothing) {
  StoreStory story(directory_, {26});
  story.Run();
  const size_t every = StepsOr(50) > 50 ? 10 : story.journal().size() / 4;
  std::set<std::string> seen;
  ForEachLoss(story.journal(), {}, 1, [&](const PowerLoss& first) {
    const bool some = first.loss == Loss::kTail || first.loss == Loss::kSectors;
    if (first.changes % every != every / 2 || !some || first.is_one_bit()) return true;
    const Files found = first.left();
    Machine machine(directory_, found);
    EXPECT_TRUE(machine.Open(true).ok()) << first.word();
    ForEachLoss(machine.files().journal(), found, 1, [&](const PowerLoss& second) {
      if (!seen.insert(absl::StrCat(first.word(), second.shape())).second) return true;
      ++judged_;
      const std::string what = second.Unexcused(story.Judge(second.left(), first.changes));
      EXPECT_EQ(what, "") << first.word() << "; then " << second.word();
      return true;
    });
    return true;
  });
  std::printf("%zu states of the disk\n", judged_);
}

}  // namespace
}  // namespace rollcall::crash
