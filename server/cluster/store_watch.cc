#include "server/cluster/store_watch.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace rollcall::cluster {
namespace {

// Shares of the quota that are worth a word.
constexpr double kThresholds[] = {0.80, 0.95};
constexpr absl::Duration kFirstDisarmWait = absl::Minutes(1);
constexpr absl::Duration kLongestDisarmWait = absl::Hours(1);

std::string Word(etcd::pb::AlarmType alarm) { return etcd::pb::AlarmType_Name(alarm); }

StoreMember ToMember(const etcd::EtcdApi::MemberStatus& answer) {
  StoreMember member;
  member.endpoint = answer.endpoint;
  member.status = answer.status.status();
  if (!answer.status.ok()) return member;
  const etcd::pb::StatusResponse& status = *answer.status;
  member.id = status.header().member_id();
  member.version = status.version();
  member.db_size = status.dbsize();
  member.db_size_in_use = status.dbsizeinuse();
  member.leader = status.leader() != 0 && status.leader() == member.id;
  return member;
}

}  // namespace

StoreWatch::StoreWatch(etcd::EtcdApi& etcd, base::Executor& executor, const base::Clock& clock,
                       observe::Log& log, Options options)
    : etcd_(etcd),
      executor_(executor),
      clock_(clock),
      log_(log),
      options_(options),
      disarm_wait_(kFirstDisarmWait) {}

void StoreWatch::Start() { Look(); }

std::shared_ptr<const StoreState> StoreWatch::state() const {
  base::MutexLock lock(mu_);
  return state_;
}

void StoreWatch::Publish(StoreState state) {
  auto published = std::make_shared<const StoreState>(std::move(state));
  base::MutexLock lock(mu_);
  state_ = std::move(published);
}

void StoreWatch::Look() {
  const base::Instant asked = clock_.Steady();
  executor_.PostAt(asked + options_.interval, lifeline_.Guard([this] { Look(); }));
  etcd_.Status(options_.within,
               lifeline_.Guard([this, asked](std::vector<etcd::EtcdApi::MemberStatus> members) {
                 OnStatus(asked, std::move(members));
               }));
}

void StoreWatch::OnStatus(base::Instant asked, std::vector<etcd::EtcdApi::MemberStatus> members) {
  StoreState state;
  state.at = asked;
  state.quota = options_.quota_bytes;
  for (const etcd::EtcdApi::MemberStatus& member : members) {
    state.members.push_back(ToMember(member));
  }
  etcd::pb::AlarmRequest request;
  request.set_action(etcd::pb::AlarmRequest::GET);
  etcd_.Alarm(request, options_.within,
              lifeline_.Guard([this, state = std::move(state)](
                                  const absl::StatusOr<etcd::pb::AlarmResponse>& answer) mutable {
                OnAlarms(std::move(state), answer);
              }));
}

void StoreWatch::OnAlarms(StoreState state, const absl::StatusOr<etcd::pb::AlarmResponse>& answer) {
  if (answer.ok()) {
    Alarms alarms;
    for (const etcd::pb::AlarmMember& alarm : answer->alarms()) {
      alarms.emplace(alarm.memberid(), alarm.alarm());
    }
    NoteAlarms(state, std::move(alarms));
  }
  for (const auto& [id, alarm] : alarms_) {
    state.no_space = state.no_space || alarm == etcd::pb::NOSPACE;
    state.corrupt = state.corrupt || alarm == etcd::pb::CORRUPT;
    for (StoreMember& member : state.members) {
      if (member.reachable() && member.id == id) member.alarms.push_back(Word(alarm));
    }
  }
  // The last one helped.
  if (!state.no_space && clock_.Steady() >= next_disarm_) disarm_wait_ = kFirstDisarmWait;
  NoteSizes(state);
  const bool disarm = answer.ok() && MayDisarm(state);
  Publish(std::move(state));
  if (disarm) Disarm();
}

std::string StoreWatch::NameOf(const StoreState& state, uint64_t id) const {
  for (const StoreMember& member : state.members) {
    if (member.reachable() && member.id == id) return member.endpoint;
  }
  return absl::StrCat(absl::Hex(id));
}

void StoreWatch::NoteAlarms(const StoreState& state, Alarms alarms) {
  for (const auto& raised : alarms) {
    if (alarms_.count(raised) > 0) continue;
    log_.Error(raised.second == etcd::pb::NOSPACE ? kNoSpaceAdvice : "etcd has raised an alarm",
               {{"member", NameOf(state, raised.first)}, {"alarm", Word(raised.second)}});
  }
  for (const auto& gone : alarms_) {
    if (alarms.count(gone) > 0) continue;
    log_.Info("etcd's alarm is gone",
              {{"member", NameOf(state, gone.first)}, {"alarm", Word(gone.second)}});
  }
  alarms_ = std::move(alarms);
}

void StoreWatch::NoteSizes(const StoreState& state) {
  if (options_.quota_bytes <= 0) return;
  for (const StoreMember& member : state.members) {
    if (member.reachable()) NoteSize(member);
  }
}

void StoreWatch::NoteSize(const StoreMember& member) {
  const auto passed =
      std::count_if(std::begin(kThresholds), std::end(kThresholds),
                    [&](double share) { return member.db_size >= share * options_.quota_bytes; });
  int& before = passed_[member.endpoint];
  if (passed == before) return;
  const bool grown = passed > std::exchange(before, static_cast<int>(passed));
  const auto percent = 100 * member.db_size / options_.quota_bytes;
  log_.Write(grown ? observe::LogLevel::kWarning : observe::LogLevel::kInfo,
             grown ? "etcd's database is nearing its quota" : "etcd's database has room again",
             {{"member", member.endpoint},
              {"percent", percent},
              {"db_size", member.db_size},
              {"in_use", member.db_size_in_use},
              {"quota", options_.quota_bytes}});
}

bool StoreWatch::MayDisarm(const StoreState& state) const {
  if (!active_ || !options_.disarm || !state.no_space || state.corrupt) return false;
  if (options_.quota_bytes <= 0 || clock_.Steady() < next_disarm_) return false;
  // One that does not answer may be full yet.
  return std::all_of(state.members.begin(), state.members.end(), [&](const StoreMember& member) {
    return member.reachable() && member.db_size < kRoomy * options_.quota_bytes &&
           member.db_size_in_use < kRoomy * options_.quota_bytes;
  });
}

void StoreWatch::Disarm() {
  next_disarm_ = clock_.Steady() + disarm_wait_;
  disarm_wait_ = std::min(disarm_wait_ * 2, kLongestDisarmWait);
  for (const auto& [id, alarm] : alarms_) {
    if (alarm != etcd::pb::NOSPACE) continue;
    etcd::pb::AlarmRequest request;
    request.set_action(etcd::pb::AlarmRequest::DEACTIVATE);
    request.set_memberid(id);
    request.set_alarm(alarm);
    etcd_.Alarm(
        request, options_.within,
        lifeline_.Guard([this](const absl::StatusOr<etcd::pb::AlarmResponse>& answer) {
          if (answer.ok()) {
            log_.Info("etcd has space again: its NOSPACE alarm was put out");
          } else {
            log_.Warning("etcd's NOSPACE alarm was not put out", {{"error", answer.status()}});
          }
        }));
  }
}

}  // namespace rollcall::cluster
