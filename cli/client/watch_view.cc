#include "cli/client/watch_view.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/print/times.h"
#include "cli/print/words.h"

namespace rollcall::cli {
namespace {

WatchEvent EventOf(WatchEvent::Kind kind, const v1::Instance& instance, v1::Standing from,
                   absl::Time now) {
  const v1::Change& change = instance.last_change();
  WatchEvent event;
  event.kind = kind;
  event.time = change.has_time() ? ToTime(change.time()) : now;
  event.key = KeyOf(instance.spec());
  event.from = from;
  event.to = instance.standing();
  event.why = WhyText(change.cause(), change.evidence(), change.actor());
  return event;
}

bool LooksDifferent(const v1::Instance& a, const v1::Instance& b) {
  return a.standing() != b.standing() || a.lease_epoch() != b.lease_epoch() ||
         a.effective_weight() != b.effective_weight();
}

}  // namespace

WatchView::Name WatchView::NameOf(const v1::InstanceKey& key) {
  return {key.namespace_(), key.service(), key.id()};
}

std::vector<WatchEvent> WatchView::Apply(const v1::WatchResponse& response, absl::Time now) {
  std::vector<WatchEvent> events;
  if (response.snapshot() && !in_snapshot_) {
    in_snapshot_ = true;
    incoming_.clear();
  }
  for (const v1::Instance& instance : response.updated()) ApplyUpdate(instance, now, events);
  for (const v1::Removed& removed : response.removed()) ApplyRemoval(removed, now, events);
  if (response.caught_up()) {
    if (in_snapshot_) AdoptSnapshot(now, events);
    revision_ = response.revision();
    store_id_ = response.store_id();
  }
  return events;
}

void WatchView::ForgetRevision() {
  revision_ = 0;
  store_id_.clear();
  in_snapshot_ = false;
}

void WatchView::ApplyUpdate(const v1::Instance& instance, absl::Time now,
                            std::vector<WatchEvent>& events) {
  const Name name = NameOf(KeyOf(instance.spec()));
  if (in_snapshot_) {
    incoming_[name] = instance;
    return;
  }
  const auto known = view_.find(name);
  const v1::Standing from =
      known == view_.end() ? v1::STANDING_UNSPECIFIED : known->second.standing();
  if (known != view_.end() && known->second.revision() >= instance.revision()) return;
  // The end of a session is told a moment before the removal of what it held; only the latter
  // shows.
  if (known == view_.end() || LooksDifferent(known->second, instance)) {
    events.push_back(EventOf(WatchEvent::Kind::kChanged, instance, from, now));
    const bool weighed =
        known != view_.end() && known->second.effective_weight() != instance.effective_weight();
    if (weighed) {
      absl::StrAppend(&events.back().why, ", weight ", known->second.effective_weight(), " → ",
                      instance.effective_weight());
    }
  }
  view_[name] = instance;
}

void WatchView::ApplyRemoval(const v1::Removed& removed, absl::Time now,
                             std::vector<WatchEvent>& events) {
  const Name name = NameOf(removed.key());
  incoming_.erase(name);
  const auto known = view_.find(name);
  // A watch with a selector is told of instances that it never had.
  if (in_snapshot_ || known == view_.end()) return;
  WatchEvent event;
  event.kind = WatchEvent::Kind::kRemoved;
  event.time = removed.has_time() ? ToTime(removed.time()) : now;
  event.key = removed.key();
  event.from = known->second.standing();
  event.why = WhyText(removed.cause(), removed.evidence(), removed.actor());
  events.push_back(std::move(event));
  view_.erase(known);
}

void WatchView::AdoptSnapshot(absl::Time now, std::vector<WatchEvent>& events) {
  in_snapshot_ = false;
  for (const auto& [name, instance] : incoming_) {
    const auto known = view_.find(name);
    if (!complete_once_) {
      events.push_back(
          EventOf(WatchEvent::Kind::kSnapshot, instance, v1::STANDING_UNSPECIFIED, now));
    } else if (known == view_.end() || LooksDifferent(known->second, instance)) {
      events.push_back(
          EventOf(WatchEvent::Kind::kChanged, instance,
                  known == view_.end() ? v1::STANDING_UNSPECIFIED : known->second.standing(), now));
    }
  }
  for (const auto& [name, instance] : view_) {
    if (incoming_.contains(name)) continue;
    WatchEvent event;
    event.kind = WatchEvent::Kind::kRemoved;
    event.time = now;
    event.key = KeyOf(instance.spec());
    event.from = instance.standing();
    event.why = "not in the new snapshot";
    events.push_back(std::move(event));
  }
  view_ = std::exchange(incoming_, {});
  complete_once_ = true;
}

}  // namespace rollcall::cli
