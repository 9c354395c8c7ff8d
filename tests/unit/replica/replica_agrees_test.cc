// Whatever happens to a node and its disk, in the end it holds what etcd holds: in memory, in its
// log, and after a restart.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "client-sdk/base/random.h"
#include "server/replica/replica.h"
#include "server/store/embedded/disk_replica.h"
#include "server/store/etcd/etcd_store.h"
#include "server/store/etcd/store_hash.h"
#include "server/store/etcd/testing/fake_etcd.h"
#include "server/store/etcd/testing/fake_etcd_client.h"
#include "tests/support/fake_clock.h"
#include "tests/support/manual_executor.h"
#include "tests/support/records.h"
#include "tests/unit/store_embedded/replayed_disk.h"

namespace rollcall::replica {
namespace {

using testing::InstanceOf;
using testing::SessionOf;
using testing::SpecOf;

class ReplicaAgreesTest : public ::testing::TestWithParam<uint64_t> {
 protected:
  struct Node {
    std::unique_ptr<etcd::FakeEtcdClient> client;
    std::unique_ptr<etcd::EtcdStore> store;
    std::unique_ptr<store::DiskReplica> log;
    catalog::ViewTable views{StoreId("")};
    catalog::Catalog catalog{views};
    std::unique_ptr<Replica> replica;
  };

  void StartNode() {
    node_ = std::make_unique<Node>();
    node_->client = std::make_unique<etcd::FakeEtcdClient>(etcd_, executor_, clock_);
    auto log = store::DiskReplica::Open(disk_, executor_, executor_, clock_, log_options_);
    ASSERT_TRUE(log.ok()) << log.status();
    node_->log = *std::move(log);
    opening_ =
        etcd::EtcdStore::Open(*node_->client, executor_, clock_, random_, {},
                              [this](absl::StatusOr<std::unique_ptr<etcd::EtcdStore>> opened) {
                                ASSERT_TRUE(opened.ok()) << opened.status();
                                node_->store = *std::move(opened);
                                Follow();
                              });
  }
  void Follow() {
    node_->replica = std::make_unique<Replica>(
        *node_->store, node_->catalog, executor_, clock_,
        [](const std::string& key, const absl::Status& why) { ADD_FAILURE() << key << why; },
        Replica::Options{node_->log.get(), true});
    ASSERT_TRUE(node_->replica->Start().ok());
  }
  // As when power is lost: of what was not synced, some is there.
  void LosePower() {
    const size_t written = disk_.writes();
    const size_t lost = random_.Below(6);
    StopNode();
    disk_.LosePower(written - std::min(written, lost));
    StartNode();
  }
  void StopNode() {
    opening_.reset();
    if (node_ == nullptr) return;
    node_->replica.reset();
    node_->store.reset();
    node_.reset();
    executor_.RunReady();
  }

  void Step() {
    const std::string id = absl::StrCat("i", random_.Below(30));
    switch (random_.Below(16)) {
      case 0:
        return LosePower();
      case 1:
        // Refused where that was done already.
        etcd_.Compact(etcd_.revision()).IgnoreError();
        return;
      case 2:
        if (node_->replica != nullptr) node_->replica->Reload();
        return;
      case 3:
        disk_.now().SetCapacity(disk_.now().bytes() + random_.Below(2000));
        return;
      case 4:
        disk_.now().SetCapacity(size_t{1} << 40);
        return;
      case 5:
        node_->client->CutConnections();
        return;
      case 6:
        executor_.AdvanceBy(absl::Milliseconds(random_.Below(3000)));
        return;
      case 7:
        etcd_.Delete("/rollcall/i/default/web/" + id);
        return;
      case 8:
        etcd_.Put("/rollcall/n/n1", absl::StrCat(random_.Below(9)));
        return;
      case 9:
        etcd_.Put("/rollcall/s/s1",
                  SessionOf("s1", internal::v1::SESSION_STATE_LIVE).SerializeAsString());
        return;
      case 10:
        executor_.RunReady();
        return;
      default:
        etcd_.Put("/rollcall/i/default/web/" + id,
                  InstanceOf(SpecOf("web", id), "s1", random_.Below(100)).SerializeAsString());
    }
  }

  store::RecordsHash Truth() {
    etcd::StoreHash reader(*node_->client, etcd::KeyPrefix("/rollcall/"));
    store::RecordsHash truth;
    reader.Read(Revision(static_cast<uint64_t>(etcd_.revision())),
                [&](absl::StatusOr<store::RecordsHash> read) {
                  ASSERT_TRUE(read.ok()) << read.status();
                  truth = *read;
                });
    executor_.AdvanceBy(absl::Seconds(10));
    return truth;
  }
  store::RecordsHash OnDisk() {
    store::RecordsHash held;
    EXPECT_TRUE(node_->log
                    ->Load([&](store::Record record) {
                      held.hash += store::RecordHash(record.key, record.revision, record.value);
                      ++held.records;
                    })
                    .ok());
    return held;
  }
  void ExpectAgreement() {
    disk_.now().SetCapacity(size_t{1} << 40);
    executor_.AdvanceBy(absl::Minutes(1));
    ASSERT_TRUE(node_->replica->ready()) << node_->log->health();
    EXPECT_EQ(node_->replica->applied(), Revision(static_cast<uint64_t>(etcd_.revision())));
    const store::RecordsHash truth = Truth();
    EXPECT_EQ(node_->replica->hash(), truth);
    EXPECT_EQ(OnDisk(), truth);
    size_t keys = 0;
    node_->catalog.ForEachKey([&](const std::string& key, Revision revision) {
      ++keys;
      const auto kv = etcd_.Get("/rollcall/" + key);
      ASSERT_TRUE(kv.has_value()) << key;
      EXPECT_EQ(static_cast<uint64_t>(kv->mod_revision()), revision.value()) << key;
    });
    EXPECT_EQ(keys, truth.records);
    EXPECT_TRUE(node_->log->version_log().Read().ok());
  }

  testing::FakeClock clock_;
  testing::ManualExecutor executor_{clock_};
  base::SeededRandom random_{GetParam()};
  etcd::FakeEtcd etcd_{executor_, clock_, random_};
  store::ReplayedDisk disk_;
  store::DiskReplica::Options log_options_{.max_backlog_bytes = 20'000};
  std::unique_ptr<etcd::EtcdStore::Opening> opening_;
  std::unique_ptr<Node> node_;
};

TEST_P(ReplicaAgreesTest, WithEtcdWhateverHappens) {
  StartNode();
  executor_.AdvanceBy(absl::Seconds(1));
  for (int round = 0; round < 4; ++round) {
    for (int step = 0; step < 100; ++step) Step();
    ExpectAgreement();
    if (HasFatalFailure()) return;
  }
  StopNode();
  StartNode();
  executor_.AdvanceBy(absl::Seconds(5));
  ExpectAgreement();
}

INSTANTIATE_TEST_SUITE_P(Seeds, ReplicaAgreesTest, ::testing::Range<uint64_t>(1, 31));

}  // namespace
}  // namespace rollcall::replica
