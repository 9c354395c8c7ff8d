#include "server/store/etcd/testing/fake_etcd_client.h"

#include <variant>

#include "server/store/etcd/testing/errors.h"
#include "server/store/etcd/testing/fake_watch.h"

namespace rollcall::etcd {
namespace {

// A silent connection is given up after it.
constexpr absl::Duration kKeepAliveTimeout = absl::Seconds(10);

template <typename Response>
void StampHeader(const FakeEtcd& etcd, Response& response) {
  etcd.Stamp(*response.mutable_header());
}
void StampHeader(const FakeEtcd&, pb::AlarmResponse&) {}  // Ours has none.

}  // namespace

class FakeEtcdClient::Handle final : public WatchHandle {
 public:
  explicit Handle(std::shared_ptr<FakeWatch> watch) : watch_(std::move(watch)) {}
  ~Handle() override { watch_->Drop(); }

 private:
  const std::shared_ptr<FakeWatch> watch_;
};

template <typename Response>
struct FakeEtcdClient::Call {
  uint64_t id;
  Done<Response> done;
  base::Executor::TimerId deadline;
  Fate fate = Fate::kCarriedOut;
};

FakeEtcdClient::FakeEtcdClient(FakeEtcd& etcd, base::Executor& executor, const base::Clock& clock)
    : etcd_(etcd), executor_(executor), clock_(clock) {}

FakeEtcdClient::~FakeEtcdClient() {
  for (const std::shared_ptr<FakeWatch>& watch : Watches()) watch->Drop();
}

base::Executor::Task FakeEtcdClient::WhileAlive(base::Executor::Task task) {
  return [alive = std::weak_ptr<const bool>(alive_), task = std::move(task)]() mutable {
    if (!alive.expired()) task();
  };
}

FaultScript::Step FakeEtcdClient::DrawStep(CallKind kind) {
  ++calls_[kind];
  if (reach_ == Reach::kRefused) return errors::ConnectionRefused();
  if (reach_ == Reach::kSilent) return Fate::kLostBefore;
  if (reach_ == Reach::kNoAnswers) return Fate::kLostAfter;
  if (std::optional<FaultScript::Step> step = script_.Take(kind)) return *std::move(step);
  return chances_.DrawFate(etcd_.random());
}

template <typename Response>
void FakeEtcdClient::Send(CallKind kind, Needs needs, absl::Duration within, Done<Response> done,
                          absl::AnyInvocable<absl::StatusOr<Response>()> carry_out) {
  const auto call = std::make_shared<Call<Response>>();
  call->id = next_call_++;
  call->done = std::move(done);
  call->deadline = executor_.PostAt(
      now() + within, WhileAlive([this, call] { Finish<Response>(call, errors::NoAnswer()); }));
  open_.emplace(call->id, [this, call](absl::Status why) { Finish<Response>(call, why); });
  FaultScript::Step step = DrawStep(kind);
  if (const auto* refusal = std::get_if<absl::Status>(&step)) {
    return Answer<Response>(call, *refusal);
  }
  call->fate = std::get<Fate>(step);
  const base::Instant arrives = etcd_.now() + DrawDelay();
  switch (call->fate) {
    case Fate::kBusy:
      return Answer<Response>(call, errors::TooManyRequests());
    case Fate::kCutBefore:
      return Answer<Response>(call, errors::ConnectionCut());
    case Fate::kLostBefore:
      return;
    case Fate::kLate:
      return SendOff(
          call, needs,
          etcd_.now() + within + etcd_.random().Between(absl::Milliseconds(1), chances_.late_by),
          std::move(carry_out));
    case Fate::kCutAfter:
    case Fate::kLostAfter:
    case Fate::kCarriedOut:
      return SendOff(call, needs, arrives, std::move(carry_out));
  }
}

template <typename Response>
void FakeEtcdClient::SendOff(std::shared_ptr<Call<Response>> call, Needs needs,
                             base::Instant arrives,
                             absl::AnyInvocable<absl::StatusOr<Response>()> carry_out) {
  // The node may die while its request is under way.
  const auto answer = [this, alive = std::weak_ptr<const bool>(alive_),
                       call](absl::StatusOr<Response> result) {
    if (alive.expired() || call->fate == Fate::kLostAfter || call->fate == Fate::kLate) return;
    if (call->fate == Fate::kCutAfter) result = errors::ConnectionCut();
    Answer<Response>(call, std::move(result));
  };
  FakeEtcd::Arrival arrival{needs,
                            [answer, carry_out = std::move(carry_out), &etcd = etcd_]() mutable {
                              absl::StatusOr<Response> result = carry_out();
                              if (result.ok()) StampHeader(etcd, *result);
                              answer(std::move(result));
                            },
                            [answer](absl::Status why) { answer(std::move(why)); }};
  etcd_.executor().PostAt(arrives, [&etcd = etcd_, arrival = std::move(arrival)]() mutable {
    etcd.Arrive(std::move(arrival));
  });
}

template <typename Response>
void FakeEtcdClient::Answer(std::shared_ptr<Call<Response>> call, absl::StatusOr<Response> answer) {
  executor_.PostAt(now() + DrawDelay(),
                   WhileAlive([this, call = std::move(call), answer = std::move(answer)]() mutable {
                     const bool blocked = reach_ == Reach::kSilent || reach_ == Reach::kNoAnswers;
                     if (!blocked) Finish<Response>(call, std::move(answer));
                   }));
}

template <typename Response>
void FakeEtcdClient::Finish(const std::shared_ptr<Call<Response>>& call,
                            absl::StatusOr<Response> answer) {
  // The function taken out here holds the call; it goes last.
  const auto open = open_.extract(call->id);
  if (open.empty()) return;
  executor_.Cancel(call->deadline);
  Done<Response> done = std::move(call->done);
  done(std::move(answer));
}

void FakeEtcdClient::Range(pb::RangeRequest request, absl::Duration within,
                           Done<pb::RangeResponse> done) {
  const Needs needs = request.serializable() ? Needs::kMember : Needs::kQuorum;
  Send<pb::RangeResponse>(
      CallKind::kRange, needs, within, std::move(done),
      [&etcd = etcd_, request = std::move(request)] { return etcd.state().Range(request); });
}

void FakeEtcdClient::Txn(pb::TxnRequest request, absl::Duration within,
                         Done<pb::TxnResponse> done) {
  Send<pb::TxnResponse>(
      CallKind::kTxn, Needs::kQuorumToWrite, within, std::move(done),
      [&etcd = etcd_, request = std::move(request)] { return etcd.state().Txn(request); });
}

void FakeEtcdClient::Compact(pb::CompactionRequest request, absl::Duration within,
                             Done<pb::CompactionResponse> done) {
  Send<pb::CompactionResponse>(
      CallKind::kCompact, Needs::kQuorumToWrite, within, std::move(done),
      [&etcd = etcd_, request = std::move(request)] { return etcd.state().Compact(request); });
}

void FakeEtcdClient::LeaseGrant(pb::LeaseGrantRequest request, absl::Duration within,
                                Done<pb::LeaseGrantResponse> done) {
  Send<pb::LeaseGrantResponse>(CallKind::kLeaseGrant, Needs::kQuorumToWrite, within,
                               std::move(done), [&etcd = etcd_, request = std::move(request)] {
                                 return etcd.state().Grant(request, etcd.now(), etcd.FreeLeaseId());
                               });
}

void FakeEtcdClient::LeaseRevoke(pb::LeaseRevokeRequest request, absl::Duration within,
                                 Done<pb::LeaseRevokeResponse> done) {
  Send<pb::LeaseRevokeResponse>(
      CallKind::kLeaseRevoke, Needs::kQuorumToWrite, within, std::move(done),
      [&etcd = etcd_, request = std::move(request)] { return etcd.state().Revoke(request); });
}

void FakeEtcdClient::LeaseKeepAlive(pb::LeaseKeepAliveRequest request, absl::Duration within,
                                    Done<pb::LeaseKeepAliveResponse> done) {
  Send<pb::LeaseKeepAliveResponse>(CallKind::kLeaseKeepAlive, Needs::kQuorum, within,
                                   std::move(done), [&etcd = etcd_, request = std::move(request)] {
                                     return etcd.state().KeepAlive(request, etcd.now());
                                   });
}

void FakeEtcdClient::Alarm(pb::AlarmRequest request, absl::Duration within,
                           Done<pb::AlarmResponse> done) {
  Send<pb::AlarmResponse>(
      CallKind::kAlarm, Needs::kQuorumToWrite, within, std::move(done),
      [&etcd = etcd_, request = std::move(request)] { return etcd.state().Alarm(request); });
}

void FakeEtcdClient::Status(absl::Duration within,
                            absl::AnyInvocable<void(std::vector<MemberStatus>)> done) {
  // An unreachable cluster is an answer too: each member with its error.
  const FaultScript::Step step = DrawStep(CallKind::kStatus);
  const bool fine = std::holds_alternative<Fate>(step) && std::get<Fate>(step) == Fate::kCarriedOut;
  const bool silent = std::holds_alternative<Fate>(step) && !fine;
  const absl::Duration wait = silent ? within : DrawDelay() + DrawDelay();
  executor_.PostAt(now() + wait, WhileAlive([this, step, fine, done = std::move(done)]() mutable {
                     std::vector<MemberStatus> members = etcd_.Statuses();
                     const auto* refusal = std::get_if<absl::Status>(&step);
                     for (MemberStatus& member : members) {
                       if (!fine) member.status = refusal ? *refusal : errors::NoAnswer();
                     }
                     done(std::move(members));
                   }));
}

std::unique_ptr<WatchHandle> FakeEtcdClient::Watch(pb::WatchCreateRequest request,
                                                   WatchEvents& events) {
  const auto watch = std::make_shared<FakeWatch>(etcd_, *this, std::move(request), events);
  watches_.push_back(watch);
  const FaultScript::Step step = DrawStep(CallKind::kWatch);
  if (const auto* refusal = std::get_if<absl::Status>(&step)) {
    watch->End(*refusal);
  } else if (const Fate fate = std::get<Fate>(step); fate == Fate::kCarriedOut) {
    etcd_.executor().PostAt(etcd_.now() + DrawDelay(), [weak = std::weak_ptr<FakeWatch>(watch)] {
      if (const auto open = weak.lock()) open->Open();
    });
  } else if (fate == Fate::kBusy) {
    watch->End(errors::TooManyRequests());
  } else if (fate == Fate::kCutBefore || fate == Fate::kCutAfter) {
    watch->End(errors::ConnectionCut());
  }
  return std::make_unique<Handle>(watch);
}

std::vector<std::shared_ptr<FakeWatch>> FakeEtcdClient::Watches() {
  std::vector<std::shared_ptr<FakeWatch>> standing;
  std::erase_if(watches_, [&](const std::weak_ptr<FakeWatch>& weak) {
    std::shared_ptr<FakeWatch> watch = weak.lock();
    if (watch == nullptr) return true;
    standing.push_back(std::move(watch));
    return false;
  });
  return standing;
}

int FakeEtcdClient::watches() {
  int standing = 0;
  for (const std::shared_ptr<FakeWatch>& watch : Watches()) standing += watch->ended() ? 0 : 1;
  return standing;
}

int FakeEtcdClient::calls(CallKind kind) const {
  const auto at = calls_.find(kind);
  return at == calls_.end() ? 0 : at->second;
}

void FakeEtcdClient::SetReach(Reach reach) {
  if (reach == reach_) return;
  reach_ = reach;
  const uint64_t change = ++reach_changes_;
  if (reach == Reach::kRefused) CutConnections();
  if (reach == Reach::kOpen) {
    for (const std::shared_ptr<FakeWatch>& watch : Watches()) watch->Pump();
  }
  if (reach == Reach::kSilent || reach == Reach::kNoAnswers) {
    executor_.PostAt(now() + kKeepAliveTimeout, WhileAlive([this, change] {
                       if (change == reach_changes_) CutWatches(errors::ConnectionCut());
                     }));
  }
}

void FakeEtcdClient::HoldWatches(bool held) {
  held_ = held;
  for (const std::shared_ptr<FakeWatch>& watch : Watches()) watch->Pump();
}

void FakeEtcdClient::Censor(pb::WatchResponse& response) {
  if (missed_.empty()) return;
  auto& events = *response.mutable_events();
  const auto kept = std::remove_if(events.begin(), events.end(), [&](const pb::Event& event) {
    return event.kv().key() == missed_;
  });
  if (kept == events.end()) return;
  events.erase(kept, events.end());
  missed_.clear();
}

void FakeEtcdClient::CutWatches(absl::Status why) {
  for (const std::shared_ptr<FakeWatch>& watch : Watches()) watch->End(why);
}

void FakeEtcdClient::CutConnections() {
  CutWatches(errors::ConnectionCut());
  std::vector<uint64_t> open;
  for (const auto& [id, fail] : open_) open.push_back(id);
  executor_.Post(WhileAlive([this, open = std::move(open)] {
    for (const uint64_t id : open) {
      const auto call = open_.find(id);
      if (call != open_.end()) call->second(errors::ConnectionCut());
    }
  }));
}

}  // namespace rollcall::etcd
