#include "server/store/etcd/testing/fake_etcd.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/store/etcd/testing/errors.h"
#include "server/store/etcd/testing/fake_watch.h"

namespace rollcall::etcd {
namespace {

constexpr uint64_t kClusterId = 0xcdf818194e3a8c32;
// A new leader adds an election timeout to every lease.
constexpr absl::Duration kElection = absl::Seconds(1);

}  // namespace

FakeEtcd::FakeEtcd(base::Executor& executor, const base::Clock& clock, base::Random& random,
                   Options options)
    : executor_(executor),
      clock_(clock),
      random_(random),
      options_(options),
      state_(options.state),
      members_up_(options.members, true) {}

FakeEtcd::~FakeEtcd() = default;

base::Executor::Task FakeEtcd::WhileAlive(base::Executor::Task task) {
  return [alive = std::weak_ptr<const bool>(alive_), task = std::move(task)]() mutable {
    if (!alive.expired()) task();
  };
}

int64_t FakeEtcd::Put(const std::string& key, const std::string& value) {
  pb::TxnRequest txn;
  pb::PutRequest& put = *txn.add_success()->mutable_request_put();
  put.set_key(key);
  put.set_value(value);
  const absl::StatusOr<pb::TxnResponse> done = state_.Txn(txn);
  Changed();
  return done.ok() ? done->header().revision() : 0;
}

int64_t FakeEtcd::Delete(const std::string& key) {
  pb::TxnRequest txn;
  txn.add_success()->mutable_request_delete_range()->set_key(key);
  const absl::StatusOr<pb::TxnResponse> done = state_.Txn(txn);
  Changed();
  return done.ok() ? done->header().revision() : 0;
}

absl::Status FakeEtcd::Compact(int64_t revision) {
  pb::CompactionRequest request;
  request.set_revision(revision);
  const absl::Status status = state_.Compact(request).status();
  Changed();
  return status;
}

void FakeEtcd::RaiseNoSpace() {
  pb::AlarmRequest request;
  request.set_action(pb::AlarmRequest::ACTIVATE);
  request.set_alarm(pb::NOSPACE);
  request.set_memberid(EtcdState::kMemberId);
  (void)state_.Alarm(request);
}

// Requests.

bool FakeEtcd::any_member_up() const {
  return std::find(members_up_.begin(), members_up_.end(), true) != members_up_.end();
}

void FakeEtcd::Arrive(Arrival arrival) {
  if (!any_member_up()) return arrival.refuse(errors::ConnectionRefused());
  if (arrival.needs != Arrival::Needs::kMember && !quorum_) return Wait(std::move(arrival));
  if (arrival.needs == Arrival::Needs::kQuorumToWrite) ++writes_;
  arrival.carry_out();
  Changed();
}

void FakeEtcd::Wait(Arrival arrival) {
  const uint64_t id = next_waiting_++;
  waiting_.emplace(id, Waiting{std::move(arrival)});
  executor_.PostAt(now() + options_.request_timeout, WhileAlive([this, id] { GiveUpOn(id); }));
}

// A write that stands in a member's log may be carried out even now.
void FakeEtcd::GiveUpOn(uint64_t id) {
  const auto waiting = waiting_.find(id);
  if (waiting == waiting_.end()) return;
  waiting->second.refused = true;
  waiting->second.arrival.refuse(errors::TimedOut());
  if (waiting->second.arrival.needs != Arrival::Needs::kQuorumToWrite) waiting_.erase(waiting);
}

void FakeEtcd::RefuseWaiting(const absl::Status& why) {
  for (auto& [id, waiting] : std::exchange(waiting_, {})) {
    if (!waiting.refused) waiting.arrival.refuse(why);
  }
}

// A write may have fallen out of the log, and a read may hear of the new leader.
void FakeEtcd::SettleWaiting() {
  for (auto& [id, waiting] : std::exchange(waiting_, {})) {
    if (random_.Unit() < options_.late_commit) {
      Arrive(std::move(waiting.arrival));
    } else if (!waiting.refused) {
      const bool write = waiting.arrival.needs == Arrival::Needs::kQuorumToWrite;
      waiting.arrival.refuse(write ? errors::TimedOut() : errors::LeaderChanged());
    }
  }
}

void FakeEtcd::Changed() {
  ScheduleExpiry();
  for (const std::shared_ptr<FakeWatch>& watch : Watches()) watch->Pump();
}

std::vector<std::shared_ptr<FakeWatch>> FakeEtcd::Watches() {
  std::vector<std::shared_ptr<FakeWatch>> standing;
  std::erase_if(watches_, [&](const std::weak_ptr<FakeWatch>& weak) {
    std::shared_ptr<FakeWatch> watch = weak.lock();
    if (watch == nullptr) return true;
    standing.push_back(std::move(watch));
    return false;
  });
  return standing;
}

void FakeEtcd::AddWatch(std::weak_ptr<FakeWatch> watch) {
  watches_.push_back(std::move(watch));
  if (!std::exchange(progress_ticks_, true)) {
    executor_.PostAt(now() + options_.progress_interval, WhileAlive([this] { TellProgress(); }));
  }
}

void FakeEtcd::TellProgress() {
  const std::vector<std::shared_ptr<FakeWatch>> watches = Watches();
  for (const std::shared_ptr<FakeWatch>& watch : watches) watch->Progress();
  progress_ticks_ = !watches.empty();
  if (progress_ticks_) {
    executor_.PostAt(now() + options_.progress_interval, WhileAlive([this] { TellProgress(); }));
  }
}

// The cluster's health.

void FakeEtcd::SetQuorum(bool quorum) {
  partitioned_ = !quorum;
  UpdateQuorum();
}

int FakeEtcd::leader() const {
  return static_cast<int>(std::find(members_up_.begin(), members_up_.end(), true) -
                          members_up_.begin());
}

void FakeEtcd::SetMemberUp(int member, bool up) {
  const int led = leader();
  members_up_.at(member) = up;
  UpdateQuorum();
  if (!any_member_up()) {
    EndStreams(errors::ConnectionCut());
    RefuseWaiting(errors::ConnectionCut());
  } else if (quorum_ && led != leader()) {
    ChangeLeader();
  }
}

void FakeEtcd::UpdateQuorum() {
  const auto up = std::count(members_up_.begin(), members_up_.end(), true);
  const bool quorum = !partitioned_ && up * 2 > options_.members;
  if (quorum == quorum_) return;
  quorum_ = quorum;
  ++quorum_changes_;
  if (!quorum) return QuorumLost();
  leader_known_ = true;
  ++term_;
  state_.ExtendLeases(now(), kElection);
  SettleWaiting();
  Changed();
}

void FakeEtcd::QuorumLost() {
  executor_.PostAt(now() + options_.no_leader_after, WhileAlive([this, changes = quorum_changes_] {
                     if (changes != quorum_changes_) return;
                     leader_known_ = false;
                     EndStreams(errors::NoLeader());
                   }));
}

absl::Status FakeEtcd::StreamsStand() const {
  if (!any_member_up()) return errors::ConnectionRefused();
  return leader_known_ ? absl::OkStatus() : errors::NoLeader();
}

void FakeEtcd::EndStreams(const absl::Status& why) {
  for (const std::shared_ptr<FakeWatch>& watch : Watches()) watch->Break(why);
}

void FakeEtcd::Restart() {
  EndStreams(errors::ConnectionCut());
  RefuseWaiting(errors::ConnectionCut());
  ++term_;
  state_.ExtendLeases(now(), kElection);
}

void FakeEtcd::ChangeLeader() {
  ++term_;
  state_.ExtendLeases(now(), kElection);
}

// Leases. Only a leader with a majority behind it can end one.

void FakeEtcd::ScheduleExpiry() {
  const base::Instant next = state_.next_expiry();
  if (!quorum_ || next == base::Instant::InfiniteFuture()) return;
  const base::Instant due =
      base::Instant::FromOrigin(absl::Ceil(next.SinceOrigin(), options_.lease_check));
  if (expiry_due_ <= due) return;
  expiry_due_ = due;
  executor_.PostAt(due, WhileAlive([this, due] {
                     if (expiry_due_ != due) return;
                     expiry_due_ = base::Instant::InfiniteFuture();
                     ExpireLeases();
                   }));
}

void FakeEtcd::ExpireLeases() {
  if (!quorum_) return;
  state_.ExpireLeases(now());
  Changed();
}

void FakeEtcd::Stamp(pb::ResponseHeader& header) const {
  header.set_cluster_id(kClusterId);
  header.set_member_id(EtcdState::kMemberId);
  header.set_raft_term(term_);
}

std::vector<EtcdApi::MemberStatus> FakeEtcd::Statuses() const {
  std::vector<EtcdApi::MemberStatus> statuses;
  for (int i = 0; i < options_.members; ++i) {
    EtcdApi::MemberStatus member{absl::StrCat("http://etcd-", i + 1, ":2379"),
                                 errors::ConnectionRefused()};
    if (members_up_[i]) {
      pb::StatusResponse status;
      Stamp(*status.mutable_header());
      status.mutable_header()->set_member_id(EtcdState::kMemberId + i);
      status.mutable_header()->set_revision(revision());
      status.set_version("3.4.23");
      status.set_dbsize(state_.db_size());
      status.set_dbsizeinuse(keys().bytes());
      if (leader_known_) status.set_leader(EtcdState::kMemberId + leader());
      status.set_raftterm(term_);
      status.set_raftindex(static_cast<uint64_t>(revision()));
      member.status = std::move(status);
    }
    statuses.push_back(std::move(member));
  }
  return statuses;
}

}  // namespace rollcall::etcd
