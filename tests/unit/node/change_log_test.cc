// What the log says of changes of standing, and how much of it.
#include "server/node/change_log.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_clock.h"

namespace rollcall::node {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class ChangeLogTest : public ::testing::Test {
 protected:
  // Of each of `services` services `each` instances were registered.
  void Register(size_t services, size_t each) {
    for (size_t service = 0; service < services; ++service) {
      for (size_t id = 0; id < each; ++id) {
        catalog::StandingChange change;
        change.name = {{"default", absl::StrCat("service-", service)}, absl::StrCat(id)};
        change.to = v1::STANDING_PASSING;
        change.revision = happened_.revision;
        change.stamp.set_cause(v1::CAUSE_REGISTERED);
        happened_.standings.push_back(std::move(change));
      }
    }
  }
  const std::vector<std::string>& Written() {
    ChangeLog(log_).Write(happened_);
    return lines_;
  }

  testing::FakeClock clock_;
  std::vector<std::string> lines_;
  observe::Log log_{{observe::LogFormat::kText, observe::LogLevel::kInfo},
                    clock_,
                    [this](absl::string_view line) { lines_.emplace_back(line); }};
  catalog::Happened happened_{Revision(7), {}, {}, {}};
};

TEST_F(ChangeLogTest, AFewAreTakenOneByOne) {
  Register(1, 2);
  EXPECT_THAT(Written(), ElementsAre(HasSubstr("instance registered namespace=default "
                                               "service=service-0 instance=0 from=- to=PASSING"),
                                     HasSubstr("instance=1")));
}

TEST_F(ChangeLogTest, ManyAreTakenTogetherByService) {
  Register(2, 50);
  EXPECT_THAT(
      Written(),
      ElementsAre(EndsWith("instances changed namespace=default service=service-0 to=PASSING "
                           "cause=REGISTERED count=50 revision=7"),
                  HasSubstr("service=service-1 to=PASSING cause=REGISTERED count=50")));
}

TEST_F(ChangeLogTest, ManyOfManyServicesAreTakenTogether) {
  Register(ChangeLog::kMaxLines + 1, 10);
  happened_.standings.back().to = v1::STANDING_UNSPECIFIED;
  happened_.standings.back().stamp.set_cause(v1::CAUSE_DEREGISTERED);
  EXPECT_THAT(Written(), ElementsAre(EndsWith("instances changed services=1 to=- "
                                              "cause=DEREGISTERED count=1 revision=7"),
                                     EndsWith("instances changed services=21 to=PASSING "
                                              "cause=REGISTERED count=209 revision=7")));
}

TEST_F(ChangeLogTest, ManyOfAsManyServicesAsLinesAreTakenByService) {
  Register(ChangeLog::kMaxLines, 2);
  EXPECT_THAT(Written(), SizeIs(ChangeLog::kMaxLines));
}

}  // namespace
}  // namespace rollcall::node
