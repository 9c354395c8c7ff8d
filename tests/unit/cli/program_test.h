// The whole command against a FakeRegistry, in this process.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "cli/client/interrupt.h"
#include "cli/verbs/program.h"
#include "client-sdk/base/random.h"
#include "client-sdk/base/system_clock.h"
#include "tests/unit/cli/fake_registry.h"

namespace rollcall::cli {

inline size_t Lines(const std::string& text) {
  return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
}

class ProgramTest : public ::testing::Test {
 protected:
  // The exit code; what was printed is in out() and notes().
  int Run(std::vector<std::string> arguments) {
    out_.str("");
    notes_.str("");
    arguments.insert(arguments.begin(), {"--server", fake_.address});
    return RunAlone(arguments);
  }
  int RunAlone(const std::vector<std::string>& arguments) { return RunInto(out_, arguments); }
  int RunInto(std::ostream& out, const std::vector<std::string>& arguments) {
    Surroundings surroundings{out,   notes_,    clock_, random_, interrupt_, absl::UTCTimeZone(),
                              false, "ann@desk"};
    Order();
    const int code = RunProgram(arguments, surroundings);
    Order();
    return code;
  }
  std::string out() const { return out_.str(); }
  std::string notes() const { return notes_.str(); }

  // What this thread did and the server's threads do next, or the other way round.
  void Order() { base::MutexLock lock(fake_.mu); }

  FakeRegistry fake_;
  Interrupt interrupt_;

 private:
  // Real: gRPC's deadlines are. No test depends on how long anything takes.
  base::SystemClock clock_;
  base::SeededRandom random_{1};
  std::ostringstream out_;
  std::ostringstream notes_;
};

}  // namespace rollcall::cli
