#include "tests/integration/support/watch.h"

#include "absl/strings/str_cat.h"

namespace rollcall::integration {

std::unique_ptr<WatchStream> OpenWatch(RawClient& client) {
  return std::make_unique<WatchStream>([&client](grpc::ClientContext* context) {
    return v1::Discovery::NewStub(client.channel())->Watch(context);
  });
}

Watch::Watch(RawClient& client, const std::string& service, const WatchOptions& options)
    : will_ack_(options.will_ack), stream_(OpenWatch(client)) {
  v1::WatchRequest request;
  v1::WatchRequest::Subscribe& subscribe = *request.mutable_subscribe();
  subscribe.set_id(1);
  subscribe.set_service(service);
  subscribe.set_will_ack(options.will_ack);
  subscribe.set_resume_revision(options.resume_revision);
  subscribe.set_store_id(options.store_id);
  subscribe.set_client_name(options.client_name);
  stream_->Send(request);
  Until("first caught_up", [](const Watch& watch) { return watch.caught_up_; });
}

void Watch::Until(const std::string& what, const Condition& condition, absl::Duration limit) {
  const Stopwatch watch;
  while (!condition(*this)) {
    const std::optional<v1::WatchResponse> message = stream_->Next(watch.LeftOf(limit));
    if (!message) Fail(absl::StrCat("the watcher did not see: ", what, "; it saw:\n", trace_));
    Apply(*message);
  }
}

void Watch::UntilStanding(const std::string& id, v1::Standing standing, absl::Duration limit) {
  Until(
      absl::StrCat(id, " ", v1::Standing_Name(standing)),
      [&](const Watch& watch) { return watch.StandingOf(id) == standing; }, limit);
}

v1::Cause Watch::UntilRemoved(const std::string& id, absl::Duration limit) {
  Until(
      absl::StrCat(id, " removed"),
      [&](const Watch& watch) { return watch.removed_.count(id) > 0; }, limit);
  return removed_.at(id);
}

v1::Standing Watch::StandingOf(const std::string& id) const {
  const auto at = instances_.find(id);
  return at == instances_.end() ? v1::STANDING_UNSPECIFIED : at->second.standing();
}

void Watch::Apply(const v1::WatchResponse& message) {
  absl::StrAppend(&trace_, message.ShortDebugString(), "\n");
  if (message.has_error()) Fail(absl::StrCat("the subscription was refused: ", trace_));
  if (message.snapshot()) {
    ++snapshots_;
    if (!replacing_) instances_.clear();
    replacing_ = true;
  }
  for (const v1::Instance& instance : message.updated()) {
    ++told_;
    instances_[instance.spec().id()] = instance;
    removed_.erase(instance.spec().id());
  }
  for (const v1::Removed& removed : message.removed()) {
    instances_.erase(removed.key().id());
    removed_[removed.key().id()] = removed.cause();
  }
  if (!message.caught_up()) return;
  replacing_ = false;
  caught_up_ = true;
  revision_ = message.revision();
  if (!message.store_id().empty()) store_id_ = message.store_id();
  if (!will_ack_) return;
  v1::WatchRequest ack;
  ack.mutable_ack()->set_id(1);
  ack.mutable_ack()->set_revision(message.revision());
  stream_->Send(ack);
}

}  // namespace rollcall::integration
