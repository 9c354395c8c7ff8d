// UnaryCall: a request and its one answer.
//
// Lives on the completion thread.
#pragma once

#include <memory>
#include <utility>

#include "server/store/etcd/etcd_api.h"
#include "server/store/etcd/grpc/call.h"

namespace rollcall::etcd {

template <typename Service, typename Request, typename Response>
class UnaryCall final : public Call {
 public:
  using Reader = std::unique_ptr<grpc::ClientAsyncResponseReader<Response>>;
  using Method = Reader (Service::Stub::*)(grpc::ClientContext*, const Request&,
                                           grpc::CompletionQueue*);
  // On the completion thread.
  using Done = absl::AnyInvocable<void(absl::StatusOr<Response>)>;

  UnaryCall(Wiring& wiring, CallPolicy policy, base::Instant deadline, Method method,
            Request request, Done done)
      : Call(wiring, policy, deadline),
        method_(method),
        request_(std::move(request)),
        done_(std::move(done)) {}

 private:
  struct UnaryFlight : Flight {
    Response response;
    Reader reader;
  };

  void Send(Member& member) override {
    auto flight = std::make_shared<UnaryFlight>();
    Depart(member, flight);
    flight->context.set_deadline(DeadlineIn(TimeForAttempt()));
    flight->reader =
        (member.stub<Service>().*method_)(&flight->context, request_, wiring().thread.queue());
    flight->reader->StartCall();
    auto self = std::static_pointer_cast<UnaryCall>(shared_from_this());
    flight->reader->Finish(&flight->response, &flight->status,
                           wiring().thread.Tag([self, &member, flight](bool) {
                             if (self->Landed(member)) self->done_(std::move(flight->response));
                           }));
  }
  void Fail(absl::Status why) override { done_(std::move(why)); }

  const Method method_;
  const Request request_;
  Done done_;
};

}  // namespace rollcall::etcd
