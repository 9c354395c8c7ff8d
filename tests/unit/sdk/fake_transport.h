// FakeTransport: a registry in memory behind the SDK's Transport, under the test's control.
//
// By default it registers what it is asked to, opens every stream and answers beats that want it;
// hooks and the switches of a server (down, silent) change that. Watches are the test's own: it
// delivers to `watches()`. Everything happens on the test's ManualExecutor.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/src/convert.h"
#include "client-sdk/src/transport.h"

namespace rollcall::testing {

template <typename Request, typename Response>
struct FakeStream {
  std::string server;
  sdk::StreamEvents<Response> events;
  base::Executor* executor = nullptr;
  std::vector<Request> sent;
  bool detached = false;  // The client has let go of it.
  bool finished = false;
  bool ended = false;
  std::function<void(FakeStream&, const Request&)> on_sent;
  std::weak_ptr<FakeStream> self;

  bool open() const { return !detached && !ended; }
  void Deliver(Response message) {
    executor->Post([stream = self.lock(), message = std::move(message)] {
      if (stream->open()) stream->events.on_message(message);
    });
  }
  void End(absl::Status status) {
    executor->Post([stream = self.lock(), status = std::move(status)] {
      if (!stream->open()) return;
      stream->ended = true;
      stream->events.on_end(status);
    });
  }
};

using FakeKeepAlive = FakeStream<v1::KeepAliveRequest, v1::KeepAliveResponse>;
using FakeWatch = FakeStream<v1::WatchRequest, v1::WatchResponse>;

class FakeTransport final : public sdk::Transport {
 public:
  FakeTransport(base::Executor& executor, const base::Clock& clock)
      : executor_(executor), clock_(clock) {}

  // The model.
  struct Session {
    std::string secret;
    std::map<std::string, uint64_t> held;  // "service/id" → lease epoch
  };
  std::map<std::string, Session> sessions;
  uint64_t revision = 100;
  std::string store_id = "store-1";
  std::set<std::string> down;    // Refuses everything, breaks what is open.
  std::set<std::string> silent;  // Accepts and never says a word.

  // Hooks; a set one replaces the default.
  std::function<absl::StatusOr<v1::RegisterResponse>(const v1::RegisterRequest&)> on_register;
  std::function<absl::StatusOr<v1::ResolveResponse>(const v1::ResolveRequest&)> on_resolve;
  std::function<absl::StatusOr<v1::GetInstanceResponse>(const v1::GetInstanceRequest&)> on_get;
  // False: the stream is left as it is.
  std::function<bool(FakeKeepAlive&, const v1::KeepAliveRequest&)> on_keep_alive;

  // What was seen.
  std::vector<v1::RegisterRequest> registers;
  std::vector<v1::DeregisterRequest> deregisters;
  std::vector<v1::ResolveRequest> resolves;
  std::vector<std::string> servers_asked;
  const std::vector<std::shared_ptr<FakeKeepAlive>>& keep_alives() const { return keep_alives_; }
  const std::vector<std::shared_ptr<FakeWatch>>& watches() const { return watches_; }

  void TakeDown(const std::string& server) {
    down.insert(server);
    for (const auto& s : keep_alives_) {
      if (s->server == server) s->End(absl::UnavailableError("server went down"));
    }
    for (const auto& s : watches_) {
      if (s->server == server) s->End(absl::UnavailableError("server went down"));
    }
  }
  void BringUp(const std::string& server) { down.erase(server); }

  v1::KeepAliveResponse Opened(const Session& session) const {
    v1::KeepAliveResponse message = Stamped();
    auto& opened = *message.mutable_opened();
    for (const auto& [key, epoch] : session.held) {
      auto& held = *opened.add_instances();
      held.mutable_key()->set_namespace_("default");
      held.mutable_key()->set_service(key.substr(0, key.find('/')));
      held.mutable_key()->set_id(key.substr(key.find('/') + 1));
      held.set_lease_epoch(epoch);
    }
    return message;
  }
  v1::KeepAliveResponse Ended(v1::Cause cause) const {
    v1::KeepAliveResponse message = Stamped();
    message.mutable_ended()->set_cause(cause);
    return message;
  }
  v1::KeepAliveResponse Stamped() const {
    v1::KeepAliveResponse message;
    message.set_revision(revision);
    message.set_store_id(store_id);
    message.set_store_reachable(true);
    return message;
  }

  // Transport.
  void Register(const std::string& server, v1::RegisterRequest request, absl::Duration timeout,
                Done<v1::RegisterResponse> done) override {
    registers.push_back(request);
    Answer<v1::RegisterResponse>(server, timeout, std::move(done), [this, request] {
      return on_register ? on_register(request) : Accept(request);
    });
  }
  void Deregister(const std::string& server, v1::DeregisterRequest request, absl::Duration timeout,
                  Done<v1::DeregisterResponse> done) override {
    deregisters.push_back(request);
    Answer<v1::DeregisterResponse>(
        server, timeout, std::move(done),
        [this, request]() -> absl::StatusOr<v1::DeregisterResponse> {
          if (request.instances().empty()) sessions.erase(request.session_id());
          for (const auto& key : request.instances()) {
            sessions[request.session_id()].held.erase(absl::StrCat(key.service(), "/", key.id()));
          }
          v1::DeregisterResponse response;
          response.set_revision(++revision);
          response.set_store_id(store_id);
          return response;
        });
  }
  void Resolve(const std::string& server, v1::ResolveRequest request, absl::Duration timeout,
               Done<v1::ResolveResponse> done) override {
    resolves.push_back(request);
    Answer<v1::ResolveResponse>(server, timeout, std::move(done), [this, request] {
      return on_resolve ? on_resolve(request) : EmptyResolve();
    });
  }
  void GetInstance(const std::string& server, v1::GetInstanceRequest request,
                   absl::Duration timeout, Done<v1::GetInstanceResponse> done) override {
    Answer<v1::GetInstanceResponse>(server, timeout, std::move(done),
                                    [this, request]() -> absl::StatusOr<v1::GetInstanceResponse> {
                                      if (on_get) return on_get(request);
                                      return absl::NotFoundError("no such instance");
                                    });
  }
  std::unique_ptr<sdk::KeepAliveStream> KeepAlive(
      const std::string& server, sdk::StreamEvents<v1::KeepAliveResponse> events) override {
    auto stream = Open(server, std::move(events), keep_alives_);
    stream->on_sent = [this](FakeKeepAlive& s, const v1::KeepAliveRequest& r) {
      if (silent.contains(s.server) || down.contains(s.server)) return;
      if (!on_keep_alive || on_keep_alive(s, r)) AnswerKeepAlive(s, r);
    };
    return std::make_unique<Half<FakeKeepAlive, v1::KeepAliveRequest>>(stream);
  }
  std::unique_ptr<sdk::WatchStream> Watch(const std::string& server,
                                          sdk::StreamEvents<v1::WatchResponse> events) override {
    return std::make_unique<Half<FakeWatch, v1::WatchRequest>>(
        Open(server, std::move(events), watches_));
  }

  absl::StatusOr<v1::RegisterResponse> Accept(const v1::RegisterRequest& request) {
    Session& session = sessions[request.session_id()];
    session.secret = request.session_secret();
    v1::RegisterResponse response;
    ++revision;
    for (const auto& spec : request.instances()) {
      session.held[absl::StrCat(spec.service(), "/", spec.id())] = revision;
      response.add_lease_epochs(revision);
    }
    response.set_session_id(request.session_id());
    response.set_revision(revision);
    response.set_store_id(store_id);
    return response;
  }
  absl::StatusOr<v1::ResolveResponse> EmptyResolve() const {
    v1::ResolveResponse response;
    response.set_revision(revision);
    response.set_store_id(store_id);
    response.set_store_reachable(true);
    return response;
  }

 private:
  template <typename Made, typename Request>
  class Half final : public sdk::OutStream<Request> {
   public:
    explicit Half(std::shared_ptr<Made> stream) : stream_(std::move(stream)) {}
    ~Half() override { stream_->detached = true; }
    void Send(Request message) override {
      stream_->sent.push_back(message);
      if (stream_->on_sent) stream_->on_sent(*stream_, message);
    }
    void Finish() override { stream_->finished = true; }

   private:
    const std::shared_ptr<Made> stream_;
  };

  template <typename Response, typename Do>
  void Answer(const std::string& server, absl::Duration timeout, Done<Response> done, Do action) {
    servers_asked.push_back(server);
    if (silent.contains(server)) {
      executor_.PostAt(clock_.Steady() + timeout, [done = std::move(done)]() mutable {
        done(absl::DeadlineExceededError("no answer"));
      });
      return;
    }
    executor_.Post([this, server, done = std::move(done), action = std::move(action)]() mutable {
      if (down.contains(server)) return done(absl::UnavailableError("connection refused"));
      done(action());
    });
  }

  template <typename Made, typename Response>
  std::shared_ptr<Made> Open(const std::string& server, sdk::StreamEvents<Response> events,
                             std::vector<std::shared_ptr<Made>>& all) {
    auto stream = std::make_shared<Made>();
    stream->server = server;
    stream->events = std::move(events);
    stream->executor = &executor_;
    stream->self = stream;
    all.push_back(stream);
    if (down.contains(server)) stream->End(absl::UnavailableError("connection refused"));
    return stream;
  }

  void AnswerKeepAlive(FakeKeepAlive& stream, const v1::KeepAliveRequest& request) {
    if (request.has_open()) {
      const auto at = sessions.find(request.open().session_id());
      if (at != sessions.end()) return stream.Deliver(Opened(at->second));
      stream.Deliver(Ended(v1::CAUSE_SESSION_UNKNOWN));
      stream.End(absl::OkStatus());
    } else if (request.has_beat() && request.beat().want_ack()) {
      v1::KeepAliveResponse ack = Stamped();
      ack.mutable_ack()->set_sequence(request.beat().sequence());
      stream.Deliver(std::move(ack));
    }
  }

  base::Executor& executor_;
  const base::Clock& clock_;
  std::vector<std::shared_ptr<FakeKeepAlive>> keep_alives_;
  std::vector<std::shared_ptr<FakeWatch>> watches_;
};

}  // namespace rollcall::testing
