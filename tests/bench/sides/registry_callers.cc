#include "tests/bench/sides/registry_callers.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "rollcall/v1/operations.grpc.pb.h"
#include "tests/bench/load/population.h"
#include "tests/integration/support/raw_client.h"

namespace rollcall::bench {
namespace {

constexpr int kCallsPerBatchService = 10;

// One request begins on the connection that is `n`'s turn.
void Register(Loop& loop, std::vector<std::unique_ptr<v1::Registry::Stub>>& stubs, uint64_t n,
              const v1::RegisterRequest& request, Done done) {
  v1::Registry::Stub& stub = *stubs[n % stubs.size()];
  UnaryCall<v1::RegisterResponse>::Start(
      loop,
      [&](grpc::ClientContext* context, grpc::CompletionQueue* queue) {
        return stub.AsyncRegister(context, request, queue);
      },
      std::move(done));
}

std::string ServiceOf(uint64_t n, int instances) {
  return instances == 1 ? absl::StrFormat("bench-%04d", n % kServices)
                        : absl::StrFormat("bench-%06d", n / kCallsPerBatchService);
}

}  // namespace

RegisterCaller::RegisterCaller(Loop& loop, const std::string& address, const RegisterShape& shape)
    : loop_(loop),
      channels_(Connect(address, shape.connections)),
      stubs_(StubsOf<v1::Registry>(channels_)),
      request_(OpenRequest('r', 0, shape.ttl)) {
  for (int i = 0; i < shape.instances; ++i) {
    *request_.add_instances() = Spec(ServiceOf(0, shape.instances),
                                     absl::StrFormat("instance-%08d-%03d", 0, i), shape.bytes);
  }
}

void RegisterCaller::Call(uint64_t n, Done done) {
  request_.set_session_id(SessionId('r', n));
  request_.set_session_secret(SessionId('r', n));
  const std::string service = ServiceOf(n, request_.instances_size());
  int number = 0;
  for (v1::InstanceSpec& spec : *request_.mutable_instances()) {
    spec.set_service(service);
    spec.set_id(absl::StrFormat("instance-%08d-%03d", n, number++));
  }
  Register(loop_, stubs_, n, request_, std::move(done));
}

ExpiringCaller::ExpiringCaller(Loop& loop, const std::string& address, absl::Time end)
    : loop_(loop),
      channels_(Connect(address, 4)),
      stubs_(StubsOf<v1::Registry>(channels_)),
      end_(end) {
  integration::RawClient client(channels_[0]);
  for (int i = 0; i < kDoomedServices; ++i) {
    v1::PutServiceRequest request;
    v1::ServiceSpec& spec = *request.mutable_spec();
    spec.set_service(absl::StrCat("doomed-", i));
    spec.mutable_eviction_brake()->set_enabled(false);
    client.Get(&v1::Operations::Stub::PutService, request);
  }
}

void ExpiringCaller::Call(uint64_t n, Done done) {
  const absl::Duration ttl = std::max(end_ - absl::Now(), absl::Seconds(1));
  v1::RegisterRequest request = OpenRequest('d', n, ttl);
  *request.add_instances() =
      Spec(absl::StrCat("doomed-", n % kDoomedServices), absl::StrCat("doomed-", n), kRecordBytes);
  Register(loop_, stubs_, n, request, std::move(done));
}

ResolveCaller::ResolveCaller(Loop& loop, const std::string& address, int instances, int connections)
    : loop_(loop), channels_(Connect(address, connections)) {
  for (const auto& channel : channels_) stubs_.push_back(std::make_unique<Stub>(channel));
  v1::RegisterRequest request = OpenRequest('s', 0, absl::Minutes(10));
  for (int i = 0; i < instances; ++i) {
    *request.add_instances() = Spec("resolved", absl::StrCat("resolved-", i), kRecordBytes);
  }
  integration::RawClient(channels_[0]).Register(request);
  request_.set_service("resolved");
}

void ResolveCaller::Call(uint64_t n, Done done) {
  Stub& stub = *stubs_[n % stubs_.size()];
  UnaryCall<grpc::ByteBuffer>::Start(
      loop_,
      [&](grpc::ClientContext* context, grpc::CompletionQueue* queue) {
        auto reader =
            stub.PrepareUnaryCall(context, "/rollcall.v1.Discovery/Resolve", request_, queue);
        reader->StartCall();
        return reader;
      },
      std::move(done));
}

ChangeCaller::ChangeCaller(Loop& loop, const std::string& address, int instances)
    : loop_(loop),
      channels_(Connect(address, 1)),
      stubs_(StubsOf<v1::Registry>(channels_)),
      instances_(static_cast<uint64_t>(instances)),
      request_(OpenRequest('w', 0, absl::Minutes(10))) {
  for (int i = 0; i < instances; ++i) {
    *request_.add_instances() = Spec(kWatched, absl::StrCat("watched-", i), kRecordBytes);
  }
  integration::RawClient(channels_[0]).Register(request_);
  request_.mutable_instances()->DeleteSubrange(1, instances - 1);
}

void ChangeCaller::Call(uint64_t n, Done done) {
  v1::InstanceSpec& spec = *request_.mutable_instances(0);
  spec.set_id(absl::StrCat("watched-", n % instances_));
  spec.set_version(absl::StrCat("mark-", n));
  Register(loop_, stubs_, n, request_, std::move(done));
}

}  // namespace rollcall::bench
