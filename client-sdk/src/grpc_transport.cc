#include "client-sdk/src/grpc_transport.h"

#include <grpc/support/time.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <deque>
#include <utility>

#include "client-sdk/base/mutex.h"
#include "client-sdk/base/tsan.h"
#include "rollcall/v1/discovery.grpc.pb.h"
#include "rollcall/v1/registry.grpc.pb.h"

namespace rollcall::sdk {
namespace {

constexpr absl::Duration kTick = absl::Milliseconds(300);
constexpr absl::Duration kFinishTime = absl::Seconds(1);
constexpr unsigned kCertificateRefreshSeconds = 1;
constexpr int kMostReceivedBytes = 64 << 20;

absl::Status FromGrpc(const grpc::Status& status) {
  return {static_cast<absl::StatusCode>(status.error_code()), status.error_message()};
}

gpr_timespec DeadlineIn(absl::Duration timeout) {
  const int64_t micros = std::max<int64_t>(0, absl::ToInt64Microseconds(timeout));
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_micros(micros, GPR_TIMESPAN));
}

std::shared_ptr<grpc::ChannelCredentials> CredentialsFor(const std::optional<TlsOptions>& tls) {
  namespace x = grpc::experimental;
  if (!tls) return grpc::InsecureChannelCredentials();
  x::TlsChannelCredentialsOptions options;
  if (tls->cert_file.empty()) {
    options.set_certificate_provider(std::make_shared<x::FileWatcherCertificateProvider>(
        tls->ca_file, kCertificateRefreshSeconds));
  } else {
    options.set_certificate_provider(std::make_shared<x::FileWatcherCertificateProvider>(
        tls->key_file, tls->cert_file, tls->ca_file, kCertificateRefreshSeconds));
    options.watch_identity_key_cert_pairs();
  }
  options.watch_root_certs();
  return x::TlsCredentials(options);
}

grpc::ChannelArguments ArgumentsFor(const std::optional<TlsOptions>& tls) {
  grpc::ChannelArguments arguments;
  // The server allows a ping each 5 s; one that does not answer within 5 s is gone.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 10'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // The core does its own backing off; a channel that insists on more would stand in its way.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 500);
  arguments.SetMaxReceiveMessageSize(kMostReceivedBytes);
  // A connection of our own, whatever else the process does with gRPC.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  if (tls && !tls->server_name.empty()) arguments.SetSslTargetNameOverride(tls->server_name);
  return arguments;
}

}  // namespace

// How many calls gRPC holds, for an orderly end. Thread-safe.
class GrpcTransport::Calls {
 public:
  void Begin() {
    base::MutexLock lock(mu_);
    ++count_;
  }
  void End() {
    base::MutexLock lock(mu_);
    if (--count_ == 0) none_.NotifyAll();
  }
  void WaitForNone(const base::Clock& clock, absl::Duration limit) {
    const base::Instant end = clock.Steady() + limit;
    base::MutexLock lock(mu_);
    while (count_ > 0 && clock.Steady() < end) none_.WaitFor(mu_, end - clock.Steady());
  }

 private:
  base::Mutex mu_;
  base::CondVar none_;
  int count_ ABSL_GUARDED_BY(mu_) = 0;
};

struct GrpcTransport::Server {
  explicit Server(std::shared_ptr<grpc::Channel> channel)
      : registry(v1::Registry::NewStub(channel)), discovery(v1::Discovery::NewStub(channel)) {}
  const std::unique_ptr<v1::Registry::Stub> registry;
  const std::unique_ptr<v1::Discovery::Stub> discovery;
};

namespace {

// A channel to nowhere, for the tick. It is never destroyed, on purpose: when the last channel that
// used the callback API goes, gRPC 1.51 tears its hidden completion queue down and now and then
// aborts the process in that ("ref_counted.h: assertion failed: prior > 0").
GrpcTransport::Server& Nowhere() {
  static auto* const nowhere = new GrpcTransport::Server(grpc::CreateChannel("none", nullptr));
  return *nowhere;
}

// One unary call; lives until gRPC has answered.
template <typename Request, typename Response>
struct UnaryCall {
  grpc::ClientContext context;
  Request request;
  Response response;
  Transport::Done<Response> done;
};

template <typename Request, typename Response, typename Start>
void StartUnary(std::shared_ptr<base::Executor> executor,
                std::shared_ptr<GrpcTransport::Calls> calls, Request request,
                absl::Duration timeout, Transport::Done<Response> done, Start start) {
  auto call = std::make_shared<UnaryCall<Request, Response>>();
  call->request = std::move(request);
  call->done = std::move(done);
  call->context.set_deadline(DeadlineIn(timeout));
  calls->Begin();
  base::TsanRelease(call.get());
  start(&call->context, &call->request, &call->response,
        [executor = std::move(executor), calls = std::move(calls), call](grpc::Status status) {
          base::TsanAcquire(call.get());
          executor->Post([call, status = FromGrpc(status)] {
            if (status.ok()) {
              call->done(std::move(call->response));
            } else {
              call->done(status);
            }
          });
          calls->End();
        });
}

// One bidirectional stream. It keeps itself alive until gRPC is done with it; the core holds a
// Handle. Reactions run on gRPC's threads and only pass on; events run on the executor.
template <typename Request, typename Response>
class Stream final : public grpc::ClientBidiReactor<Request, Response>,
                     public std::enable_shared_from_this<Stream<Request, Response>> {
 public:
  Stream(std::shared_ptr<const base::Clock> clock, std::shared_ptr<base::Executor> executor,
         std::shared_ptr<GrpcTransport::Calls> calls, StreamEvents<Response> events)
      : clock_(std::move(clock)),
        executor_(std::move(executor)),
        calls_(std::move(calls)),
        events_(std::move(events)) {}

  grpc::ClientContext* context() { return &context_; }

  // `start` hands the reactor to the stub.
  template <typename Start>
  void Begin(Start start) {
    self_ = this->shared_from_this();
    calls_->Begin();
    start(&context_, this);
    base::TsanRelease(this);
    this->AddHold();  // Writes begin outside of reactions; released when reading has ended.
    this->StartRead(&incoming_);
    this->StartCall();
  }

  void Send(Request message) {
    base::MutexLock lock(mu_);
    if (closed_ || finishing_) return;
    queue_.push_back(std::move(message));
    WriteNext();
  }

  void Finish() {
    {
      base::MutexLock lock(mu_);
      if (finishing_) return;
      finishing_ = true;
      WriteNext();
    }
    executor_->PostAt(clock_->Steady() + kFinishTime, [weak = this->weak_from_this()] {
      if (auto stream = weak.lock()) stream->context_.TryCancel();
    });
  }

  // On the executor: no events any more.
  void Detach() { detached_ = true; }
  bool finishing() {
    base::MutexLock lock(mu_);
    return finishing_;
  }
  void Cancel() { context_.TryCancel(); }

  void OnReadDone(bool ok) override {
    base::TsanAcquire(this);
    if (!ok) {
      {
        base::MutexLock lock(mu_);
        closed_ = true;
        queue_.clear();
      }
      this->RemoveHold();
      return;
    }
    executor_->Post([self = this->shared_from_this(), message = std::move(incoming_)]() mutable {
      if (!self->detached_) self->events_.on_message(std::move(message));
    });
    incoming_ = Response();
    this->StartRead(&incoming_);
  }

  void OnWriteDone(bool ok) override {
    base::TsanAcquire(this);
    base::MutexLock lock(mu_);
    writing_ = false;
    if (ok) WriteNext();
  }

  void OnDone(const grpc::Status& status) override {
    base::TsanAcquire(this);
    const auto self = std::move(self_);
    const auto calls = calls_;
    executor_->Post([self, status = FromGrpc(status)] {
      if (!self->detached_) self->events_.on_end(status);
    });
    calls->End();
  }

 private:
  void WriteNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (writing_ || closed_) return;
    if (!queue_.empty()) {
      outgoing_ = std::move(queue_.front());
      queue_.pop_front();
      writing_ = true;
      this->StartWrite(&outgoing_);
    } else if (finishing_ && !half_closed_) {
      half_closed_ = true;
      this->StartWritesDone();
    }
  }

  const std::shared_ptr<const base::Clock> clock_;
  const std::shared_ptr<base::Executor> executor_;
  const std::shared_ptr<GrpcTransport::Calls> calls_;
  grpc::ClientContext context_;
  std::shared_ptr<Stream> self_;
  Response incoming_;
  // The executor's.
  StreamEvents<Response> events_;
  bool detached_ = false;

  base::Mutex mu_;
  std::deque<Request> queue_ ABSL_GUARDED_BY(mu_);
  Request outgoing_ ABSL_GUARDED_BY(mu_);  // gRPC reads it while writing_.
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  bool finishing_ ABSL_GUARDED_BY(mu_) = false;
  bool half_closed_ ABSL_GUARDED_BY(mu_) = false;
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
};

template <typename Request, typename Response>
class Handle final : public OutStream<Request> {
 public:
  explicit Handle(std::shared_ptr<Stream<Request, Response>> stream) : stream_(std::move(stream)) {}
  ~Handle() override {
    stream_->Detach();
    if (!stream_->finishing()) stream_->Cancel();
  }
  void Send(Request message) override { stream_->Send(std::move(message)); }
  void Finish() override { stream_->Finish(); }

 private:
  const std::shared_ptr<Stream<Request, Response>> stream_;
};

}  // namespace

GrpcTransport::GrpcTransport(std::shared_ptr<const base::Clock> clock,
                             std::shared_ptr<base::Executor> executor,
                             const std::optional<TlsOptions>& tls)
    : clock_(std::move(clock)),
      executor_(std::move(executor)),
      tls_(tls),
      calls_(std::make_shared<Calls>()) {
  Tick();
}

GrpcTransport::~GrpcTransport() = default;

void GrpcTransport::WaitUntilIdle(absl::Duration limit) { calls_->WaitForNone(*clock_, limit); }

void GrpcTransport::Tick() {
  // Fails at once, and that is all it is for.
  StartUnary<v1::GetInstanceRequest, v1::GetInstanceResponse>(
      executor_, calls_, {}, absl::Seconds(1), [](const auto&) {},
      [](auto... arguments) { Nowhere().discovery->async()->GetInstance(arguments...); });
  executor_->PostAt(clock_->Steady() + kTick, lifeline_.Guard([this] { Tick(); }));
}

GrpcTransport::Server& GrpcTransport::ServerAt(const std::string& server) {
  std::unique_ptr<Server>& known = servers_[server];
  if (known == nullptr) {
    known = std::make_unique<Server>(
        grpc::CreateCustomChannel(server, CredentialsFor(tls_), ArgumentsFor(tls_)));
  }
  return *known;
}

void GrpcTransport::Register(const std::string& server, v1::RegisterRequest request,
                             absl::Duration timeout, Done<v1::RegisterResponse> done) {
  StartUnary<v1::RegisterRequest, v1::RegisterResponse>(
      executor_, calls_, std::move(request), timeout, std::move(done),
      [&](auto... arguments) { ServerAt(server).registry->async()->Register(arguments...); });
}

void GrpcTransport::Deregister(const std::string& server, v1::DeregisterRequest request,
                               absl::Duration timeout, Done<v1::DeregisterResponse> done) {
  StartUnary<v1::DeregisterRequest, v1::DeregisterResponse>(
      executor_, calls_, std::move(request), timeout, std::move(done),
      [&](auto... arguments) { ServerAt(server).registry->async()->Deregister(arguments...); });
}

void GrpcTransport::Resolve(const std::string& server, v1::ResolveRequest request,
                            absl::Duration timeout, Done<v1::ResolveResponse> done) {
  StartUnary<v1::ResolveRequest, v1::ResolveResponse>(
      executor_, calls_, std::move(request), timeout, std::move(done),
      [&](auto... arguments) { ServerAt(server).discovery->async()->Resolve(arguments...); });
}

void GrpcTransport::GetInstance(const std::string& server, v1::GetInstanceRequest request,
                                absl::Duration timeout, Done<v1::GetInstanceResponse> done) {
  StartUnary<v1::GetInstanceRequest, v1::GetInstanceResponse>(
      executor_, calls_, std::move(request), timeout, std::move(done),
      [&](auto... arguments) { ServerAt(server).discovery->async()->GetInstance(arguments...); });
}

std::unique_ptr<KeepAliveStream> GrpcTransport::KeepAlive(
    const std::string& server, StreamEvents<v1::KeepAliveResponse> events) {
  using Made = Stream<v1::KeepAliveRequest, v1::KeepAliveResponse>;
  auto stream = std::make_shared<Made>(clock_, executor_, calls_, std::move(events));
  stream->Begin([&](auto* context, auto* reactor) {
    ServerAt(server).registry->async()->KeepAlive(context, reactor);
  });
  return std::make_unique<Handle<v1::KeepAliveRequest, v1::KeepAliveResponse>>(std::move(stream));
}

std::unique_ptr<WatchStream> GrpcTransport::Watch(const std::string& server,
                                                  StreamEvents<v1::WatchResponse> events) {
  using Made = Stream<v1::WatchRequest, v1::WatchResponse>;
  auto stream = std::make_shared<Made>(clock_, executor_, calls_, std::move(events));
  stream->Begin([&](auto* context, auto* reactor) {
    ServerAt(server).discovery->async()->Watch(context, reactor);
  });
  return std::make_unique<Handle<v1::WatchRequest, v1::WatchResponse>>(std::move(stream));
}

}  // namespace rollcall::sdk
