// SharedStore: one store that several nodes use, as a cluster's is, and the seat of each at it.
//
// Behind it is an embedded store on a disk in memory. Every seat hears every change, and may be
// told late or have its commits held back (ScriptedStore). Nodes' presence, which a real store
// keeps under leases, is said by the test. Belongs to the simulator's thread.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/model/keys.h"
#include "server/store/embedded/embedded_store.h"
#include "server/store/testing/memory_record_store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/manual_executor.h"

namespace rollcall::sim {

class SharedStore final : private store::Follower {
 public:
  // One process's way to the store; nothing is heard through it once it is gone.
  class Seat final : public store::Store {
   public:
    explicit Seat(SharedStore& shared) : shared_(shared) { shared_.seats_.push_back(this); }
    ~Seat() override { std::erase(shared_.seats_, this); }

    template <typename F>
    auto WhileHere(F done) {
      return
          [life = std::weak_ptr<const bool>(life_), done = std::move(done)](auto answer) mutable {
            if (!life.expired()) done(std::move(answer));
          };
    }

    const StoreId& id() const override { return shared_.real_->id(); }
    size_t max_group() const override { return shared_.real_->max_group(); }
    absl::Duration age() const override { return absl::ZeroDuration(); }
    absl::Status Follow(Revision, store::Follower& follower) override {
      std::vector<store::Record> records;
      const auto end = shared_.real_->Load([&](store::Record r) { records.push_back(r); });
      if (!end.ok()) return end.status();
      follower_ = &follower;
      follower.OnSnapshotBegins();
      follower.OnSnapshotPart(std::move(records));
      follower.OnSnapshot(*end);
      follower.OnCaughtUp();
      return absl::OkStatus();
    }
    void Reload() override {}
    void Commit(std::vector<store::Transaction> group, CommitDone done) override {
      shared_.real_->Commit(std::move(group), WhileHere(std::move(done)));
    }
    void Barrier(BarrierDone done) override { shared_.real_->Barrier(WhileHere(std::move(done))); }
    void Versions(std::string key, Revision after, VersionsDone done) override {
      shared_.real_->Versions(std::move(key), after, WhileHere(std::move(done)));
    }
    void Tell(const store::ChangeSet& change) {
      if (follower_ != nullptr) follower_->OnChange(change);
    }

   private:
    SharedStore& shared_;
    store::Follower* follower_ = nullptr;
    const std::shared_ptr<const bool> life_ = std::make_shared<const bool>(true);
  };

  SharedStore(testing::FakeClock& clock, testing::ManualExecutor& queue, base::Random& random) {
    auto opened = store::EmbeddedStore::Open(disk_, queue, queue, clock, random);
    ROLLCALL_CHECK(opened.ok(), "the store opens");
    real_ = *std::move(opened);
    ROLLCALL_CHECK(real_->Follow(Revision(0), *this).ok(), "the store can be read");
  }

  void SetPresent(const NodeId& node, bool present) {
    store::Transaction transaction;
    if (present) {
      internal::v1::NodeRecord record;
      record.set_id(node.value());
      transaction.puts.push_back({NodeKeyOf(node), record.SerializeAsString()});
    } else {
      transaction.deletes.push_back(NodeKeyOf(node));
    }
    real_->Commit({std::move(transaction)}, [](const std::vector<store::Outcome>&) {});
  }
  store::VersionLog& version_log() { return real_->version_log(); }

 private:
  void OnSnapshotBegins() override {}
  void OnSnapshotPart(std::vector<store::Record>) override {}
  void OnSnapshot(Revision) override {}
  void OnLeased(std::vector<store::Record>) override {}
  void OnCaughtUp() override {}
  void OnInterrupted(absl::Status) override {}
  void OnChange(store::ChangeSet change) override {
    for (Seat* seat : std::vector<Seat*>(seats_)) seat->Tell(change);
  }

  store::MemoryRecordStore disk_;
  std::unique_ptr<store::EmbeddedStore> real_;
  std::vector<Seat*> seats_;
};

}  // namespace rollcall::sim
