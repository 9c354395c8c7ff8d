#include "server/health/evictions.h"

#include <algorithm>
#include <utility>

#include "google/protobuf/util/time_util.h"
#include "server/health/evidence.h"

namespace rollcall::health {

void Evictions::JudgeAll() {
  const bool again = !held_.empty() || tally_.brakes_holding > 0;
  if (due_.empty() && !(again && rejudge_at_ <= clock_.now())) return;
  rejudge_at_ = clock_.now() + kRejudge;
  const std::vector<Session*> candidates = Candidates();
  JudgeZones(candidates);
  held_.clear();
  for (Session* session : candidates) {
    if (Holds(*session)) {
      if (!session->held_since) session->held_since = clock_.now();
      held_.push_back(session->number);
    } else {
      going_.push_back(session->number);
    }
  }
  tally_.evictions_held = held_.size();
  if (!submitting_) SubmitSome();
}

void Evictions::SubmitSome() {
  for (size_t n = 0; n < kAtOnce && under_way_ < kUnderWay && !going_.empty(); ++n) {
    Session* session = book_.Find(going_.front());
    going_.pop_front();
    if (session != nullptr && session->doing != Verdict::kEvict && StillDue(*session)) {
      Submit(*session);
    }
  }
  submitting_ = under_way_ < kUnderWay && !going_.empty();
  if (submitting_) executor_.Post(lifeline_.Guard([this] { SubmitSome(); }));
}

std::vector<Session*> Evictions::Candidates() {
  std::vector<uint64_t> numbers = std::exchange(due_, {});
  numbers.insert(numbers.end(), held_.begin(), held_.end());
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  std::vector<Session*> candidates;
  for (const uint64_t number : numbers) {
    Session* session = book_.Find(number);
    if (session == nullptr || session->doing == Verdict::kEvict || !StillDue(*session)) continue;
    if (session->braked_in.empty()) session->braked_in = ZonesOf(*session);
    candidates.push_back(session);
  }
  return candidates;
}

bool Evictions::StillDue(Session& session) {
  const bool due = session.Suspected() && session.doing == Verdict::kNone &&
                   session.want == Verdict::kNone && book_.Deadline(session) <= clock_.now();
  if (due) return true;
  session.held_since.reset();
  session.braked_in.clear();
  if (session.doing == Verdict::kNone) book_.Rearm(session);
  return false;
}

std::vector<HeldInZone> Evictions::ZonesOf(const Session& session) const {
  std::map<Zone, uint32_t> counts;
  for (const HeldFact& held : facts_.Held(session.id)) ++counts[{held.name.service, held.zone}];
  std::vector<HeldInZone> zones;
  zones.reserve(counts.size());
  for (const auto& [zone, instances] : counts) {
    zones.push_back({zone.first, zone.second, instances});
  }
  return zones;
}

Evictions::DueByZone Evictions::BecomingSuspect() const {
  DueByZone counts;
  for (const uint64_t number : verdicts_.suspecting()) {
    const Session* session = book_.Find(number);
    // One that the catalog has as suspect already is counted there.
    if (session == nullptr || session->Suspected()) continue;
    for (const HeldInZone& zone : ZonesOf(*session)) {
      counts[{zone.service, zone.zone}] += zone.instances;
    }
  }
  return counts;
}

void Evictions::JudgeZones(const std::vector<Session*>& candidates) {
  DueByZone due;
  for (const Session* session : candidates) {
    for (const HeldInZone& zone : session->braked_in) {
      due[{zone.service, zone.zone}] += zone.instances;
    }
  }
  // Brakes that hold are judged also when nothing is due, or they would never end.
  for (const auto& [zone, brake] : brakes_) due.try_emplace(zone, 0);
  const DueByZone becoming = due.empty() ? DueByZone{} : BecomingSuspect();
  for (const auto& [zone, instances] : due) {
    const auto more = becoming.find(zone);
    JudgeZone(zone, instances, more == becoming.end() ? 0 : more->second);
  }
}

void Evictions::JudgeZone(const Zone& zone, uint32_t due, uint32_t becoming_suspect) {
  const ZoneCounts counts = facts_.CountZone(zone.first, zone.second);
  Brake& brake = brakes_[zone];
  brake.rules = BrakeRulesOf(facts_.BrakeOf(zone.first));
  // Those that are due are suspect too.
  const uint32_t suspect = counts.suspect - std::min(counts.suspect, due) + becoming_suspect;
  const v1::BrakeInfo before = InfoOf(zone, brake);
  const EvictionBrake::Verdict verdict = brake.brake.Judge(
      clock_.now(), brake.rules,
      {.registered = counts.registered, .due = due, .otherwise_suspect = suspect});
  if (verdict.change == EvictionBrake::Change::kEngaged) {
    brake.since = wall_.Wall();
    ++tally_.brakes_holding;
    ++tally_.brakes_total;
    events_.BrakeEngaged(InfoOf(zone, brake));
  } else if (verdict.change != EvictionBrake::Change::kNone) {
    --tally_.brakes_holding;
    events_.BrakeEnded(before, ToWords(verdict.change));
  }
  if (brake.brake.idle(clock_.now(), brake.rules)) brakes_.erase(zone);
}

bool Evictions::Holds(const Session& session) const {
  return std::any_of(session.braked_in.begin(), session.braked_in.end(),
                     [this](const HeldInZone& zone) {
                       const auto brake = brakes_.find({zone.service, zone.zone});
                       return brake != brakes_.end() && brake->second.brake.hold();
                     });
}

void Evictions::Submit(Session& session) {
  session.doing = Verdict::kEvict;
  session.SyncBeatMode();
  // The last look, after the mode is set: an acknowledged heartbeat is either seen here, or was not
  // acknowledged.
  const base::Instant now = clock_.now();
  if (book_.Deadline(session) > now) {
    session.doing = Verdict::kNone;
    session.braked_in.clear();
    session.held_since.reset();
    return verdicts_.Want(session, Verdict::kRenew);
  }
  session.judged = clock_.Read().accounted;
  ++under_way_;
  writer_.End(session.id, v1::CAUSE_EXPIRED,
              EvictedEvidence(session, {now, book_.LastSign(session)}),
              lifeline_.Guard([this, number = session.number](absl::StatusOr<Revision> outcome) {
                executor_.Post(lifeline_.Guard([this, number, outcome = std::move(outcome)] {
                  --under_way_;
                  Done(number, outcome);
                  if (!submitting_) SubmitSome();
                }));
              }));
}

void Evictions::Done(uint64_t number, const absl::StatusOr<Revision>& outcome) {
  Session* session = book_.Find(number);
  if (session == nullptr) return;
  if (outcome.ok()) return on_ended_(*session, v1::CAUSE_EXPIRED);
  // Withdrawn, or it no longer fitted.
  session->doing = Verdict::kNone;
  session->braked_in.clear();
  session->held_since.reset();
  const base::Instant submitted = session->judged;
  session->granted = clock_.now();
  if (!verdicts_.Refresh(*session)) return;
  book_.Rearm(*session);
  const std::optional<base::Instant> beat = session->cell->last_beat();
  if (!beat || *beat < submitted || session->stream == nullptr) return;
  // Heartbeats that came in the meantime count, and are acknowledged late.
  v1::KeepAliveResponse ack;
  ack.mutable_ack()->set_sequence(session->cell->sequence());
  session->stream->stream().Send(std::move(ack));
  verdicts_.Want(*session, Verdict::kRenew);
}

void Evictions::HeldChanged(Session& session) {
  if (session.doing == Verdict::kEvict || session.braked_in.empty()) return;
  session.braked_in = ZonesOf(session);
}

void Evictions::CountEvicted(const Session& session) {
  ++tally_.evictions_total;
  for (const HeldInZone& zone : session.braked_in) {
    Brake& brake = brakes_[{zone.service, zone.zone}];
    brake.brake.Evicted(clock_.now(), zone.instances);
  }
}

uint32_t Evictions::Release(const ServiceName& service, absl::string_view actor) {
  uint32_t released = 0;
  bool held = false;
  for (auto& [zone, brake] : brakes_) {
    if (zone.first != service || !brake.brake.hold()) continue;
    held = true;
    released += brake.brake.hold()->held;
    brake.brake.Release(clock_.now(), brake.rules);
  }
  // Also when nothing is due now: what becomes due goes unbraked for a while.
  if (held) events_.BrakeReleased(service, actor, released);
  rejudge_at_ = clock_.now();
  JudgeAll();
  return released;
}

std::vector<v1::BrakeInfo> Evictions::Brakes() const {
  std::vector<v1::BrakeInfo> infos;
  for (const auto& [zone, brake] : brakes_) {
    if (brake.brake.hold()) infos.push_back(InfoOf(zone, brake));
  }
  return infos;
}

v1::BrakeInfo Evictions::InfoOf(const Zone& zone, const Brake& brake) const {
  using google::protobuf::util::TimeUtil;
  v1::BrakeInfo info;
  info.set_namespace_(zone.first.ns);
  info.set_service(zone.first.service);
  info.set_zone(zone.second);
  if (!brake.brake.hold()) return info;
  const EvictionBrake::Hold& hold = *brake.brake.hold();
  const absl::Time until = brake.since + brake.rules.max_hold;
  *info.mutable_since() = TimeUtil::NanosecondsToTimestamp(absl::ToUnixNanos(brake.since));
  *info.mutable_until() = TimeUtil::NanosecondsToTimestamp(absl::ToUnixNanos(until));
  info.set_would_go(hold.would_go);
  info.set_at_window_start(hold.at_start);
  info.set_share(hold.share());
  info.set_held(hold.held);
  return info;
}

}  // namespace rollcall::health
