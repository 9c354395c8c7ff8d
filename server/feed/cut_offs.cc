#include "server/feed/cut_offs.h"

#include <algorithm>
#include <utility>

#include "server/model/host_of.h"
#include "server/model/limits.h"
#include "server/model/times.h"

namespace rollcall::feed {
namespace {

bool IsSameClient(const CutOffs::Entry& entry, const std::string& client_name,
                  const std::string& peer) {
  return entry.client_name == client_name && HostOf(entry.peer) == HostOf(peer);
}

bool Concerns(const CutOffs::Entry& entry, const ServiceName& service) {
  if (entry.service.ns != service.ns && entry.service.ns != "*") return false;
  return entry.service.service.empty() || entry.service.service == service.service;
}

v1::DrainWatcher ToLaggard(const CutOffs::Entry& entry, base::Instant now) {
  v1::DrainWatcher laggard;
  laggard.set_client_name(entry.client_name);
  laggard.set_peer(entry.peer);
  laggard.set_sent_revision(entry.sent.value());
  laggard.set_acknowledged_revision(entry.acknowledged.value());
  *laggard.mutable_behind() = ToProto(now - entry.waiting_since);
  return laggard;
}

}  // namespace

void CutOffs::ForgetOld(base::Instant now) {
  while (!entries_.empty() && now - entries_.front().cut_off_at >= kRemembered) {
    entries_.pop_front();
  }
}

void CutOffs::Remember(Entry entry, base::Instant now) {
  base::MutexLock lock(mu_);
  ForgetOld(now);
  entries_.remove_if([&](const Entry& known) {
    return known.service == entry.service && IsSameClient(known, entry.client_name, entry.peer);
  });
  if (entries_.size() >= kMost) entries_.pop_front();
  entry.cut_off_at = now;
  entries_.push_back(std::move(entry));
}

void CutOffs::CaughtUp(const std::string& client_name, const std::string& peer,
                       const ServiceName& service, base::Instant subscribed) {
  base::MutexLock lock(mu_);
  entries_.remove_if([&](const Entry& entry) {
    return entry.cut_off_at <= subscribed && entry.service == service &&
           IsSameClient(entry, client_name, peer);
  });
}

void CutOffs::AddLaggards(const ServiceName& service, Revision revision, base::Instant now,
                          v1::GetDrainStatusResponse& status) {
  base::MutexLock lock(mu_);
  ForgetOld(now);
  for (const Entry& entry : entries_) {
    if (entry.acknowledged >= revision || !Concerns(entry, service)) continue;
    const auto& named = status.laggards();
    const bool is_back = std::any_of(named.begin(), named.end(), [&](const auto& laggard) {
      return IsSameClient(entry, laggard.client_name(), laggard.peer());
    });
    if (is_back) continue;
    status.set_complete(false);
    if (static_cast<size_t>(status.laggards_size()) < kMaxLaggardsTold) {
      *status.add_laggards() = ToLaggard(entry, now);
    }
  }
}

}  // namespace rollcall::feed
