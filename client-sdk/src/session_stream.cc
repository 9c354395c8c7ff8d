// The part of Session that deals with its KeepAlive stream and with the loss of the session.
#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/src/convert.h"
#include "client-sdk/src/session.h"

namespace rollcall::sdk {
namespace {

// A stream that was open for at least this long is opened again at once, others after a while.
constexpr absl::Duration kStableSession = absl::Seconds(1);
constexpr absl::Duration kMostRestartJitter = absl::Seconds(1);
constexpr int kMostLookUps = 16;

std::string KeyOf(const v1::InstanceKey& key) { return absl::StrCat(key.service(), "/", key.id()); }

}  // namespace

std::unique_ptr<SessionLink> Session::MakeLink(const std::string& server) {
  v1::KeepAliveRequest::Open open;
  open.set_session_id(id_);
  open.set_session_secret(secret_);
  open.set_revision(revision_);
  open.set_store_id(store_id_);
  return std::make_unique<SessionLink>(context_, server, std::move(open), ttl_, *this);
}

void Session::EnsureLink() {
  if (link_ == nullptr && tries_.empty() && !link_timer_) BeginRound(Servers());
}

// A wait is from round to round: one that was long because servers did not answer has waited.
void Session::EnsureLinkLater() {
  const base::Instant when =
      std::max(context_.clock.Steady(), round_began_ + link_backoff_.Next(context_.random));
  link_timer_ = context_.executor.PostAt(when, lifeline_.Guard([this] {
    link_timer_.reset();
    EnsureLink();
  }));
}

// Opens a new stream at once, in place of the present one.
void Session::ReopenLink() {
  if (link_timer_) context_.executor.Cancel(*link_timer_);
  link_timer_.reset();
  if (link_ != nullptr) {
    link_->Leave(v1::KeepAliveRequest::REASON_MOVING);
    link_->Finish();
  }
  link_ = nullptr;
  StopMoving();
  BeginRound(Servers());
}

void Session::OnMessage(SessionLink& link, const v1::KeepAliveResponse& message) {
  last_contact_ = context_.clock.Steady();
  if (message.store_id() != store_id_) revision_ = 0;
  store_id_ = message.store_id();
  revision_ = std::max(revision_, message.revision());
  if (move_ == Move::kStoreAway && &link == link_.get() && message.store_reachable()) StopMoving();
  switch (message.message_case()) {
    case v1::KeepAliveResponse::kOpened:
      OnOpened(link);
      context_.servers.Learn(
          {message.opened().servers().begin(), message.opened().servers().end()});
      Reconcile(message.opened().instances());
      ResolveDoubt();
      break;
    case v1::KeepAliveResponse::kHeld:
      Reconcile(message.held().instances());
      break;
    case v1::KeepAliveResponse::kSuperseded:
      OnSuperseded(message.superseded());
      break;
    case v1::KeepAliveResponse::kEnded:
      OnEnded(message.ended().cause());
      break;
    case v1::KeepAliveResponse::kMoveTo:
      OnMoveTo(message);
      break;
    default:
      break;
  }
}

void Session::OnOpened(SessionLink& link) {
  if (&link != link_.get()) OnTryOpened(link);
  opened_ = true;
  context_.servers.Worked(link.server());
  if (phase_ == Phase::kLeaving) link.Leave(v1::KeepAliveRequest::REASON_STOPPING);
}

void Session::OnBroken(SessionLink& link, absl::Status why) {
  if (&link != link_.get()) return OnTryBroken(link, why);
  OnLinkBroken(std::move(why));
}

void Session::OnLinkBroken(absl::Status why) {
  const std::unique_ptr<SessionLink> link = std::move(link_);
  const bool stable = link->OpenFor() >= kStableSession;
  if (link->OpenFor() >= ttl_) overlaps_ = 0;
  // Where a stream stood for a while, nothing but the connection may be broken, and the session is
  // at home there: it is asked once more before all others. ABORTED: the session has its stream
  // elsewhere, at another node or a newer one at this.
  const bool aborted = why.code() == absl::StatusCode::kAborted;
  const bool silent = absl::IsDeadlineExceeded(why);
  const bool once_more = stable && move_ == Move::kNone && !silent;
  if (!aborted && !once_more) context_.servers.Failed(link->server());
  StopMoving();
  if (phase_ == Phase::kLost || phase_ == Phase::kGone) return;
  context_.log.Info(absl::StrCat("session stream broke: ", std::string(why.message())));
  ReportAway(why);
  if (!tries_.empty()) {
    if (!silent) untried_.push_back(link->server());
    if (!overlap_timer_) TryNext();
  } else if (stable) {
    link_backoff_.Reset();
    BeginRound(Servers(once_more ? link->server() : ""));
  } else {
    EnsureLinkLater();
  }
}

void Session::ReportAway(const absl::Status& why) {
  const bool lost_touch = context_.clock.Steady() - last_contact_ >= ttl_;
  ReportAll(lost_touch ? RegistrationState::kRetrying : RegistrationState::kRegistered, why);
}

// Registers again what the registry does not hold, and removes what it should not hold.
template <typename Instances>
void Session::Reconcile(const Instances& held) {
  if (phase_ == Phase::kLeaving || phase_ == Phase::kGone) return;
  std::set<std::string> keys;
  for (const v1::HeldInstance& instance : held) {
    const std::string key = KeyOf(instance.key());
    keys.insert(key);
    const auto at = entries_.find(key);
    if (at == entries_.end()) {
      strays_.emplace(key, instance.key());
    } else if (!at->second.superseded && at->second.synced != 0) {
      at->second.lease_epoch = instance.lease_epoch();
      Report(at->second, RegistrationState::kRegistered);
    }
  }
  for (auto& [key, entry] : entries_) {
    if (keys.contains(key) || entry.superseded || entry.in_flight || entry.synced == 0) continue;
    context_.log.Warning(absl::StrCat("the registry does not hold \"", key, "\"; registering it"));
    entry.synced = 0;
    Report(entry, RegistrationState::kRetrying);
  }
  PumpSoon();
}

void Session::OnSuperseded(const v1::KeepAliveResponse::Superseded& message) {
  const auto at = entries_.find(KeyOf(message.key()));
  if (at == entries_.end()) return;
  // One that is not newer than ours is about an earlier registration of our own.
  if (message.lease_epoch() != 0 && message.lease_epoch() <= at->second.lease_epoch) return;
  Supersede(at->second, absl::AbortedError("another process registered the same instance"));
}

// The stream has told that the session lives, so the refusal was about an instance.
void Session::ResolveDoubt() {
  if (phase_ != Phase::kDoubting) return;
  phase_ = Phase::kActive;
  for (const Sent& sent : doubted_) {
    const auto at = entries_.find(sent.key);
    if (at == entries_.end()) continue;
    at->second.alone = true;
    if (doubted_.size() == 1) Supersede(at->second, doubt_);
  }
  doubted_.clear();
  PumpSoon();
}

void Session::OnEnded(v1::Cause cause) {
  if (phase_ == Phase::kGone) return;
  const std::string why = absl::StrCat("the session ended: ", v1::Cause_Name(cause));
  link_ = nullptr;
  EndRound();
  const bool leaving = phase_ == Phase::kLeaving;
  std::vector<std::string> done;
  for (const auto& [key, entry] : entries_) {
    if (leaving || entry.removing()) done.push_back(key);
  }
  if (leaving) opened_ = false;
  for (const std::string& key : done) Complete(key, absl::OkStatus());
  if (leaving) return EndIfEmpty();
  StartOver(why);
  EndIfEmpty();
}

void Session::StartOver(const std::string& why) {
  context_.log.Warning(absl::StrCat(why, "; registering again"));
  phase_ = Phase::kLost;
  doubted_.clear();
  strays_.clear();
  to_look_up_.clear();
  Open();
  for (auto& [key, entry] : entries_) {
    if (entry.superseded) continue;
    entry.synced = 0;
    entry.not_before = {};
    if (entry.lease_epoch != 0 || entry.unsure) to_look_up_.push_back(key);
    Report(entry, RegistrationState::kRetrying, absl::UnavailableError(why));
  }
  // Many clients may have lost their sessions with ours: not all of them at one instant.
  const absl::Duration jitter = std::min(ttl_ / 10, kMostRestartJitter);
  const base::Instant when =
      context_.clock.Steady() + context_.random.Between(absl::ZeroDuration(), jitter);
  context_.executor.PostAt(when, lifeline_.Guard([this] { LookUpNext(); }));
}

void Session::LookUpNext() {
  if (phase_ != Phase::kLost) return;
  while (looking_up_ < kMostLookUps && !to_look_up_.empty()) {
    const std::string key = std::move(to_look_up_.front());
    to_look_up_.pop_front();
    const auto at = entries_.find(key);
    if (at == entries_.end()) continue;
    v1::GetInstanceRequest request;
    request.mutable_key()->set_namespace_(context_.name_space);
    request.mutable_key()->set_service(at->second.handle->service);
    request.mutable_key()->set_id(at->second.handle->id);
    // A node that lags would know neither of the other process nor of its newer epoch.
    request.set_consistency(v1::CONSISTENCY_LATEST);
    ++looking_up_;
    const std::string server = context_.servers.preferred();
    context_.transport.GetInstance(
        server, std::move(request), context_.rpc_timeout,
        lifeline_.Guard([this, key, server](absl::StatusOr<v1::GetInstanceResponse> response) {
          OnLookedUp(key, server, std::move(response));
        }));
  }
  if (looking_up_ > 0 || !to_look_up_.empty()) return;
  phase_ = Phase::kActive;
  PumpSoon();
}

void Session::OnLookedUp(const std::string& key, const std::string& server,
                         absl::StatusOr<v1::GetInstanceResponse> response) {
  --looking_up_;
  if (response.status().code() != absl::StatusCode::kNotFound && !response.ok()) {
    if (VerdictOf(response.status()) == Verdict::kServerFailed) context_.servers.Failed(server);
    to_look_up_.push_back(key);
    const base::Instant when = context_.clock.Steady() + request_backoff_.Next(context_.random);
    context_.executor.PostAt(when, lifeline_.Guard([this] { LookUpNext(); }));
    return;
  }
  const auto at = entries_.find(key);
  if (at != entries_.end() && response.ok() && TakenByOther(at->second, response->instance())) {
    Supersede(at->second, absl::AbortedError("another process registered the same instance"));
  }
  LookUpNext();
}

bool Session::TakenByOther(const Entry& entry, const v1::Instance& found) const {
  if (found.lease_epoch() <= entry.lease_epoch) return false;
  const std::string& session = found.last_change().session_id();
  // An attempt of ours whose answer was lost may have given it the newer epoch.
  return session.empty() ? !entry.unsure : session != previous_id_;
}

}  // namespace rollcall::sdk
