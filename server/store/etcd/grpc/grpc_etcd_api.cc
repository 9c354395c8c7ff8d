#include "server/store/etcd/grpc/grpc_etcd_api.h"

#include <utility>

#include "client-sdk/base/status_macros.h"
#include "server/store/etcd/grpc/renewal_call.h"
#include "server/store/etcd/grpc/unary_call.h"
#include "server/store/etcd/grpc/watch_call.h"
#include "server/store/etcd/grpc/wiring.h"

namespace rollcall::etcd {
namespace {

constexpr CallPolicy kOnce = {};
constexpr CallPolicy kRepeatable = {.repeatable = true};

// Hands what comes on the completion thread to the executor.
template <typename Response>
auto OnExecutor(Wiring& wiring, EtcdApi::Done<Response> done) {
  return [&wiring, done = std::move(done)](absl::StatusOr<Response> result) mutable {
    wiring.answers.Give([done = std::move(done), result = std::move(result)]() mutable {
      done(std::move(result));
    });
  };
}

template <typename Service, typename Request, typename Response>
void Ask(Wiring& wiring, CallPolicy policy,
         std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> (Service::Stub::*method)(
             grpc::ClientContext*, const Request&, grpc::CompletionQueue*),
         std::type_identity_t<Request> request, absl::Duration within,
         EtcdApi::Done<Response> done) {
  auto call = std::make_shared<UnaryCall<Service, Request, Response>>(
      wiring, policy, wiring.clock.Steady() + within, method, std::move(request),
      OnExecutor<Response>(wiring, std::move(done)));
  wiring.thread.Post([call = std::move(call)] { call->Start(); });
}

// The answers of all members, as they come in.
struct StatusRound {
  std::vector<EtcdApi::MemberStatus> members;
  size_t open;
  absl::AnyInvocable<void(std::vector<EtcdApi::MemberStatus>)> done;
};

void AskAll(Wiring& wiring, absl::Duration within, std::shared_ptr<StatusRound> round) {
  const auto& members = wiring.members->all();
  round->open = members.size();
  for (size_t i = 0; i < members.size(); ++i) {
    round->members.push_back({members[i]->endpoint().url, absl::UnknownError("")});
    members[i]->AskStatus(within, [&wiring, round, i](absl::StatusOr<pb::StatusResponse> status) {
      round->members[i].status = std::move(status);
      if (--round->open > 0) return;
      wiring.answers.Give([done = std::move(round->done),
                           all = std::move(round->members)]() mutable { done(std::move(all)); });
    });
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<GrpcEtcdApi>> GrpcEtcdApi::Create(GrpcEtcdOptions options,
                                                                 base::Executor& executor,
                                                                 const base::Clock& clock,
                                                                 base::Random& random) {
  ASSIGN_OR_RETURN(ChannelFactory channels, ChannelFactory::Create(options));
  return std::unique_ptr<GrpcEtcdApi>(new GrpcEtcdApi(std::make_shared<Wiring>(
      std::move(options), std::move(channels), executor, clock, random.Next())));
}

GrpcEtcdApi::GrpcEtcdApi(std::shared_ptr<Wiring> wiring) : wiring_(std::move(wiring)) {}

GrpcEtcdApi::~GrpcEtcdApi() { wiring_->Stop(); }

void GrpcEtcdApi::Range(pb::RangeRequest request, absl::Duration within,
                        Done<pb::RangeResponse> done) {
  // What a member may answer without the others, it may answer without a leader.
  const CallPolicy policy = {.repeatable = true, .needs_leader = !request.serializable()};
  Ask<pb::KV>(*wiring_, policy, &pb::KV::Stub::PrepareAsyncRange, std::move(request), within,
              std::move(done));
}

void GrpcEtcdApi::Txn(pb::TxnRequest request, absl::Duration within, Done<pb::TxnResponse> done) {
  Ask<pb::KV>(*wiring_, kOnce, &pb::KV::Stub::PrepareAsyncTxn, std::move(request), within,
              std::move(done));
}

void GrpcEtcdApi::Compact(pb::CompactionRequest request, absl::Duration within,
                          Done<pb::CompactionResponse> done) {
  Ask<pb::KV>(*wiring_, kOnce, &pb::KV::Stub::PrepareAsyncCompact, std::move(request), within,
              std::move(done));
}

void GrpcEtcdApi::LeaseGrant(pb::LeaseGrantRequest request, absl::Duration within,
                             Done<pb::LeaseGrantResponse> done) {
  Ask<pb::Lease>(*wiring_, kOnce, &pb::Lease::Stub::PrepareAsyncLeaseGrant, std::move(request),
                 within, std::move(done));
}

void GrpcEtcdApi::LeaseRevoke(pb::LeaseRevokeRequest request, absl::Duration within,
                              Done<pb::LeaseRevokeResponse> done) {
  Ask<pb::Lease>(*wiring_, kOnce, &pb::Lease::Stub::PrepareAsyncLeaseRevoke, std::move(request),
                 within, std::move(done));
}

void GrpcEtcdApi::LeaseKeepAlive(pb::LeaseKeepAliveRequest request, absl::Duration within,
                                 Done<pb::LeaseKeepAliveResponse> done) {
  auto call = std::make_shared<RenewalCall>(
      *wiring_, wiring_->clock.Steady() + within, std::move(request),
      OnExecutor<pb::LeaseKeepAliveResponse>(*wiring_, std::move(done)));
  wiring_->thread.Post([call = std::move(call)] { call->Start(); });
}

std::unique_ptr<WatchHandle> GrpcEtcdApi::Watch(pb::WatchCreateRequest request,
                                                WatchEvents& events) {
  auto link = std::make_shared<WatchLink>(events);
  auto call = std::make_shared<WatchCall>(
      wiring_, wiring_->clock.Steady() + wiring_->options.timing.watch_connect, std::move(request),
      link);
  auto handle = std::make_unique<GrpcWatchHandle>(wiring_, call, std::move(link));
  wiring_->thread.Post([call = std::move(call)] { call->Start(); });
  return handle;
}

void GrpcEtcdApi::Status(absl::Duration within,
                         absl::AnyInvocable<void(std::vector<MemberStatus>)> done) {
  auto round = std::make_shared<StatusRound>();
  round->done = std::move(done);
  wiring_->thread.Post([wiring = wiring_.get(), within, round = std::move(round)] {
    AskAll(*wiring, within, round);
  });
}

void GrpcEtcdApi::Alarm(pb::AlarmRequest request, absl::Duration within,
                        Done<pb::AlarmResponse> done) {
  const bool reads = request.action() == pb::AlarmRequest::GET;
  Ask<pb::Maintenance>(*wiring_, reads ? kRepeatable : kOnce,
                       &pb::Maintenance::Stub::PrepareAsyncAlarm, std::move(request), within,
                       std::move(done));
}

}  // namespace rollcall::etcd
