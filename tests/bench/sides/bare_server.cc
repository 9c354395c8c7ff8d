#include "tests/bench/sides/bare_server.h"

#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "client-sdk/base/mutex.h"
#include "rollcall/v1/discovery.grpc.pb.h"
#include "rollcall/v1/registry.grpc.pb.h"
#include "tests/bench/sides/bare_messages.h"
#include "tests/bench/sides/broadcaster.h"
#include "tests/bench/sides/wire.h"
#include "tests/integration/support/stopping.h"

namespace rollcall::bench {
namespace {

// What little the bare server remembers, so that it can be asked the same as a registry.
class BareMemory {
 public:
  // The answer to a Resolve of this service.
  void Offer(const v1::RegisterRequest& request) {
    v1::ResolveResponse answer;
    for (const v1::InstanceSpec& spec : request.instances()) {
      *answer.add_instances() = InstanceOf(spec, v1::STANDING_PASSING);
    }
    answer.set_revision(1'000'000);
    answer.set_store_id(kBareStoreId);
    answer.mutable_age();
    answer.set_store_reachable(true);
    base::MutexLock lock(mu_);
    offered_ = Encode(answer);
  }
  grpc::ByteBuffer offered() const {
    base::MutexLock lock(mu_);
    return offered_;
  }
  void Remember(const std::string& session, const v1::InstanceSpec& victim) {
    base::MutexLock lock(mu_);
    victims_[session] = victim;
  }
  std::optional<v1::InstanceSpec> VictimOf(const std::string& session) const {
    base::MutexLock lock(mu_);
    const auto victim = victims_.find(session);
    if (victim == victims_.end()) return std::nullopt;
    return victim->second;
  }

 private:
  mutable base::Mutex mu_;
  grpc::ByteBuffer offered_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, v1::InstanceSpec> victims_ ABSL_GUARDED_BY(mu_);
};

class BareKeepAlive final
    : public grpc::ServerBidiReactor<v1::KeepAliveRequest, v1::KeepAliveResponse> {
 public:
  BareKeepAlive(const BareMemory& memory, Broadcaster& broadcaster)
      : memory_(memory), broadcaster_(broadcaster) {
    StartSendInitialMetadata();
    StartRead(&in_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) return End();
    if (in_.has_open()) {
      session_ = in_.open().session_id();
      v1::KeepAliveResponse opened = Head();
      opened.mutable_opened()->mutable_ttl()->set_seconds(10);
      opened.mutable_opened()->mutable_beat_interval()->set_seconds(3);
      Send(std::move(opened));
    } else if (in_.beat().want_ack()) {
      v1::KeepAliveResponse ack = Head();
      ack.mutable_ack()->set_sequence(in_.beat().sequence());
      Send(std::move(ack));
    }
    StartRead(&in_);
  }
  void OnWriteDone(bool ok) override {
    base::MutexLock lock(mu_);
    writing_ = false;
    if (ok && !finished_) WriteNextLocked();
  }
  void OnCancel() override { End(); }
  void OnDone() override { delete this; }

 private:
  static v1::KeepAliveResponse Head() {
    v1::KeepAliveResponse message;
    message.set_revision(1'000'000);
    message.set_store_id(kBareStoreId);
    message.set_store_reachable(true);
    return message;
  }
  void Send(v1::KeepAliveResponse message) {
    base::MutexLock lock(mu_);
    if (finished_) return;
    // As rollcalld does: of acknowledgements that wait, the last says it all.
    if (message.has_ack() && !queue_.empty() && queue_.back().has_ack()) {
      queue_.back() = std::move(message);
    } else {
      queue_.push_back(std::move(message));
    }
    if (!writing_) WriteNextLocked();
  }
  void WriteNextLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (queue_.empty()) return;
    writing_ = true;
    out_ = std::move(queue_.front());
    queue_.pop_front();
    StartWrite(&out_);
  }
  void End() {
    {
      base::MutexLock lock(mu_);
      if (std::exchange(finished_, true)) return;
    }
    if (const auto victim = memory_.VictimOf(session_)) {
      broadcaster_.Tell(ChangeMessage(*victim, v1::STANDING_SUSPECT));
    }
    Finish(grpc::Status::OK);
  }

  const BareMemory& memory_;
  Broadcaster& broadcaster_;
  std::string session_;
  v1::KeepAliveRequest in_;

  base::Mutex mu_;
  v1::KeepAliveResponse out_ ABSL_GUARDED_BY(mu_);
  std::deque<v1::KeepAliveResponse> queue_ ABSL_GUARDED_BY(mu_);
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  bool finished_ ABSL_GUARDED_BY(mu_) = false;
};

class BareRegistry final : public v1::Registry::CallbackService {
 public:
  BareRegistry(BareMemory& memory, Broadcaster& broadcaster)
      : memory_(memory), broadcaster_(broadcaster) {}

  grpc::ServerUnaryReactor* Register(grpc::CallbackServerContext* context,
                                     const v1::RegisterRequest* request,
                                     v1::RegisterResponse* response) override {
    response->set_session_id(request->session_id());
    response->set_session_secret(request->session_secret());
    response->set_store_id(kBareStoreId);
    for (int i = 0; i < request->instances_size(); ++i) response->add_lease_epochs(1'000'000);
    *response->mutable_ttl() = request->ttl();
    response->set_revision(1'000'000);
    if (request->instances_size() > 0) Notice(*request);
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  grpc::ServerBidiReactor<v1::KeepAliveRequest, v1::KeepAliveResponse>* KeepAlive(
      grpc::CallbackServerContext*) override {
    return new BareKeepAlive(memory_, broadcaster_);
  }

 private:
  void Notice(const v1::RegisterRequest& request) {
    const v1::InstanceSpec& first = request.instances(0);
    if (first.service() == kWatched) {
      if (absl::StartsWith(first.id(), "victim-")) memory_.Remember(request.session_id(), first);
      if (absl::StartsWith(first.version(), "mark-")) {
        broadcaster_.Tell(ChangeMessage(first, v1::STANDING_PASSING));
      }
    } else if (first.service() == "resolved") {
      memory_.Offer(request);
    }
  }

  BareMemory& memory_;
  Broadcaster& broadcaster_;
};

// A method that is left to the synchronous API would bring its threads with it.
using DiscoveryBase = v1::Discovery::WithCallbackMethod_ListServices<
    v1::Discovery::WithCallbackMethod_GetInstance<v1::Discovery::WithRawCallbackMethod_Resolve<
        v1::Discovery::WithRawCallbackMethod_Watch<v1::Discovery::Service>>>>;

class BareDiscovery final : public DiscoveryBase {
 public:
  BareDiscovery(const BareMemory& memory, Broadcaster& broadcaster)
      : memory_(memory), broadcaster_(broadcaster) {}

  grpc::ServerUnaryReactor* Resolve(grpc::CallbackServerContext* context, const grpc::ByteBuffer*,
                                    grpc::ByteBuffer* response) override {
    *response = memory_.offered();
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Watch(
      grpc::CallbackServerContext* context) override {
    return BareWatch::Start(broadcaster_, context);
  }

 private:
  const BareMemory& memory_;
  Broadcaster& broadcaster_;
};

// gRPC's callback threads nap when nothing has come for a second. rollcalld does not let them, and
// the limit shall not be slower for that: a call that fails at once keeps them awake.
void StayAwake() {
  const integration::Stopping never;
  v1::Registry::Stub stub(grpc::CreateChannel("none", nullptr));
  while (!never.Within(absl::Milliseconds(200))) {
    struct Call {
      grpc::ClientContext context;
      v1::DeregisterRequest request;
      v1::DeregisterResponse response;
    };
    auto* call = new Call();
    stub.async()->Deregister(&call->context, &call->request, &call->response,
                             [call](const grpc::Status&) { delete call; });
  }
}

}  // namespace

int ServeBare() {
  BareMemory memory;
  Broadcaster broadcaster;
  BareRegistry registry(memory, broadcaster);
  BareDiscovery discovery(memory, broadcaster);
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&registry);
  builder.RegisterService(&discovery);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  std::printf("serving on %d.\n", port);
  std::fflush(stdout);
  StayAwake();
  return 0;
}

}  // namespace rollcall::bench
