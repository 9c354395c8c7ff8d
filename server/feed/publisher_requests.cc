// What clients ask: subscribe, unsubscribe, acknowledge.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/mutant.h"
#include "client-sdk/base/status_macros.h"
#include "server/feed/delta.h"
#include "server/feed/publisher.h"
#include "server/model/limits.h"
#include "server/model/name_rules.h"

namespace rollcall::feed {
namespace {

absl::Status CheckNames(const v1::WatchRequest::Subscribe& request) {
  const bool all_namespaces = request.namespace_() == "*";
  if (all_namespaces && !request.service().empty()) {
    return absl::InvalidArgumentError("subscribe.namespace: \"*\" goes only without a service");
  }
  if (!request.namespace_().empty() && !all_namespaces) {
    RETURN_IF_ERROR(CheckName(request.namespace_(), "subscribe.namespace"));
  }
  if (!request.service().empty())
    RETURN_IF_ERROR(CheckName(request.service(), "subscribe.service"));
  if (request.client_name().size() > kMaxTextBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("subscribe.client_name: ", request.client_name().size(),
                     " bytes is over the limit of ", kMaxTextBytes));
  }
  return absl::OkStatus();
}

absl::StatusOr<Selector> ParseSubscribe(const v1::WatchRequest::Subscribe& request) {
  RETURN_IF_ERROR(CheckNames(request));
  return Selector::Parse(request.selector());
}

ServiceName NameOf(const v1::WatchRequest::Subscribe& request) {
  return {request.namespace_().empty() ? kDefaultNamespace : request.namespace_(),
          request.service()};
}

}  // namespace

void Publisher::Subscribe(Watcher& watcher, const v1::WatchRequest::Subscribe& request) {
  watcher.accepts_stale |= request.accept_stale();
  if (away_ && !watcher.accepts_stale) return Close(watcher.id, *away_);
  if (absl::Status room = CheckRoom(watcher, request.id()); !room.ok()) {
    return Refuse(watcher, request.id(), room);
  }
  absl::StatusOr<Selector> selector = ParseSubscribe(request);
  if (!selector.ok()) return Refuse(watcher, request.id(), selector.status());
  // make_unique makes aggregates only where parentheses do, which clang 14 does not know.
  // NOLINTNEXTLINE(modernize-make-unique)
  Subscription& subscription = roster_.Subscribe(std::unique_ptr<Subscription>(
      new Subscription{watcher, request.id(), next_serial_++, NameOf(request), *std::move(selector),
                       request.will_ack(), request.client_name(), edges_.clock.Steady()}));
  StartFrom(subscription, request);
}

absl::Status Publisher::CheckRoom(const Watcher& watcher, uint32_t id) const {
  if (watcher.subscriptions.contains(id)) {
    return absl::InvalidArgumentError(
        absl::StrCat("subscribe.id: ", id, " is in use on this stream"));
  }
  if (watcher.subscriptions.size() >= kMaxSubscriptionsPerStream) {
    return absl::ResourceExhaustedError(
        absl::StrCat("this stream has ", kMaxSubscriptionsPerStream, " subscriptions, its limit"));
  }
  if (counters_.subscriptions >= kMaxSubscriptionsPerNode) {
    return absl::ResourceExhaustedError(absl::StrCat("this node has ", kMaxSubscriptionsPerNode,
                                                     " subscriptions, its limit; use another"));
  }
  return absl::OkStatus();
}

void Publisher::StartFrom(Subscription& s, const v1::WatchRequest::Subscribe& request) {
  const Revision resume(request.resume_revision());
  const bool ours = StoreId(request.store_id()) == edges_.views.store_id();
  if (ours && resume > edges_.views.applied()) return AwaitRevision(s, resume);
  // Below the purge horizon the pass makes it a fresh snapshot by itself.
  if (ours) s.cursor = MUTANT(resume_skips_a_revision) ? edges_.views.applied() : resume;
  MakeDue(s, true);
}

void Publisher::AwaitRevision(Subscription& s, Revision revision) {
  s.phase = AwaitingRevision{revision};
  waiting_.insert(&s);
  executor_.PostAt(edges_.clock.Steady() + kRevisionWait,
                   [this, watcher = s.watcher.id, id = s.id, serial = s.serial] {
                     GiveUpWaiting(watcher, id, serial);
                   });
}

void Publisher::GiveUpWaiting(WatcherId watcher, uint32_t id, uint64_t serial) {
  Subscription* s = Still(watcher, id, serial);
  if (s == nullptr) return;
  const auto* awaiting = std::get_if<AwaitingRevision>(&s->phase);
  if (awaiting == nullptr) return;
  const absl::Status status = absl::UnavailableError(
      absl::StrCat("this node has not applied revision ", awaiting->revision.value(), " yet, only ",
                   edges_.views.applied().value(), "; try again or another node"));
  Watcher& w = s->watcher;
  EndSubscription(*s);
  Refuse(w, id, status);
  if (Watcher* still = roster_.Find(watcher)) Pump(*still);
}

void Publisher::Acknowledge(Watcher& watcher, const v1::WatchRequest::Ack& ack) {
  Subscription* s = roster_.Find(watcher.id, ack.id());
  if (s == nullptr) return;  // It may have ended while this was on its way.
  if (s->ledger.Acknowledged(Revision(ack.revision()))) {
    if (!s->ledger.waiting_since()) {
      watcher.owing.erase(s->id);
      cut_offs_.CaughtUp(s->client_name, watcher.stream->peer(), s->name, s->began);
    }
    return;
  }
  const absl::Status status = absl::InvalidArgumentError(absl::StrCat(
      "ack.revision: ", ack.revision(), " is above the last one sent, ", s->ledger.sent().value()));
  EndSubscription(*s);
  Refuse(watcher, ack.id(), status);
}

Subscription* Publisher::Still(WatcherId watcher, uint32_t id, uint64_t serial) const {
  Subscription* s = roster_.Find(watcher, id);
  return s != nullptr && s->serial == serial ? s : nullptr;
}

void Publisher::EndSubscription(Subscription& s) {
  waiting_.erase(&s);
  roster_.End(s);
}

void Publisher::Refuse(Watcher& watcher, uint32_t id, const absl::Status& status) {
  if (watcher.errors.size() < kMaxUnsentErrors) {
    watcher.errors.push_back(EncodeError(id, status));
    ++counters_.unsent_errors;
    return;
  }
  CutOff(watcher, absl::StrCat("the stream has ", kMaxUnsentErrors,
                               " errors that it did not read, the limit; the last: ",
                               std::string(status.message())));
}

}  // namespace rollcall::feed
