// The part of Session that takes instances, and at last the session itself, out of the registry.
#include <algorithm>
#include <utility>

#include "client-sdk/src/session.h"

namespace rollcall::sdk {
namespace {

constexpr size_t kMostRemovals = 1000;

}  // namespace

// The registry never said that it has it, or somebody else has it: no one is to be told to leave.
bool Session::NothingToDrain(const Entry& entry) const {
  return entry.superseded || entry.lease_epoch == 0;
}

// To be removed in the background, without anyone waiting for it.
void Session::MakeStray(const std::string& key, const Entry& entry) {
  v1::InstanceKey& stray = strays_[key];
  stray.set_namespace_(context_.name_space);
  stray.set_service(entry.handle->service);
  stray.set_id(entry.handle->id);
}

void Session::Drain(const std::string& key) {
  const auto at = entries_.find(key);
  if (at == entries_.end() || at->second.drained_at) return;
  at->second.drained_at = context_.clock.Steady();
  const bool all = std::all_of(entries_.begin(), entries_.end(), [](const auto& e) {
    return e.second.superseded || e.second.drained_at;
  });
  if (all) return Leave();
  if (NothingToDrain(at->second)) return;
  Change(key, [](v1::InstanceSpec& spec) { spec.set_weight(0); });
}

void Session::DrainAll() {
  for (auto& [key, entry] : entries_) {
    if (!entry.drained_at) entry.drained_at = context_.clock.Steady();
  }
  Leave();
}

void Session::Leave() {
  if (!accepts()) return;
  if (phase_ == Phase::kLost) opened_ = false;
  phase_ = Phase::kLeaving;
  if (link_ != nullptr) {
    EndRound();
    link_->Leave(v1::KeepAliveRequest::REASON_STOPPING);
  }
  PumpSoon();
}

void Session::Remove(const std::string& key, Done done) {
  const auto at = entries_.find(key);
  if (at == entries_.end()) return done(absl::OkStatus());
  Entry& entry = at->second;
  entry.removal.push_back(std::move(done));
  if (entry.removal.size() > 1) return;
  const base::Instant now = context_.clock.Steady();
  if (NothingToDrain(entry) || phase_ == Phase::kLost) {
    // An attempt may have succeeded, or yet succeed, without our hearing of it.
    if (!entry.superseded && (entry.unsure || entry.in_flight)) MakeStray(key, entry);
    Complete(key, absl::OkStatus());
    PumpSoon();
    return EndIfEmpty();
  }
  Drain(key);
  entry.remove_at = std::max(now, *entry.drained_at + entry.handle->drain_time);
  entry.give_up_at = entry.remove_at + context_.rpc_timeout;
  pump_not_before_ = std::min(pump_not_before_, entry.remove_at);
  PumpSoon();
}

void Session::RemoveAll() {
  std::vector<std::string> keys;
  for (const auto& [key, entry] : entries_) keys.push_back(key);
  for (const std::string& key : keys) Remove(key, [](const absl::Status&) {});
}

bool Session::PumpRemovals() {
  const base::Instant now = context_.clock.Steady();
  std::vector<std::string> due;
  bool whole = true;
  for (const auto& [key, entry] : entries_) {
    const bool is_due = entry.removing() && entry.remove_at <= now;
    if (is_due && due.size() < kMostRemovals) due.push_back(key);
    whole &= is_due;
  }
  if (entries_.empty()) whole = false;  // EndIfEmpty deals with that.
  if (due.empty() && strays_.empty()) return false;
  SendRemoval(std::move(due), whole);
  return true;
}

void Session::SendRemoval(std::vector<std::string> keys, bool whole) {
  v1::DeregisterRequest request;
  request.set_session_id(id_);
  request.set_session_secret(secret_);
  for (const std::string& key : keys) {
    if (whole) break;
    v1::InstanceKey& wire = *request.add_instances();
    const Entry& entry = entries_.at(key);
    wire.set_namespace_(context_.name_space);
    wire.set_service(entry.handle->service);
    wire.set_id(entry.handle->id);
  }
  for (const auto& [key, wire] : strays_) {
    if (whole || keys.size() == kMostRemovals) break;
    *request.add_instances() = wire;
    keys.push_back(key);
  }
  busy_ = true;
  const std::string server = context_.servers.preferred();
  context_.transport.Deregister(
      server, std::move(request), context_.rpc_timeout,
      lifeline_.Guard([this, keys = std::move(keys), whole,
                       server](absl::StatusOr<v1::DeregisterResponse> response) {
        OnRemoved(keys, whole, server, std::move(response));
      }));
}

void Session::OnRemoved(const std::vector<std::string>& keys, bool whole, const std::string& server,
                        absl::StatusOr<v1::DeregisterResponse> response) {
  busy_ = false;
  const base::Instant now = context_.clock.Steady();
  const Verdict verdict = VerdictOf(response.status());
  if (verdict == Verdict::kOk) context_.last_seen.Note(response->store_id(), response->revision());
  if (verdict == Verdict::kServerFailed) context_.servers.Failed(server);
  const bool again = verdict == Verdict::kServerFailed || verdict == Verdict::kTryAgain;
  // Refused means that the session or the instance is not there any more, which is as well.
  const absl::Status outcome = again ? response.status() : absl::OkStatus();
  if (again) {
    pump_not_before_ = now + request_backoff_.Next(context_.random);
  } else {
    pump_not_before_ = now;
    request_backoff_.Reset();
    if (whole) opened_ = false;
  }
  for (const std::string& key : keys) {
    const auto at = entries_.find(key);
    if (at == entries_.end()) {
      if (!again) strays_.erase(key);
    } else if (at->second.removing() && (!again || at->second.give_up_at <= pump_not_before_)) {
      if (again && !whole) MakeStray(key, at->second);  // The session lives on: go on trying.
      Complete(key, outcome);
    }
  }
  if (whole && entries_.empty()) {  // Or else left to its TTL.
    opened_ = false;
    strays_.clear();
  }
  EndIfEmpty();
  if (phase_ != Phase::kGone) PumpSoon();
}

void Session::Complete(const std::string& key, const absl::Status& status) {
  const auto at = entries_.find(key);
  if (at == entries_.end()) return;
  Entry entry = std::move(at->second);
  entries_.erase(at);
  Report(entry, RegistrationState::kEnded, status);
  entry.handle->first_outcome.Set(status.ok() ? absl::CancelledError("the registration was ended")
                                              : status);
  for (Done& done : entry.removal) done(status);
}

void Session::EndIfEmpty() {
  if (!entries_.empty() || busy_ || phase_ == Phase::kGone) return;
  // Superseded and withdrawn instances are gone without a request, but the session is still there.
  if (opened_ || !strays_.empty()) {
    phase_ = Phase::kLeaving;
    return SendRemoval({}, true);
  }
  phase_ = Phase::kGone;
  if (link_ != nullptr) link_->Finish();
  link_ = nullptr;
  EndRound();
  // Posted: we may be deep in a call of our own, and this destroys us.
  context_.executor.Post(lifeline_.Guard([this] {
    auto on_gone = std::move(on_gone_);
    on_gone();
  }));
}

}  // namespace rollcall::sdk
