#include "server/store/etcd/grpc/renewal_call.h"

#include <utility>

namespace rollcall::etcd {

struct RenewalCall::RenewalFlight : Flight {
  std::unique_ptr<
      grpc::ClientAsyncReaderWriter<pb::LeaseKeepAliveRequest, pb::LeaseKeepAliveResponse>>
      stream;
  pb::LeaseKeepAliveResponse response;
  bool answered = false;
};

// Repeating does no harm: the lease lives from the last renewal on.
RenewalCall::RenewalCall(Wiring& wiring, base::Instant deadline, pb::LeaseKeepAliveRequest request,
                         EtcdApi::Done<pb::LeaseKeepAliveResponse> done)
    : Call(wiring, {.repeatable = true}, deadline),
      request_(std::move(request)),
      done_(std::move(done)) {}

void RenewalCall::Send(Member& member) {
  auto flight = std::make_shared<RenewalFlight>();
  Depart(member, flight);
  flight->context.set_deadline(DeadlineIn(TimeForAttempt()));
  flight->stream = member.stub<pb::Lease>().PrepareAsyncLeaseKeepAlive(&flight->context,
                                                                       wiring().thread.queue());
  auto self = std::static_pointer_cast<RenewalCall>(shared_from_this());
  flight->stream->StartCall(wiring().thread.Tag([self, &member, flight](bool ok) {
    ok ? self->Write(member, flight) : self->Finish(member, flight);
  }));
}

void RenewalCall::Write(Member& member, std::shared_ptr<RenewalFlight> flight) {
  auto self = std::static_pointer_cast<RenewalCall>(shared_from_this());
  flight->stream->WriteLast(request_, {}, wiring().thread.Tag([self, &member, flight](bool ok) {
    ok ? self->Read(member, flight) : self->Finish(member, flight);
  }));
}

void RenewalCall::Read(Member& member, std::shared_ptr<RenewalFlight> flight) {
  auto self = std::static_pointer_cast<RenewalCall>(shared_from_this());
  flight->stream->Read(&flight->response, wiring().thread.Tag([self, &member, flight](bool ok) {
    flight->answered = ok;
    self->Finish(member, flight);
  }));
}

void RenewalCall::Finish(Member& member, std::shared_ptr<RenewalFlight> flight) {
  auto self = std::static_pointer_cast<RenewalCall>(shared_from_this());
  flight->stream->Finish(&flight->status, wiring().thread.Tag([self, &member, flight](bool) {
    if (flight->status.ok() && !flight->answered) {
      flight->status = {grpc::StatusCode::UNAVAILABLE, "etcd ended the stream without an answer"};
    }
    if (self->Landed(member)) self->done_(std::move(flight->response));
  }));
}

}  // namespace rollcall::etcd
