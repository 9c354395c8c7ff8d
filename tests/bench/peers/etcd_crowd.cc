#include "tests/bench/peers/etcd_crowd.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/bench/load/calls.h"
#include "tests/bench/peers/flood.h"
#include "tests/bench/peers/records.h"
#include "tests/integration/support/bounded.h"

namespace rollcall::bench {

namespace pb = etcdserverpb;

EtcdCrowd::EtcdCrowd(Loop& loop, const std::string& address, const CrowdShape& shape)
    : loop_(loop),
      client_(EtcdClient::Connect(loop, address, shape.connections)),
      leases_(std::make_shared<std::vector<int64_t>>(shape.clients)) {
  for (int i = 0; i < shape.clients; ++i) clients_.push_back(std::make_unique<Client>());
  CallEach(loop_, clients_.size(), 256,
           [&](uint64_t n, Done done) { Register(n, shape.ttl, std::move(done)); });
  const auto stubs = StubsOf<pb::Lease>(client_->channels());
  CallEach(loop_, clients_.size(), 256, [&](uint64_t n, Done opened) {
    clients_[n]->beat.set_id((*leases_)[n]);
    Open(*clients_[n], *stubs[n % stubs.size()], std::move(opened));
  });
}

void EtcdCrowd::Register(uint64_t n, absl::Duration ttl, Done done) {
  client_->Register(n, ttl, {CrowdPath(n)}, kRecordBytes,
                    [leases = leases_, n, done = std::move(done)](absl::string_view error,
                                                                  int64_t lease) mutable {
                      (*leases)[n] = lease;
                      done(error);
                    });
}

void EtcdCrowd::Open(Client& client, pb::Lease::Stub& stub, Done opened) {
  client.on_message = [&client](const pb::LeaseKeepAliveResponse& answer) {
    if (client.asked.empty()) return;
    Done answered = std::move(client.asked.front());
    client.asked.pop_front();
    answered(answer.ttl() > 0 ? "" : "the lease is gone");
  };
  client.on_end = [this](const grpc::Status& status) {
    loop_.Trouble("a stream of keep-alives has ended: " + status.error_message());
  };
  client.asked.push_back(std::move(opened));
  client.Start(
      loop_,
      [&stub](grpc::ClientContext* context, grpc::CompletionQueue* queue, void* tag) {
        return stub.AsyncLeaseKeepAlive(context, queue, tag);
      },
      client.beat);
}

void EtcdCrowd::Beat(size_t n, Done answered) {
  clients_[n]->asked.push_back(std::move(answered));
  clients_[n]->Send(clients_[n]->beat);
}

uint64_t EtcdCrowd::Flood(absl::Duration time) {
  return FloodByAnswers(loop_, *this, clients_.size(), time);
}

}  // namespace rollcall::bench
