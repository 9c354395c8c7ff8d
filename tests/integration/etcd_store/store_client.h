// StoreClient: an EtcdStore at real members, on an executor of its own, asked by a test that waits
// for the answers; and what its follower was told.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client-sdk/base/mutex.h"
#include "client-sdk/base/random.h"
#include "client-sdk/base/system_clock.h"
#include "client-sdk/base/thread_executor.h"
#include "server/store/etcd/etcd_store.h"
#include "server/store/etcd/grpc/grpc_etcd_api.h"
#include "tests/integration/support/mailbox.h"

namespace rollcall::integration {

// Thread-safe: told on the executor, asked by the test.
class KeptFollower final : public store::Follower {
 public:
  void OnSnapshotBegins() override;
  void OnSnapshotPart(std::vector<store::Record> records) override;
  void OnSnapshot(Revision revision) override;
  void OnLeased(std::vector<store::Record>) override {}
  void OnChange(store::ChangeSet change) override;
  void OnCaughtUp() override;
  void OnInterrupted(absl::Status) override;

  // Record keys alone.
  std::map<std::string, std::string> state() const;
  bool caught_up() const;
  Revision told() const;
  int snapshots() const;

 private:
  void Set(const std::string& key, std::optional<std::string> value)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  mutable base::Mutex mu_;
  std::map<std::string, std::string> state_ ABSL_GUARDED_BY(mu_);
  std::vector<store::Record> parts_ ABSL_GUARDED_BY(mu_);
  bool caught_up_ ABSL_GUARDED_BY(mu_) = false;
  Revision told_ ABSL_GUARDED_BY(mu_);
  int snapshots_ ABSL_GUARDED_BY(mu_) = 0;
};

class StoreClient {
 public:
  enum Patience {
    kPatient,  // does not take a member for hung that only has too little processor time
    kAsProduct,
  };
  explicit StoreClient(const std::string& endpoints, Patience patience = kPatient);
  ~StoreClient();

  void Follow(Revision after = Revision(0));
  std::vector<store::Outcome> Commit(std::vector<store::Transaction> group);
  // Again and again until nothing is unknown; for transactions that write their guards.
  std::vector<store::Outcome> Settle(std::vector<store::Transaction> group);
  absl::StatusOr<Revision> Barrier();
  absl::StatusOr<std::vector<store::Record>> Versions(const std::string& key);

  const etcd::EtcdStore& store() const { return *store_; }
  const KeptFollower& follower() const { return follower_; }

 private:
  // Runs `task` on the executor and waits for its end.
  void Run(base::Executor::Task task);

  base::SystemClock clock_;
  base::SecureRandom random_;
  base::ThreadExecutor executor_;
  KeptFollower follower_;
  std::unique_ptr<etcd::EtcdApi> api_;
  std::unique_ptr<etcd::EtcdStore> store_;
};

// A put of `key` guarded on its own revision.
store::Transaction PutAt(const std::string& key, const std::string& value, uint64_t guard = 0);

}  // namespace rollcall::integration
