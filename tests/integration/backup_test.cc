// A backup of a registry that runs, and what the store that is made of it goes on with.
#include <sys/stat.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/integration/support/etcd_test.h"
#include "tests/integration/support/registry.h"
#include "tests/integration/support/session.h"
#include "tests/integration/support/watch.h"

namespace rollcall::integration {
namespace {

using ::testing::HasSubstr;

// A registry with a service of the SDK, a client without cleverness, and a drain.
class BackupTest : public EtcdTest {
 protected:
  void SetUp() override {}  // Most of these need no etcd.

  void Fill() {
    client_ = std::make_unique<RawClient>(registry_);
    session_ = std::make_unique<Session>(*client_, Registration({Spec("user", "u1")}, kLong));
    service_ = StartInstance(registry_.address(), "user", "u2", kLong);
    v1::SetOverrideRequest drain;
    *drain.mutable_key() = Key("user", "u2");
    drain.set_mode(v1::OVERRIDE_MODE_DRAINING);
    client_->Get(&v1::Operations::Stub::SetOverride, drain);
    watch_ = std::make_unique<Watch>(*client_, "user");
    EXPECT_EQ(watch_->StandingOf("u2"), v1::STANDING_DRAINING);
  }
  void Backup() {
    const Outcome backup = registry_.Cli({"backup", file_, "-o", "json"});
    ASSERT_EQ(backup.exit_code, 0) << backup.err;
    const auto said = nlohmann::json::parse(backup.out);
    EXPECT_EQ(said["store_id"], registry_.store_id());
    EXPECT_EQ(said["revision"], absl::StrCat(client_->Revision()));
  }
  static Outcome Offline(Flags arguments) {
    arguments.insert(arguments.begin(), Registry::Program());
    return RunToEnd(arguments);
  }
  // What the new store has to go on with; `registry` runs on it.
  void ExpectGoesOn(Registry& registry, const std::string& old_store) {
    EXPECT_NE(registry.store_id(), old_store);
    RawClient client(registry);
    session_->Reopen(client);
    ASSERT_EQ(session_->opened().instances_size(), 1);
    EXPECT_EQ(session_->opened().instances(0).lease_epoch(),
              session_->registered().lease_epochs(0));
    session_->Beat();
    EXPECT_EQ(client.StandingOf("user", "u1"), v1::STANDING_PASSING);
    EXPECT_EQ(client.StandingOf("user", "u2"), v1::STANDING_DRAINING);
    const auto newer = client.Register(Registration({Spec("user", "u3")}, kLong));
    EXPECT_GT(newer.lease_epochs(0), highest_epoch_) << "a fencing number was given again";
    highest_epoch_ = newer.lease_epochs(0);
  }
  uint64_t RegisterMore(int count) {
    for (int i = 0; i < count; ++i) {
      highest_epoch_ = client_->Register(Registration({Spec("more", absl::StrCat("m", i))}, kLong))
                           .lease_epochs(0);
    }
    return highest_epoch_;
  }

  TempDir dir_;
  const std::string file_ = dir_.File("b.rcb");
  Registry registry_;
  std::unique_ptr<RawClient> client_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<Process> service_;
  std::unique_ptr<Watch> watch_;
  uint64_t highest_epoch_ = 0;
};

TEST_F(BackupTest, ARestoredStoreGoesOnWhereTheBackupWasTaken) {
  Fill();
  RegisterMore(20);
  Backup();
  client_->Register(Registration({Spec("user", "late")}, absl::Minutes(5)));
  const std::string old_store = registry_.store_id();
  registry_.Kill();
  const Flags restore = {"restore", file_, "--data", registry_.data()};
  const Outcome refused = Offline(restore);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("--force"));
  // By the CLI, which becomes the server's program.
  const Outcome restored =
      RunToEnd({Registry::CliProgram(), "restore", file_, "--data", registry_.data(), "--force"});
  ASSERT_EQ(restored.exit_code, 0) << restored.err;
  registry_.StartOnSamePort();
  ExpectGoesOn(registry_, old_store);
  RawClient client(registry_);
  EXPECT_EQ(client.StandingOf("user", "late"), v1::STANDING_UNSPECIFIED);
}

TEST_F(BackupTest, ABackupIsOneMomentWhileOthersWrite) {
  Fill();
  for (int round = 0; round < 5; ++round) {
    RegisterMore(50);
    const Outcome backup = registry_.Cli({"backup", file_, "--force"});
    ASSERT_EQ(backup.exit_code, 0) << backup.err;
  }
  struct stat file;
  ASSERT_EQ(stat(file_.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600u);
}

TEST_F(BackupTest, ADirectoryInUseIsNotRestoredInto) {
  Fill();
  Backup();
  const Outcome outcome = Offline({"restore", file_, "--data", registry_.data(), "--force"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("is in use"));
}

TEST_F(BackupTest, ATornFileLeavesNothing) {
  Fill();
  Backup();
  std::error_code ignored;
  std::filesystem::resize_file(file_, std::filesystem::file_size(file_) - 10, ignored);
  const std::string data = dir_.File("data");
  const Outcome outcome = Offline({"restore", file_, "--data", data});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("is incomplete"));
  EXPECT_FALSE(std::filesystem::exists(data));
}

TEST_F(BackupTest, AnEmbeddedStoreMovesToEtcdAndBack) {
  NeedEtcd();
  if (IsSkipped()) return;
  EtcdCluster etcd(EtcdOptions{});
  Fill();
  RegisterMore(20);
  const std::string old_store = registry_.store_id();
  const Flags migrate = {"migrate", "--from", "embedded", "--data",        registry_.data(),
                         "--to",    "etcd",   "--etcd",   etcd.endpoints()};
  const Outcome in_use = Offline(migrate);
  EXPECT_EQ(in_use.exit_code, 1);
  EXPECT_THAT(in_use.err, HasSubstr("is in use"));
  registry_.Kill();
  const Outcome migrated = Offline(migrate);
  ASSERT_EQ(migrated.exit_code, 0) << migrated.err;
  EXPECT_THAT(migrated.out, HasSubstr("read back"));
  const Outcome again = Offline(migrate);
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.err, HasSubstr("--force"));

  Registry node({"--store", "etcd", "--etcd", etcd.endpoints()});
  ExpectGoesOn(node, old_store);
  // And back, while the node runs.
  const Outcome backup = node.Cli({"backup", file_});
  ASSERT_EQ(backup.exit_code, 0) << backup.err;
  const std::string cluster_store = node.store_id();
  node.Kill();
  const std::string data = dir_.File("alone");
  const Outcome restored = Offline({"restore", file_, "--data", data});
  ASSERT_EQ(restored.exit_code, 0) << restored.err;
  Registry alone({}, data);
  ExpectGoesOn(alone, cluster_store);
}

}  // namespace
}  // namespace rollcall::integration
