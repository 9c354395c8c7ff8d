#include "tests/bench/restart/bare_read.h"

#include <grpcpp/grpcpp.h>
#include <time.h>

#include "etcd/rpc.grpc.pb.h"
#include "rollcall/internal/v1/records.pb.h"
#include "server/store/embedded/layout.h"
#include "server/store/embedded/rocks_record_store.h"
#include "tests/integration/support/bounded.h"

namespace rollcall::bench {
namespace {

using integration::Fail;
using integration::Stopwatch;

constexpr int64_t kPage = 20000;
constexpr char kPrefix[] = "/rollcall/";

absl::Duration CpuOfThisProcess() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return absl::DurationFromTimespec(now);
}

class Reading {
 public:
  void Opened() { read_.open = watch_.elapsed(); }
  void Take(absl::string_view key, absl::string_view value) {
    const int size = static_cast<int>(value.size());
    ++read_.records;
    if (key[0] == 'i' && !instance_.ParseFromArray(value.data(), size)) Fail("a bad instance");
    if (key[0] == 's' && !session_.ParseFromArray(value.data(), size)) Fail("a bad session");
  }
  BareRead Done() {
    read_.wall = watch_.elapsed();
    read_.cpu = CpuOfThisProcess() - cpu_before_;
    return read_;
  }

 private:
  const Stopwatch watch_{};
  const absl::Duration cpu_before_ = CpuOfThisProcess();
  BareRead read_;
  internal::v1::InstanceRecord instance_;
  internal::v1::SessionRecord session_;
};

}  // namespace

BareRead ReadDisk(const std::string& directory) {
  Reading reading;
  store::RocksOptions options;
  options.directory = directory;
  const auto disk = store::RocksRecordStore::Open(std::move(options));
  if (!disk.ok()) Fail(std::string(disk.status().message()));
  reading.Opened();
  const absl::Status status = (*disk)->Scan(
      store::Table::kRecords, {}, [&](absl::string_view key, absl::string_view bytes) {
        reading.Take(key, bytes.substr(store::layout::EncodeNumber(0).size()));
        return true;
      });
  if (!status.ok()) Fail(std::string(status.message()));
  return reading.Done();
}

BareRead ReadEtcd(const std::string& member) {
  Reading reading;
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  etcdserverpb::KV::Stub stub(
      grpc::CreateCustomChannel(member, grpc::InsecureChannelCredentials(), arguments));
  etcdserverpb::RangeRequest request;
  request.set_key(kPrefix);
  request.set_range_end("/rollcall0");
  request.set_limit(kPage);
  etcdserverpb::RangeResponse page;
  do {
    grpc::ClientContext context;
    const grpc::Status status = stub.Range(&context, request, &page);
    if (!status.ok()) Fail(status.error_message());
    for (const auto& kv : page.kvs()) {
      reading.Take(absl::string_view(kv.key()).substr(sizeof(kPrefix) - 1), kv.value());
    }
    request.set_revision(page.header().revision());
    if (page.kvs_size() > 0) request.set_key(page.kvs().rbegin()->key() + '\0');
  } while (page.more());
  return reading.Done();
}

}  // namespace rollcall::bench
