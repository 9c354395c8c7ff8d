#include "server/store/etcd/grpc/wiring.h"

#include "server/store/etcd/grpc/unary_call.h"

namespace rollcall::etcd {
namespace {

constexpr absl::Duration kAuthenticateTime = absl::Seconds(5);

void Authenticate(Wiring& wiring, const EtcdUser& user, Authenticator::TokenDone done) {
  pb::AuthenticateRequest request;
  request.set_name(user.name);
  request.set_password(user.password);
  using AuthenticateCall = UnaryCall<pb::Auth, pb::AuthenticateRequest, pb::AuthenticateResponse>;
  std::make_shared<AuthenticateCall>(
      wiring, CallPolicy{.repeatable = true, .with_token = false},
      wiring.clock.Steady() + kAuthenticateTime, &pb::Auth::Stub::PrepareAsyncAuthenticate,
      std::move(request),
      [done = std::move(done)](absl::StatusOr<pb::AuthenticateResponse> response) {
        response.ok() ? done(std::move(*response->mutable_token())) : done(response.status());
      })
      ->Start();
}

}  // namespace

Wiring::Wiring(GrpcEtcdOptions wanted, ChannelFactory factory, base::Executor& executor,
               const base::Clock& time, uint64_t seed)
    : options(std::move(wanted)),
      channels(std::move(factory)),
      clock(time),
      answers(executor),
      random(seed),
      thread("rc-etcd", time) {
  thread.Post([this] {
    const size_t first = options.spread ? random.Below(options.endpoints.size()) : 0;
    members = std::make_unique<Members>(options, channels, clock, thread, first);
    authenticator = std::make_unique<Authenticator>(
        options.user, [this](const EtcdUser& user, Authenticator::TokenDone done) {
          Authenticate(*this, user, std::move(done));
        });
  });
}

void Wiring::Stop() {
  answers.Silence();
  thread.Post([this] {
    ending = true;
    members->Close();
    authenticator->Close();
  });
  thread.Stop();
}

}  // namespace rollcall::etcd
