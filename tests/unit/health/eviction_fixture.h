// EvictionTest: a fleet of sessions of which some break off.
#pragma once

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/health/session_table_fixture.h"

namespace rollcall::health {

class EvictionTest : public SessionTableTest {
 protected:
  static int Count(const Commits& commits, const std::string& verb) {
    return static_cast<int>(
        std::count_if(commits.begin(), commits.end(),
                      [&](const std::string& line) { return line.rfind(verb, 0) == 0; }));
  }
  // Sessions p0, p1, … of one service and zone; the first `dying` of them break off at once.
  void JoinFleet(int size) {
    for (int i = 0; i < size; ++i) fleet_.push_back(Join(absl::StrCat("p", i)));
  }
  void BreakOff(int dying) {
    for (int i = 0; i < dying; ++i) fleet_[i]->Break();
    for (size_t i = dying; i < fleet_.size(); ++i) BeatUnlessQuiet(i);
  }
  void BeatUnlessQuiet(int i) {
    if (quiet_.count(i) != 0) return;
    fleet_[i]->Beat();
    executor_.PostAt(clock_.Steady() + kTtl / 3, [this, i] { BeatUnlessQuiet(i); });
  }

  std::vector<std::unique_ptr<Client>> fleet_;
  std::set<int> quiet_;  // those that beat no more
};

}  // namespace rollcall::health
