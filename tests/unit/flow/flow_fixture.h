// FlowTest: the flows over a whole core.
#pragma once

#include "server/flow/registration_flow.h"
#include "server/flow/session_closer.h"
#include "server/flow/sweeper.h"
#include "tests/support/core_fixture.h"

namespace rollcall::flow {

class FlowTest : public testing::CoreTest {
 protected:
  using RegistrationAnswer = std::optional<absl::StatusOr<RegistrationFlow::Answer>>;

  FlowTest()
      : catch_up_(*store_, *replica_, executor_, clock_),
        commands_(*committer_, catch_up_),
        closer_(*committer_, commands_, *catalog_, clock_, NodeId("node-1")),
        registrations_(commands_) {}

  static std::vector<v1::InstanceSpec> Specs(size_t count) {
    std::vector<v1::InstanceSpec> specs;
    for (size_t i = 0; i < count; ++i) {
      specs.push_back(testing::SpecOf("web", absl::StrCat("i", i)));
    }
    return specs;
  }
  // Runs nothing.
  std::shared_ptr<RegistrationAnswer> Start(std::optional<command::SessionClaim> claim,
                                            std::vector<v1::InstanceSpec> specs) {
    auto heard = std::make_shared<RegistrationAnswer>();
    registrations_.Run({.claim = std::move(claim),
                        .specs = std::move(specs),
                        .actor = "tester",
                        .deadline = clock_.Steady() + absl::Seconds(10)},
                       [heard](absl::StatusOr<RegistrationFlow::Answer> answer) {
                         EXPECT_FALSE(heard->has_value()) << "answered twice";
                         *heard = std::move(answer);
                       });
    return heard;
  }
  RegistrationAnswer RegisterMany(const std::string& session, size_t count) {
    auto heard = Start(Claim(session), Specs(count));
    Settle();
    return *heard;
  }
  testing::Hearing End(const std::string& session, v1::Cause cause = v1::CAUSE_EXPIRED) {
    auto heard = std::make_shared<testing::Heard>();
    closer_.End(SessionId(session), {cause, "node-1", "silent for 10s"},
                [this, heard](absl::StatusOr<Revision> answer) {
                  heard->answer = std::move(answer);
                  instances_at_end_ = catalog_->instance_count();
                });
    Settle();
    return heard;
  }
  void StartSweeper(absl::Duration window = absl::Minutes(10), size_t step = 5000,
                    bool active = true) {
    sweeper_ = std::make_unique<Sweeper>(
        *committer_, *catalog_, closer_, executor_, clock_,
        Sweeper::Options{.resume_window = window, .purge_step = step, .actor = "node-1"});
    sweeper_->SetActive(active);
    sweeper_->Start();
    Settle();
  }
  bool Stands(const std::string& service, const std::string& id) const {
    return catalog_->Instance(testing::Name(service, id)).exists();
  }

  CatchUp catch_up_;
  ClientCommands commands_;
  SessionCloser closer_;
  RegistrationFlow registrations_;
  std::unique_ptr<Sweeper> sweeper_;
  size_t instances_at_end_ = 0;
};

}  // namespace rollcall::flow
