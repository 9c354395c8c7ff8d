#include "tests/bench/sides/all.h"

#include <memory>
#include <string>

#include "tests/bench/measure/results.h"
#include "tests/bench/sides/registry_side.h"

namespace rollcall::bench {
namespace {

template <typename T>
SideMaker MakerOf(std::string name) {
  return {std::move(name), [](Loop& loop) { return std::make_unique<T>(loop); }};
}

}  // namespace

std::vector<SideMaker> OwnSides() {
  return {MakerOf<LimitSide>(kLimit), MakerOf<RollcallSide>(kOurs)};
}

std::vector<SideMaker> PeerSides() { return {}; }

}  // namespace rollcall::bench
