// Heartbeats on many threads while the judge works: what one thread cannot show (run under TSan).
#include <atomic>
#include <thread>

#include "tests/unit/health/session_table_fixture.h"

namespace rollcall::health {
namespace {

class BeatThreadsTest : public SessionTableTest {};

TEST_F(BeatThreadsTest, NobodyWhoBeatsIsEvicted) {
  constexpr int kThreads = 4;
  constexpr int kPerThread = 8;
  Start();
  std::vector<std::unique_ptr<Client>> clients;
  clients.reserve(kThreads * kPerThread);
  for (int i = 0; i < kThreads * kPerThread; ++i) clients.push_back(Join(absl::StrCat("p", i)));
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  std::atomic<uint64_t> rounds[kThreads] = {};
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (uint64_t sequence = 1; !stop; ++sequence) {
        for (int i = 0; i < kPerThread; ++i) clients[t * kPerThread + i]->Beat(sequence);
        rounds[t] = sequence;
      }
    });
  }
  // Virtual time goes on only when every thread has beaten since: nobody is ever late.
  for (int step = 0; step < 50; ++step) {
    AdvanceBy(kTtl / 4);
    for (auto& done : rounds) {
      const uint64_t before = done;
      while (done < before + 2) std::this_thread::yield();
    }
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  executor_.RunReady();
  EXPECT_EQ(table_->counters().sessions, static_cast<uint64_t>(kThreads * kPerThread));
  for (const std::string& commit : TakeCommits()) EXPECT_EQ(commit, "");
}

}  // namespace
}  // namespace rollcall::health
