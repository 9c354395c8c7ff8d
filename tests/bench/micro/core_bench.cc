// What the core does for each record: its encoding, its key, the catalog, the snapshot that readers
// get, and the difference that watchers are sent.
#include <benchmark/benchmark.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "server/catalog/catalog.h"
#include "server/feed/delta.h"
#include "server/model/keys.h"
#include "server/model/selector.h"
#include "tests/support/records.h"

namespace rollcall {
namespace {

constexpr char kSession[] = "0123456789abcdef0123456789abcdef";

// About 300 bytes.
internal::v1::InstanceRecord RecordOf(int number, uint64_t epoch) {
  v1::InstanceSpec spec = testing::SpecOf("web", absl::StrCat("instance-", 100'000 + number));
  spec.set_version("1.2.3");
  spec.mutable_locality()->set_zone("eu-1a");
  (*spec.mutable_metadata())["team"] = std::string(180, 'x');
  return testing::InstanceOf(spec, kSession, epoch);
}

void BM_EncodeRecord(benchmark::State& state) {
  const internal::v1::InstanceRecord record = RecordOf(1, 1);
  std::string bytes;
  for (auto _ : state) {
    record.SerializeToString(&bytes);
    benchmark::DoNotOptimize(bytes);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes.size()));
}
BENCHMARK(BM_EncodeRecord);

void BM_DecodeRecord(benchmark::State& state) {
  const std::string bytes = RecordOf(1, 1).SerializeAsString();
  internal::v1::InstanceRecord record;
  for (auto _ : state) benchmark::DoNotOptimize(record.ParseFromString(bytes));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes.size()));
}
BENCHMARK(BM_DecodeRecord);

void BM_MakeKey(benchmark::State& state) {
  const InstanceName name = testing::Name("web", "instance-100001");
  for (auto _ : state) benchmark::DoNotOptimize(InstanceKeyOf(name));
}
BENCHMARK(BM_MakeKey);

void BM_ParseKey(benchmark::State& state) {
  const std::string key = InstanceKeyOf(testing::Name("web", "instance-100001"));
  for (auto _ : state) benchmark::DoNotOptimize(ParseKey(key));
}
BENCHMARK(BM_ParseKey);

// A catalog with one service of so many instances, all of one session.
class Fleet {
 public:
  explicit Fleet(int instances) {
    Put(SessionKeyOf(SessionId(kSession)),
        testing::SessionOf(kSession, internal::v1::SESSION_STATE_LIVE));
    for (int i = 0; i < instances; ++i) PutInstance(i);
    Publish();
  }
  template <typename R>
  void Put(const std::string& key, const R& record) {
    PutBytes(key, record.SerializeAsString());
  }
  void PutInstance(int number) {
    const internal::v1::InstanceRecord record = RecordOf(number, next_);
    Put(InstanceKeyOf(NameOf(record.spec())), record);
  }
  void PutBytes(const std::string& key, const std::string& bytes) {
    catalog_.Apply(key, Revision(next_), bytes).IgnoreError();
  }
  void Publish() { catalog_.Publish(Revision(next_++)); }
  std::shared_ptr<const catalog::ServiceSnapshot> Snapshot() const {
    return views_.Find({kDefaultNamespace, "web"});
  }
  Revision applied() const { return Revision(next_ - 1); }

 private:
  catalog::ViewTable views_{StoreId("store")};
  catalog::Catalog catalog_{views_};
  uint64_t next_ = 1;
};

// One changed instance, applied and published; nobody reads.
void BM_CatalogApply(benchmark::State& state) {
  const int instances = static_cast<int>(state.range(0));
  Fleet fleet(instances);
  const internal::v1::InstanceRecord record = RecordOf(instances / 2, 1);
  const std::string key = InstanceKeyOf(NameOf(record.spec()));
  const std::string bytes = record.SerializeAsString();
  for (auto _ : state) {
    fleet.PutBytes(key, bytes);
    fleet.Publish();
  }
}
BENCHMARK(BM_CatalogApply)->Arg(100)->Arg(1000)->Arg(10'000);

// The same, and the first reader's snapshot.
void BM_CatalogApplyAndSnapshot(benchmark::State& state) {
  const int instances = static_cast<int>(state.range(0));
  Fleet fleet(instances);
  const internal::v1::InstanceRecord record = RecordOf(instances / 2, 1);
  const std::string key = InstanceKeyOf(NameOf(record.spec()));
  const std::string bytes = record.SerializeAsString();
  for (auto _ : state) {
    fleet.PutBytes(key, bytes);
    fleet.Publish();
    benchmark::DoNotOptimize(fleet.Snapshot());
  }
}
BENCHMARK(BM_CatalogApplyAndSnapshot)->Arg(100)->Arg(1000)->Arg(10'000);

// What watchers that stand just before the last change are sent: made once for all of them.
void BM_FeedDelta(benchmark::State& state) {
  const int instances = static_cast<int>(state.range(0));
  Fleet fleet(instances);
  const Revision before = fleet.applied();
  fleet.PutInstance(instances / 2);
  fleet.Publish();
  const auto snapshot = fleet.Snapshot();
  const StoreId store(kSession);
  for (auto _ : state) {
    benchmark::DoNotOptimize(feed::EncodeDelta(*snapshot, Selector(), before, store));
  }
}
BENCHMARK(BM_FeedDelta)->Arg(100)->Arg(1000)->Arg(10'000);

// What a new watcher is sent.
void BM_FeedSnapshot(benchmark::State& state) {
  const Fleet fleet(static_cast<int>(state.range(0)));
  const auto snapshot = fleet.Snapshot();
  const StoreId store(kSession);
  for (auto _ : state) {
    benchmark::DoNotOptimize(feed::EncodeDelta(*snapshot, Selector(), Revision(0), store));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_FeedSnapshot)->Arg(100)->Arg(1000);

}  // namespace
}  // namespace rollcall
