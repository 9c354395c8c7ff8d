#include "server/store/etcd/testing/fake_watch.h"

#include <algorithm>
#include <utility>

#include "server/store/etcd/testing/fake_etcd.h"
#include "server/store/etcd/testing/fake_etcd_client.h"

namespace rollcall::etcd {

FakeWatch::FakeWatch(FakeEtcd& etcd, FakeEtcdClient& client, pb::WatchCreateRequest request,
                     WatchEvents& events)
    : etcd_(etcd), client_(&client), events_(&events), request_(std::move(request)) {}

void FakeWatch::Open() {
  if (ended_ || client_ == nullptr) return;
  if (absl::Status stands = etcd_.StreamsStand(); !stands.ok()) return End(std::move(stands));
  source_ = std::make_unique<WatchSource>(request_, etcd_.keys(), etcd_.options().fragment_bytes);
  etcd_.AddWatch(weak_from_this());
  Send(source_->Created());
  Pump();
}

bool FakeWatch::Flows() const {
  return source_ != nullptr && !ended_ && broken_.ok() && client_ != nullptr &&
         !client_->watches_held();
}

void FakeWatch::Pump() {
  if (!broken_.ok() && client_ != nullptr && client_->reachable()) return End(broken_);
  if (!Flows()) return;
  for (pb::WatchResponse& response : source_->Take()) {
    client_->Censor(response);
    Send(std::move(response));
  }
}

void FakeWatch::Progress() {
  if (!Flows()) return;
  for (pb::WatchResponse& response : source_->Progress()) Send(std::move(response));
}

void FakeWatch::Send(pb::WatchResponse response) {
  etcd_.Stamp(*response.mutable_header());
  Deliver([response = std::move(response)](WatchEvents& events) mutable {
    events.OnResponse(std::move(response));
  });
}

void FakeWatch::Break(absl::Status why) {
  if (client_ == nullptr) return;
  if (client_->reachable()) return End(std::move(why));
  broken_ = std::move(why);
}

void FakeWatch::End(absl::Status why) {
  if (ended_ || client_ == nullptr) return;
  ended_ = true;
  Deliver([why = std::move(why)](WatchEvents& events) { events.OnEnd(why); });
}

void FakeWatch::Deliver(absl::AnyInvocable<void(WatchEvents&)> message) {
  if (client_ == nullptr) return;
  arrives_ = std::max(arrives_, client_->now() + client_->DrawDelay());
  client_->executor().PostAt(arrives_,
                             [self = shared_from_this(), message = std::move(message)]() mutable {
                               if (self->events_ != nullptr) message(*self->events_);
                             });
}

void FakeWatch::Drop() {
  client_ = nullptr;
  events_ = nullptr;
}

}  // namespace rollcall::etcd
