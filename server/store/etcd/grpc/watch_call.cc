#include "server/store/etcd/grpc/watch_call.h"

#include <functional>
#include <utility>

namespace rollcall::etcd {

struct WatchCall::WatchFlight final : Flight {
  std::unique_ptr<grpc::ClientAsyncReaderWriter<pb::WatchRequest, pb::WatchResponse>> stream;
  pb::WatchResponse response;
  // Set while nothing is read because the owner is behind. It keeps both alive until it is called.
  std::function<void()> read_on;

  void ReadOn() {
    if (const auto read = std::exchange(read_on, nullptr)) read();
  }
  // Reading finds that it is over.
  void OnGivenUp() override { ReadOn(); }
};

WatchCall::WatchCall(std::shared_ptr<Wiring> wiring, base::Instant deadline,
                     pb::WatchCreateRequest request, std::shared_ptr<WatchLink> link)
    : Call(*wiring, {}, deadline), weak_wiring_(wiring), link_(std::move(link)) {
  *request_.mutable_create_request() = std::move(request);
}

void WatchCall::Send(Member& member) {
  auto flight = std::make_shared<WatchFlight>();
  Depart(member, flight);
  flight->stream =
      member.stub<pb::Watch>().PrepareAsyncWatch(&flight->context, wiring().thread.queue());
  auto self = std::static_pointer_cast<WatchCall>(shared_from_this());
  flight->stream->StartCall(wiring().thread.Tag([self, &member, flight](bool ok) {
    if (!ok) return self->Finish(member, flight);
    flight->stream->Write(self->request_, self->wiring().thread.Tag([=, &member](bool written) {
      written ? self->Read(member, flight) : self->Finish(member, flight);
    }));
  }));
}

void WatchCall::Read(Member& member, std::shared_ptr<WatchFlight> flight) {
  auto self = std::static_pointer_cast<WatchCall>(shared_from_this());
  flight->stream->Read(&flight->response, wiring().thread.Tag([self, &member, flight](bool ok) {
    ok ? self->OnResponse(member, flight) : self->Finish(member, flight);
  }));
}

void WatchCall::OnResponse(Member& member, std::shared_ptr<WatchFlight> flight) {
  member.Heard();
  const pb::WatchResponse& response = flight->response;
  if (!std::exchange(answered_, true) && response.canceled() && may_renew_token() &&
      IsTokenRefused(response.cancel_reason())) {
    answered_ = false;
    flight->GiveUp(absl::UnauthenticatedError(response.cancel_reason()));
    return Finish(member, flight);
  }
  Deliver(member, std::move(flight));
}

void WatchCall::Deliver(Member& member, std::shared_ptr<WatchFlight> flight) {
  auto self = std::static_pointer_cast<WatchCall>(shared_from_this());
  const bool full = link_->ahead.fetch_add(1) + 1 >= kMostAhead;
  if (full) flight->read_on = [self, &member, flight] { self->Read(member, flight); };
  wiring().answers.Give([link = link_, weak_wiring = weak_wiring_,
                         weak = std::weak_ptr<WatchCall>(self),
                         response = std::move(flight->response)]() mutable {
    if (link->events != nullptr) link->events->OnResponse(std::move(response));
    if (link->ahead.fetch_sub(1) < kMostAhead) return;
    if (const auto wiring = weak_wiring.lock()) {
      wiring->thread.Post([weak] {
        if (const auto call = weak.lock()) call->Resume();
      });
    }
  });
  if (!full) Read(member, std::move(flight));
}

void WatchCall::Resume() {
  if (flight() != nullptr) static_cast<WatchFlight*>(flight())->ReadOn();
}

void WatchCall::Finish(Member& member, std::shared_ptr<WatchFlight> flight) {
  auto self = std::static_pointer_cast<WatchCall>(shared_from_this());
  flight->stream->Finish(&flight->status, wiring().thread.Tag([self, &member, flight](bool) {
    if (self->Landed(member)) self->Fail(absl::UnavailableError("etcd ended the watch"));
  }));
}

void WatchCall::Fail(absl::Status why) {
  wiring().answers.Give([link = link_, why = std::move(why)]() mutable {
    WatchEvents* events = std::exchange(link->events, nullptr);
    if (events != nullptr) events->OnEnd(std::move(why));
  });
}

GrpcWatchHandle::GrpcWatchHandle(std::weak_ptr<Wiring> wiring, std::weak_ptr<WatchCall> call,
                                 std::shared_ptr<WatchLink> link)
    : wiring_(std::move(wiring)), call_(std::move(call)), link_(std::move(link)) {}

GrpcWatchHandle::~GrpcWatchHandle() {
  link_->events = nullptr;
  if (const auto wiring = wiring_.lock()) {
    wiring->thread.Post([weak = call_] {
      if (const auto call = weak.lock()) call->Abandon();
    });
  }
}

}  // namespace rollcall::etcd
