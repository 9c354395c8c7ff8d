#include "tests/bench/sides/all.h"

#include <memory>
#include <string>

#include "tests/bench/measure/results.h"
#include "tests/bench/peers/etcd_side.h"
#include "tests/bench/peers/zookeeper_side.h"
#include "tests/bench/sides/registry_side.h"

namespace rollcall::bench {
namespace {

template <typename T>
SideMaker MakerOf(std::string name) {
  return {std::move(name), [](Loop& loop) { return std::make_unique<T>(loop); }, ""};
}

template <typename T>
SideMaker PeerOf(std::string name) {
  SideMaker maker = MakerOf<T>(std::move(name));
  maker.missing = T::Missing();
  return maker;
}

}  // namespace

std::vector<SideMaker> OwnSides() {
  return {MakerOf<LimitSide>(kLimit), MakerOf<RollcallSide>(kOurs)};
}

std::vector<SideMaker> PeerSides() {
  return {PeerOf<EtcdSide>("etcd"), PeerOf<ZooKeeperSide>("zookeeper")};
}

}  // namespace rollcall::bench
