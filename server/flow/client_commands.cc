#include "server/flow/client_commands.h"

#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "client-sdk/base/mutant.h"

namespace rollcall::flow {
namespace {

// A command that remembers whether it was decided last that nothing is to be done.
class Watched final : public command::Command {
 public:
  explicit Watched(std::shared_ptr<command::Command> command) : command_(std::move(command)) {}

  std::vector<command::KeyUse> Keys(const Facts& facts) const override {
    return command_->Keys(facts);
  }
  command::Decision Decide(const Facts& facts, const command::WriteContext& context) override {
    command::Decision decision = command_->Decide(facts, context);
    nothing_ = std::holds_alternative<command::Nothing>(decision);
    return decision;
  }
  void Begin(const Facts& facts) override { command_->Begin(facts); }
  std::optional<command::Change> Withdrawal(const Facts& facts,
                                            const command::WriteContext& context) const override {
    return command_->Withdrawal(facts, context);
  }
  bool can_wait() const override { return command_->can_wait(); }

  bool nothing() const { return nothing_; }

 private:
  const std::shared_ptr<command::Command> command_;
  bool nothing_ = false;
};

}  // namespace

void ClientCommands::Submit(std::shared_ptr<command::Command> command, base::Instant deadline,
                            Done done, std::function<bool()> cancelled) {
  auto watched = std::make_shared<Watched>(command);
  auto again = [this, watched, command = std::move(command), deadline, cancelled,
                done = std::move(done)](absl::StatusOr<Revision> first) mutable {
    const bool by_hearsay = absl::IsNotFound(first.status()) || (first.ok() && watched->nothing());
    if (!by_hearsay || MUTANT(done_by_hearsay)) return done(std::move(first));
    catch_up_.Run(
        deadline, [this, command = std::move(command), deadline, cancelled = std::move(cancelled),
                   done = std::move(done)](absl::StatusOr<Revision> known) mutable {
          if (!known.ok()) return done(known.status());
          committer_.Submit(std::move(command), deadline, std::move(done), std::move(cancelled));
        });
  };
  committer_.Submit(std::move(watched), deadline, std::move(again), std::move(cancelled));
}

}  // namespace rollcall::flow
