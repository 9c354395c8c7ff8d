// Many threads on a real disk: what one thread cannot show.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "client-sdk/base/mutex.h"
#include "client-sdk/base/thread_executor.h"
#include "server/store/embedded/embedded_store.h"
#include "server/store/embedded/rocks_record_store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_directory.h"

namespace rollcall::store {
namespace {

constexpr int kThreads = 4;
constexpr int kCommitsEach = 50;

class EmbeddedStoreThreadsTest : public ::testing::Test {
 protected:
  EmbeddedStoreThreadsTest() {
    RocksOptions options;
    options.directory = temp_ / "store";
    options.keep_free_bytes = 0;
    options.reserve_bytes = 0;
    auto disk = RocksRecordStore::Open(options);
    EXPECT_TRUE(disk.ok()) << disk.status();
    disk_ = *std::move(disk);
    auto store = EmbeddedStore::Open(*disk_, writer_, callbacks_, clock_, random_);
    EXPECT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }
  ~EmbeddedStoreThreadsTest() override {
    writer_.Stop();
    callbacks_.Stop();
  }

  // Commits one put and waits for its answer.
  uint64_t CommitAndWait(const std::string& key, uint64_t guard) {
    base::Mutex mu;
    base::CondVar answered;
    std::optional<uint64_t> revision;
    store_->Commit({{{{key, Revision(guard)}}, {{key, "value"}}, {}}},
                   [&](std::vector<Outcome> outcomes) {
                     base::MutexLock lock(mu);
                     const auto* committed = std::get_if<Committed>(&outcomes[0]);
                     revision = committed == nullptr ? 0 : committed->revision.value();
                     answered.NotifyAll();
                   });
    base::MutexLock lock(mu);
    while (!revision) answered.Wait(mu);
    return *revision;
  }

  TempDirectory temp_;
  testing::FakeClock clock_;
  base::SeededRandom random_{3};
  std::unique_ptr<RocksRecordStore> disk_;
  base::ThreadExecutor writer_{"test-writer"};
  base::ThreadExecutor callbacks_{"test-callbacks"};
  std::unique_ptr<EmbeddedStore> store_;
};

TEST_F(EmbeddedStoreThreadsTest, EveryCommitIsToldInOrderBeforeItsAnswerWhileHistoryIsRead) {
  std::atomic<uint64_t> told{0};
  std::atomic<bool> in_order{true};
  store_->Watch(Revision(0), [&](ChangeSet set) {
    if (set.revision.value() <= told.load()) in_order = false;
    told = set.revision.value();
  });
  std::atomic<bool> told_first{true};
  std::atomic<int> committed{0};
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      uint64_t revision = 0;
      for (int i = 0; i < kCommitsEach; ++i) {
        revision = CommitAndWait(absl::StrCat("key", t), revision);
        if (revision != 0) ++committed;
        if (told.load() < revision) told_first = false;
        size_t versions = 0;
        const auto view = store_->version_log().Read();
        if (!view.ok() || !(*view)->ScanPrefix("key", [&](Version) { ++versions; }).ok()) continue;
        // A revision and its versions are one write: a view never splits them.
        if (versions != (*view)->revision().value()) in_order = false;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(committed.load(), kThreads * kCommitsEach);
  EXPECT_EQ(told.load(), static_cast<uint64_t>(kThreads * kCommitsEach));
  EXPECT_TRUE(told_first.load());
  EXPECT_TRUE(in_order.load());
}

}  // namespace
}  // namespace rollcall::store
