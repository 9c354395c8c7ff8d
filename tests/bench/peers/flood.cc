#include "tests/bench/peers/flood.h"

#include <utility>

#include "tests/bench/load/calls.h"
#include "tests/integration/support/bounded.h"

namespace rollcall::bench {
namespace {

// Enough that a server never waits; with 64 clients not as many as ZooKeeper throttles (1000).
constexpr int kUnderWay = 10;

class Beating final : public Caller {
 public:
  Beating(Crowd& crowd, size_t clients) : crowd_(crowd), clients_(clients) {}
  void Call(uint64_t n, Done done) override { crowd_.Beat(n % clients_, std::move(done)); }

 private:
  Crowd& crowd_;
  const size_t clients_;
};

}  // namespace

uint64_t FloodByAnswers(Loop& loop, Crowd& crowd, size_t clients, absl::Duration time) {
  Beating beating(crowd, clients);
  uint64_t next = 0;
  const CallsResult result =
      KeepCalling(loop, beating, static_cast<int>(clients) * kUnderWay, time, next);
  if (result.failed > 0) integration::Fail("a heartbeat was refused: " + result.first_error);
  return result.done;
}

}  // namespace rollcall::bench
