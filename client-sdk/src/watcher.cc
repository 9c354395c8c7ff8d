#include "client-sdk/src/watcher.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/src/convert.h"

namespace rollcall::sdk {
namespace {

// How long a doubtful answer is left to fill up again before the registry is asked a second time:
// by then services whose sessions were lost have registered again.
constexpr absl::Duration kDoubtTime = absl::Seconds(5);
constexpr absl::Duration kDoubtJitter = absl::Seconds(1);
constexpr absl::Duration kConfirmPause = absl::Seconds(1);

}  // namespace

Watcher::Watcher(CoreContext& context, ViewCache& cache)
    : context_(context), cache_(cache), backoff_(absl::Milliseconds(100), absl::Seconds(2)) {}

Watcher::~Watcher() { Stop(); }

void Watcher::Stop() {
  stopped_ = true;
  stream_lifeline_.Cut();
  StopLooking();
  stream_ = nullptr;  // Cancelled: there is nothing left to say on it.
  on_stream_.clear();
  if (silence_timer_) context_.executor.Cancel(*silence_timer_);
  if (open_timer_) context_.executor.Cancel(*open_timer_);
  if (spread_timer_) context_.executor.Cancel(*spread_timer_);
  silence_timer_.reset();
  open_timer_.reset();
  spread_timer_.reset();
}

void Watcher::Add(std::shared_ptr<SubscriptionCell> cell, const std::string& service,
                  const std::string& selector) {
  auto added = std::make_unique<Subscription>();
  Subscription& subscription = *added;
  subscription.cell = std::move(cell);
  subscription.service = service;
  subscription.selector = selector;
  subscriptions_.emplace_back(subscription.cell.get(), std::move(added));
  if (const CachedView* known = cache_.Find(service, selector)) {
    subscription.builder.Restore(known->instances, known->revision, known->store_id);
    subscription.confirmed_at =
        context_.clock.Steady() - (context_.clock.Wall() - known->confirmed_at);
    Publish(subscription);
  }
  if (stream_ != nullptr) return Subscribe(subscription);
  OpenStream();
}

void Watcher::Remove(const SubscriptionCell& cell) {
  const auto at = std::find_if(subscriptions_.begin(), subscriptions_.end(),
                               [&](const auto& entry) { return entry.first == &cell; });
  if (at == subscriptions_.end()) return;
  Unsubscribe(*at->second);
  subscriptions_.erase(at);
  if (!subscriptions_.empty()) return;
  Stop();
  stopped_ = false;
}

void Watcher::Subscribe(Subscription& subscription) {
  subscription.wire_id = next_wire_id_++;
  on_stream_[subscription.wire_id] = &subscription;
  v1::WatchRequest request;
  v1::WatchRequest::Subscribe& subscribe = *request.mutable_subscribe();
  subscribe.set_id(subscription.wire_id);
  subscribe.set_namespace_(context_.name_space);
  subscribe.set_service(subscription.service);
  subscribe.set_selector(subscription.selector);
  subscribe.set_will_ack(true);
  subscribe.set_client_name(context_.client_name);
  subscribe.set_accept_stale(fruitless_ >= std::min(context_.servers.size(), kMostFruitless));
  if (!subscription.from_scratch) {
    subscribe.set_resume_revision(subscription.builder.resume_revision());
    subscribe.set_store_id(subscription.builder.resume_store());
  }
  subscription.acknowledged = 0;
  Send(std::move(request));
}

void Watcher::Unsubscribe(Subscription& subscription) {
  if (subscription.wire_id == 0) return;
  v1::WatchRequest request;
  request.mutable_unsubscribe()->set_id(subscription.wire_id);
  on_stream_.erase(subscription.wire_id);
  subscription.wire_id = 0;
  subscription.current = false;
  Send(std::move(request));
}

void Watcher::SubscribeAgain(Subscription& subscription, bool from_scratch) {
  Unsubscribe(subscription);
  subscription.builder.StreamBroke();
  subscription.from_scratch |= from_scratch;
  const base::Instant when = context_.clock.Steady() + subscription.retry.Next(context_.random);
  context_.executor.PostAt(when, subscription.lifeline.Guard([this, &subscription] {
    // If the stream is away, it will subscribe all when it is back.
    if (stream_ != nullptr && subscription.wire_id == 0) Subscribe(subscription);
  }));
}

void Watcher::OnError(Subscription& subscription, const v1::WatchResponse::Error& error) {
  const absl::Status status(static_cast<absl::StatusCode>(error.code()), error.message());
  on_stream_.erase(subscription.wire_id);
  subscription.wire_id = 0;
  subscription.current = false;
  if (VerdictOf(status) == Verdict::kRefused) {
    context_.log.Error(absl::StrCat("the registry refuses to watch \"", subscription.service,
                                    "\": ", std::string(status.message())));
    return subscription.cell->Fail(status);
  }
  SubscribeAgain(subscription, absl::IsOutOfRange(status));
}

void Watcher::OnUpdate(Subscription& subscription, const v1::WatchResponse& message) {
  switch (subscription.builder.Apply(message)) {
    case ViewBuilder::Step::kNothing:
      break;
    case ViewBuilder::Step::kPublish:
      subscription.confirmed_at = context_.clock.Steady() - DurationFromProto(message.age());
      Publish(subscription);
      break;
    case ViewBuilder::Step::kDoubt:
      Doubt(subscription);
      break;
    case ViewBuilder::Step::kResubscribe:
      context_.log.Warning(absl::StrCat("the watch of \"", subscription.service,
                                        "\" is out of step; asking for a snapshot"));
      return SubscribeAgain(subscription, true);
  }
  if (!message.caught_up()) return;
  subscription.from_scratch = false;
  subscription.current = true;
  subscription.retry.Reset();
  if (!subscription.cell->status().ok()) subscription.cell->Fail(absl::OkStatus());
  Confirm(subscription, context_.clock.Steady() - DurationFromProto(message.age()));
  Acknowledge(subscription, message);
}

// After the view is published: `drain --wait` relies on it.
void Watcher::Acknowledge(Subscription& subscription, const v1::WatchResponse& message) {
  if (message.revision() <= subscription.acknowledged) return;
  subscription.acknowledged = message.revision();
  v1::WatchRequest request;
  request.mutable_ack()->set_id(subscription.wire_id);
  request.mutable_ack()->set_revision(message.revision());
  Send(std::move(request));
}

void Watcher::Publish(Subscription& subscription) {
  const ViewBuilder& builder = subscription.builder;
  const base::Instant now = context_.clock.Steady();
  std::vector<InstancePtr> instances = builder.Instances();
  if (builder.verified()) {
    cache_.Put(subscription.service, subscription.selector,
               {.instances = instances,
                .revision = builder.revision(),
                .store_id = builder.store_id(),
                .confirmed_at = context_.clock.Wall() - (now - subscription.confirmed_at)});
  }
  auto view = std::make_shared<ServiceView>(subscription.service, std::move(instances),
                                            ViewOrigin{.revision = builder.revision(),
                                                       .store_id = builder.store_id(),
                                                       .verified = builder.verified(),
                                                       .age = now - subscription.confirmed_at});
  subscription.cell->Publish(std::move(view), subscription.confirmed_at);
}

void Watcher::Confirm(Subscription& subscription, base::Instant confirmed_at) {
  if (!subscription.current || !subscription.builder.verified()) return;
  subscription.confirmed_at = std::max(subscription.confirmed_at, confirmed_at);
  subscription.cell->Confirm(confirmed_at);
  const absl::Duration age = context_.clock.Steady() - confirmed_at;
  cache_.Confirm(subscription.service, subscription.selector, context_.clock.Wall() - age);
}

// A word on the stream is a word for every subscription that is caught up: had something changed,
// it would have been told. Told on at most once a second, since there may be many.
void Watcher::ConfirmAll(base::Instant confirmed_at) {
  if (*last_heard_ - last_confirmed_all_ < kConfirmPause) return;
  last_confirmed_all_ = *last_heard_;
  for (auto& [cell, subscription] : subscriptions_) Confirm(*subscription, confirmed_at);
}

void Watcher::Doubt(Subscription& subscription) {
  context_.log.Warning(absl::StrCat(
      "the registry's answer for \"", subscription.service,
      "\" lacks most instances and cannot be trusted yet; keeping the last good view"));
  Publish(subscription);  // The same, not verified.
  ConfirmLater(subscription);
}

void Watcher::ConfirmLater(Subscription& subscription) {
  if (std::exchange(subscription.confirming, true)) return;
  const base::Instant when = context_.clock.Steady() + kDoubtTime +
                             context_.random.Between(absl::ZeroDuration(), kDoubtJitter);
  context_.executor.PostAt(
      when, subscription.lifeline.Guard([this, &subscription] { AskAgain(subscription); }));
}

void Watcher::AskAgain(Subscription& subscription) {
  subscription.confirming = false;
  if (!subscription.builder.in_doubt() || stopped_) return;
  v1::ResolveRequest request;
  request.set_namespace_(context_.name_space);
  request.set_service(subscription.service);
  request.set_selector(subscription.selector);
  request.set_consistency(v1::CONSISTENCY_LATEST);
  subscription.confirming = true;
  const std::string server = context_.servers.preferred();
  context_.transport.Resolve(
      server, std::move(request), context_.rpc_timeout,
      subscription.lifeline.Guard(
          [this, &subscription, server](absl::StatusOr<v1::ResolveResponse> response) {
            OnAskedAgain(subscription, server, std::move(response));
          }));
}

void Watcher::OnAskedAgain(Subscription& subscription, const std::string& server,
                           absl::StatusOr<v1::ResolveResponse> response) {
  subscription.confirming = false;
  if (!subscription.builder.in_doubt()) return;
  if (VerdictOf(response.status()) == Verdict::kServerFailed) context_.servers.Failed(server);
  if (!response.ok() || !response->store_reachable()) return ConfirmLater(subscription);
  if (subscription.builder.ConfirmCandidate(response->instances_size(), response->revision(),
                                            response->store_id())) {
    subscription.confirmed_at = context_.clock.Steady() - DurationFromProto(response->age());
    return Publish(subscription);
  }
  subscription.builder.DropCandidate();
  SubscribeAgain(subscription, false);
}

}  // namespace rollcall::sdk
