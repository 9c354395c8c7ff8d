// CoreTest: the core of a node, from commands to the published catalog, on an embedded store on a
// disk in memory, all on one executor under virtual time.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client-sdk/base/random.h"
#include "server/catalog/catalog.h"
#include "server/command/register.h"
#include "server/command/session_commands.h"
#include "server/committer/committer.h"
#include "server/replica/replica.h"
#include "server/store/embedded/embedded_store.h"
#include "server/store/testing/memory_record_store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/manual_executor.h"
#include "tests/support/records.h"
#include "tests/support/scripted_store.h"

namespace rollcall::testing {

// What a caller has heard; nothing yet while `answer` is not set.
struct Heard {
  std::optional<absl::StatusOr<Revision>> answer;
  int answers = 0;

  bool ok() const { return answer && answer->ok(); }
  absl::StatusCode code() const {
    return answer ? answer->status().code() : absl::StatusCode::kUnknown;
  }
  std::string message() const {
    return answer ? std::string(answer->status().message()) : "not answered yet";
  }
  uint64_t revision() const { return ok() ? (*answer)->value() : 0; }
};
using Hearing = std::shared_ptr<Heard>;

class CoreTest : public ::testing::Test {
 public:
  using Fate = ScriptedStore::Fate;

 protected:
  explicit CoreTest(committer::Committer::Options options = {}) : options_(options) { Open(); }

  void Open() {
    auto opened = store::EmbeddedStore::Open(disk_, executor_, executor_, clock_, random_);
    ROLLCALL_CHECK(opened.ok(), "the store opens");
    embedded_ = *std::move(opened);
    store_ = std::make_unique<ScriptedStore>(*embedded_, executor_);
    views_ = std::make_unique<catalog::ViewTable>(store_->id());
    catalog_ = std::make_unique<catalog::Catalog>(*views_);
    replica_ = std::make_unique<replica::Replica>(
        *store_, *catalog_, executor_, clock_, [](const std::string& key, const absl::Status& why) {
          ADD_FAILURE() << key << ": " << why;
        });
    committer_ = std::make_unique<committer::Committer>(*store_, *catalog_, *replica_, executor_,
                                                        clock_, random_, options_);
    ROLLCALL_CHECK(replica_->Start().ok(), "the replica starts");
  }

  static command::SessionClaim Claim(const std::string& id) {
    return {.id = SessionId(id),
            .secret = id + "-secret",
            .open_ttl = absl::Seconds(10),
            .home = "node-1",
            .client_name = id + "-client"};
  }
  static std::shared_ptr<command::Register> Registering(const std::string& service,
                                                        const std::string& id,
                                                        const std::string& session,
                                                        const std::string& version = "") {
    v1::InstanceSpec spec = SpecOf(service, id);
    spec.set_version(version);
    return std::make_shared<command::Register>(Claim(session), std::vector<v1::InstanceSpec>{spec},
                                               "tester");
  }

  // Submits; runs nothing.
  Hearing Submit(std::shared_ptr<command::Command> command,
                 absl::Duration within = absl::Seconds(30),
                 std::function<bool()> cancelled = nullptr) {
    auto heard = std::make_shared<Heard>();
    committer_->Submit(
        std::move(command), clock_.Steady() + within,
        [heard](absl::StatusOr<Revision> answer) {
          heard->answer = std::move(answer);
          ++heard->answers;
        },
        std::move(cancelled));
    return heard;
  }
  Hearing Run(std::shared_ptr<command::Command> command) {
    Hearing heard = Submit(std::move(command));
    Settle();
    return heard;
  }
  Hearing Register(const std::string& service, const std::string& id, const std::string& session,
                   const std::string& version = "") {
    return Run(Registering(service, id, session, version));
  }
  Hearing Move(const std::string& session, internal::v1::SessionState to) {
    return Run(std::make_shared<command::MoveSession>(
        SessionId(session), to, command::Reason{v1::CAUSE_EXPIRED, "node-1", "seen"},
        NodeId("node-1")));
  }

  // As another node does: on what this one knows, but past its committer.
  void CommitElsewhere(command::Command& command) {
    auto change =
        std::get<command::Change>(command.Decide(*catalog_, {clock_.Wall(), random_.Hex128()}));
    store::Transaction transaction;
    for (auto& guard : change.guards) transaction.guards.push_back({guard.key, guard.revision});
    for (auto& put : change.puts) transaction.puts.push_back({put.key, put.value});
    transaction.deletes = change.deletes;
    embedded_->Commit({std::move(transaction)}, [](const std::vector<store::Outcome>& outcomes) {
      EXPECT_TRUE(std::holds_alternative<store::Committed>(outcomes[0]));
    });
    Settle();
  }

  void Settle() { executor_.RunReady(); }
  void AdvanceBy(absl::Duration d) { executor_.AdvanceBy(d); }

  bool Registered(const std::string& service, const std::string& id) const {
    const auto record = catalog_->Instance(Name(service, id));
    return record.exists() && !record->removed();
  }
  std::string VersionOf(const std::string& service, const std::string& id) const {
    const auto snapshot = views_->Find({kDefaultNamespace, service});
    if (snapshot == nullptr) return "-";
    for (const auto& live : snapshot->instances) {
      if (live->id() == id) return live->Spec().version();
    }
    return "-";
  }

  FakeClock clock_;
  ManualExecutor executor_{clock_};
  base::SeededRandom random_{7};
  store::MemoryRecordStore disk_;
  committer::Committer::Options options_;
  std::unique_ptr<store::EmbeddedStore> embedded_;
  std::unique_ptr<ScriptedStore> store_;
  std::unique_ptr<catalog::ViewTable> views_;
  std::unique_ptr<catalog::Catalog> catalog_;
  std::unique_ptr<replica::Replica> replica_;
  std::unique_ptr<committer::Committer> committer_;
};

}  // namespace rollcall::testing
