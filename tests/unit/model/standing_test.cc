#include "server/model/standing.h"

#include <gtest/gtest.h>

namespace rollcall {
namespace {

using internal::v1::SESSION_STATE_ENDED;
using internal::v1::SESSION_STATE_LEAVING;
using internal::v1::SESSION_STATE_LIVE;
using internal::v1::SESSION_STATE_SUSPECT;

TEST(StandingTest, IsWhatTheTableSays) {
  struct Row {
    StandingFacts facts;
    v1::Standing want;
  };
  const Row rows[] = {
      {{}, v1::STANDING_PASSING},  // static
      {{.start_unready = true}, v1::STANDING_STARTING},
      {{.session = SESSION_STATE_LIVE}, v1::STANDING_PASSING},
      {{.start_unready = true, .session = SESSION_STATE_LIVE}, v1::STANDING_STARTING},
      {{.session = SESSION_STATE_SUSPECT}, v1::STANDING_SUSPECT},
      {{.start_unready = true, .session = SESSION_STATE_SUSPECT}, v1::STANDING_SUSPECT},
      {{.session = SESSION_STATE_LEAVING}, v1::STANDING_DRAINING},
      // At best: its session is over, it is only not removed yet.
      {{.session = SESSION_STATE_ENDED}, v1::STANDING_SUSPECT},
      {{.session = SESSION_STATE_LIVE, .override_mode = v1::OVERRIDE_MODE_DRAINING},
       v1::STANDING_DRAINING},
      {{.session = SESSION_STATE_SUSPECT, .override_mode = v1::OVERRIDE_MODE_DRAINING},
       v1::STANDING_DRAINING},
      {{.session = SESSION_STATE_LEAVING, .override_mode = v1::OVERRIDE_MODE_OUT_OF_SERVICE},
       v1::STANDING_OUT_OF_SERVICE},
      {{.start_unready = true, .override_mode = v1::OVERRIDE_MODE_OUT_OF_SERVICE},
       v1::STANDING_OUT_OF_SERVICE},
  };
  for (const Row& row : rows) EXPECT_EQ(StandingOf(row.facts), row.want);
}

TEST(StandingTest, OperatorsWeightReplacesTheInstancesOwn) {
  EXPECT_EQ(EffectiveWeight(std::nullopt, std::nullopt), 100u);
  EXPECT_EQ(EffectiveWeight(0, std::nullopt), 0u);
  EXPECT_EQ(EffectiveWeight(5, std::nullopt), 5u);
  EXPECT_EQ(EffectiveWeight(5, 0), 0u);
  EXPECT_EQ(EffectiveWeight(std::nullopt, 7), 7u);
}

TEST(StandingTest, WordsHaveNoPrefix) {
  EXPECT_EQ(StandingWord(v1::STANDING_OUT_OF_SERVICE), "OUT_OF_SERVICE");
  EXPECT_EQ(CauseWord(v1::CAUSE_STREAM_BROKEN), "STREAM_BROKEN");
}

}  // namespace
}  // namespace rollcall
