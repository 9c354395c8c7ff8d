#include "tests/integration/etcd_store/store_client.h"

#include <algorithm>
#include <optional>
#include <variant>

#include "server/model/keys.h"

namespace rollcall::integration {
namespace {

template <typename T>
T Await(const std::shared_ptr<Mailbox<T>>& answers) {
  std::optional<T> answer = answers->Take(kSoon);
  if (!answer) Fail("no answer from the store");
  return *std::move(answer);
}

}  // namespace

void KeptFollower::Set(const std::string& key, std::optional<std::string> value) {
  if (KindOf(key) != KeyKind::kRecord) return;
  if (value) {
    state_[key] = *std::move(value);
  } else {
    state_.erase(key);
  }
}

void KeptFollower::OnSnapshotBegins() {
  base::MutexLock lock(mu_);
  parts_.clear();
}

void KeptFollower::OnSnapshotPart(std::vector<store::Record> records) {
  base::MutexLock lock(mu_);
  for (store::Record& record : records) parts_.push_back(std::move(record));
}

void KeptFollower::OnSnapshot(Revision revision) {
  base::MutexLock lock(mu_);
  state_.clear();
  told_ = revision;
  ++snapshots_;
  for (store::Record& record : parts_) Set(record.key, std::move(record.value));
}

void KeptFollower::OnChange(store::ChangeSet change) {
  base::MutexLock lock(mu_);
  if (change.revision <= told_) Fail("a revision was told twice");
  told_ = change.revision;
  for (auto& entry : change.entries) Set(entry.key, std::move(entry.value));
}

void KeptFollower::OnCaughtUp() {
  base::MutexLock lock(mu_);
  caught_up_ = true;
}

void KeptFollower::OnInterrupted(absl::Status) {
  base::MutexLock lock(mu_);
  caught_up_ = false;
}

std::map<std::string, std::string> KeptFollower::state() const {
  base::MutexLock lock(mu_);
  return state_;
}

bool KeptFollower::caught_up() const {
  base::MutexLock lock(mu_);
  return caught_up_;
}

Revision KeptFollower::told() const {
  base::MutexLock lock(mu_);
  return told_;
}

int KeptFollower::snapshots() const {
  base::MutexLock lock(mu_);
  return snapshots_;
}

StoreClient::StoreClient(const std::string& endpoints, Patience patience) : executor_("rc-test") {
  etcd::EtcdStore::Options options;
  etcd::GrpcEtcdOptions grpc;
  grpc.endpoints = etcd::ParseEndpoints(endpoints).value();
  grpc.spread = false;
  if (patience == kPatient) {
    options.commit.within = absl::Seconds(30);
    grpc.timing.silence = absl::Seconds(5);
    grpc.timing.sign_of_life = absl::Seconds(15);
  }
  api_ = etcd::GrpcEtcdApi::Create(std::move(grpc), executor_, clock_, random_).value();
  using Opened = absl::StatusOr<std::unique_ptr<etcd::EtcdStore>>;
  const auto opened = std::make_shared<Mailbox<Opened>>();
  std::unique_ptr<etcd::EtcdStore::Opening> opening;
  Run([&] {
    opening = etcd::EtcdStore::Open(*api_, executor_, clock_, random_, std::move(options),
                                    [opened](Opened store) { opened->Put(std::move(store)); });
  });
  store_ = Await(opened).value();
  Run([&] { opening.reset(); });
}

StoreClient::~StoreClient() {
  Run([this] {
    store_.reset();
    api_.reset();
  });
}

void StoreClient::Run(base::Executor::Task task) {
  Mailbox<bool> done;
  executor_.Post([&done, task = std::move(task)]() mutable {
    task();
    done.Close();
  });
  if (!done.AwaitClosed(kSoon)) Fail("the executor is blocked");
}

void StoreClient::Follow(Revision after) {
  Run([&] {
    if (!store_->Follow(after, follower_).ok()) Fail("it cannot be followed");
  });
}

std::vector<store::Outcome> StoreClient::Commit(std::vector<store::Transaction> group) {
  const auto answers = std::make_shared<Mailbox<std::vector<store::Outcome>>>();
  Run([&] {
    store_->Commit(std::move(group), [answers](std::vector<store::Outcome> outcomes) {
      answers->Put(std::move(outcomes));
    });
  });
  return Await(answers);
}

std::vector<store::Outcome> StoreClient::Settle(std::vector<store::Transaction> group) {
  const Stopwatch watch;
  while (watch.elapsed() < kSoon) {
    std::vector<store::Outcome> outcomes = Commit(group);
    const bool unknown = std::any_of(outcomes.begin(), outcomes.end(), [](const auto& outcome) {
      return std::holds_alternative<store::Unknown>(outcome);
    });
    if (!unknown) return outcomes;
  }
  Fail("the outcome stays unknown");
}

absl::StatusOr<Revision> StoreClient::Barrier() {
  const auto answers = std::make_shared<Mailbox<absl::StatusOr<Revision>>>();
  Run([&] {
    store_->Barrier([answers](absl::StatusOr<Revision> revision) { answers->Put(revision); });
  });
  return Await(answers);
}

absl::StatusOr<std::vector<store::Record>> StoreClient::Versions(const std::string& key) {
  using Found = absl::StatusOr<std::vector<store::Record>>;
  const auto answers = std::make_shared<Mailbox<Found>>();
  Run([&] {
    store_->Versions(key, Revision(0), [answers](Found found) { answers->Put(std::move(found)); });
  });
  return Await(answers);
}

store::Transaction PutAt(const std::string& key, const std::string& value, uint64_t guard) {
  return {{{key, Revision(guard)}}, {{key, value}}, {}};
}

}  // namespace rollcall::integration
