// Queue: gRPC's completion queue, turned by the one thread of the bench.
//
// All that the bench does happens on the thread that turns it, so nothing of it needs a lock, and
// no call waits for another one. Every call has a deadline and ends; Turn until under_way() is 0
// before whom the calls would tell goes away. Thread-compatible.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "cli/client/registry.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/instant.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/support/async_unary_call.h"

namespace rollcall::cli {

// What gRPC gives back when it is done with something; `ok` as gRPC tells it.
class Tag {
 public:
  virtual ~Tag() = default;
  virtual void Done(bool ok) = 0;
};

// How often a condition is looked at when nothing happens, and how long an interrupt may go
// unheard.
inline constexpr absl::Duration kGlance = absl::Milliseconds(100);

class Queue {
 public:
  // `timeout` is each call's.
  Queue(const base::Clock& clock, absl::Duration timeout) : clock_(clock), timeout_(timeout) {}
  // What is still under way tells nobody any more.
  ~Queue();
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  // Handles what comes first, if it comes until then.
  void Turn(base::Instant until);
  // Until it holds, which is looked at whenever something happened, and now and then; false if it
  // does not within the limit.
  bool TurnUntil(const std::function<bool()>& holds, absl::Duration limit);

  // Operations are started on it with Tag* as tags.
  grpc::CompletionQueue& cq() { return cq_; }
  base::Instant now() const { return clock_.Steady(); }
  absl::Duration timeout() const { return timeout_; }
  uint64_t under_way() const { return under_way_; }

  // For example Call(channel, &v1::Discovery::Stub::AsyncResolve, request, [](status, response) …).
  template <typename Stub, typename Request, typename Response, typename Then>
  void Call(const std::shared_ptr<grpc::Channel>& channel,
            std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> (Stub::*method)(
                grpc::ClientContext*, const Request&, grpc::CompletionQueue*),
            const Request& request, Then then) {
    auto* call = new UnaryCall<Response>(*this, std::move(then));
    call->Begin(channel, method, request);
  }

 private:
  // Owns itself.
  template <typename Response>
  class UnaryCall final : public Tag {
   public:
    using Then = absl::AnyInvocable<void(const absl::Status&, const Response&)>;
    UnaryCall(Queue& queue, Then then) : queue_(queue), then_(std::move(then)) {}

    template <typename Stub, typename Request>
    void Begin(const std::shared_ptr<grpc::Channel>& channel,
               std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> (Stub::*method)(
                   grpc::ClientContext*, const Request&, grpc::CompletionQueue*),
               const Request& request) {
      ++queue_.under_way_;
      context_.set_deadline(absl::ToChronoTime(queue_.clock_.Wall() + queue_.timeout_));
      Stub stub(channel);
      reader_ = (stub.*method)(&context_, request, &queue_.cq_);
      reader_->Finish(&response_, &status_, static_cast<Tag*>(this));
    }
    void Done(bool) override {
      const std::unique_ptr<UnaryCall> self(this);
      --queue_.under_way_;
      if (!queue_.closing_) then_(FromGrpc(status_), response_);
    }

   private:
    Queue& queue_;
    Then then_;
    grpc::ClientContext context_;
    std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> reader_;
    Response response_;
    grpc::Status status_;
  };

  const base::Clock& clock_;
  const absl::Duration timeout_;
  grpc::CompletionQueue cq_;
  uint64_t under_way_ = 0;
  bool closing_ = false;
};

}  // namespace rollcall::cli
