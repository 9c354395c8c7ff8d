#include "server/cluster/auditor.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/model/keys.h"
#include "server/model/times.h"

namespace rollcall::cluster {

Auditor::Auditor(Edges edges, Options options)
    : edges_(std::move(edges)),
      options_{std::move(options.self), std::max(options.interval, kShortestInterval)} {
  edges_.replica.ListenControl(
      [this](const std::string& key, Revision revision, const std::optional<std::string>& value) {
        OnControl(key, revision, value);
      });
}

void Auditor::SetAsking(bool asking) {
  if (std::exchange(asking_, asking) == asking) return;
  if (next_ask_) edges_.core.Cancel(*std::exchange(next_ask_, std::nullopt));
  if (asking) AskAt(NextAsk());
}

void Auditor::AskAt(base::Instant when) {
  next_ask_ = edges_.core.PostAt(when, [this] { Ask(); });
}

base::Instant Auditor::NextAsk() const {
  const base::Instant now = edges_.clock.Steady();
  return std::max(last_ask_.value_or(now) + options_.interval, now + kShortestInterval);
}

void Auditor::Ask() {
  AskAt(edges_.clock.Steady() + options_.interval);
  if (!edges_.replica.ready()) return;
  internal::v1::AuditRecord record;
  record.set_asked_by(options_.self.value());
  *record.mutable_time() = ToProto(edges_.clock.Wall());
  // Whatever becomes of it: if it was not written, the next one is.
  edges_.store.Commit({{{}, {{kAuditKey, record.SerializeAsString()}}, {}}},
                      [](const std::vector<store::Outcome>&) {});
}

void Auditor::OnControl(const std::string& key, Revision revision,
                        const std::optional<std::string>& value) {
  if (key == kAuditKey && value) NoteAsked(*value);
  // Only while exactly this revision is applied does this node hold what the others answer for: not
  // when the key is merely found in a snapshot of a later time.
  if (key == kAuditKey && value && revision == edges_.replica.applied()) Answer(revision);
  if (key == kReloadKey && !value && phase_ == Phase::kAwaiting) TakeOffice();
}

// It may be found long after it was asked for. The wall clock of who asked may be another than
// ours: an error of it puts the next audit off by an interval at most.
void Auditor::NoteAsked(const std::string& value) {
  internal::v1::AuditRecord record;
  absl::Duration age;
  if (record.ParseFromString(value) && record.has_time()) {
    age = std::clamp(edges_.clock.Wall() - FromProto(record.time()), absl::ZeroDuration(),
                     options_.interval);
  }
  last_ask_ = edges_.clock.Steady() - age;
}

void Auditor::Answer(Revision revision) {
  asked_ = revision;
  own_ = edges_.replica.hash();
  internal::v1::AuditAnswer answer;
  answer.set_revision(revision.value());
  answer.set_hash(own_.hash);
  answer.set_records(own_.records);
  edges_.announce(std::move(answer));
  edges_.core.PostAt(edges_.clock.Steady() + kGather, [this, revision] { Compare(revision); });
}

void Auditor::Compare(Revision revision) {
  if (revision != asked_) return;  // a newer one is under way
  const AuditAnswers answers = Gather(revision);
  ++stats_.audits;
  std::set<NodeId> differing = Outvoted(answers);
  const bool differed = !std::exchange(differing_, std::move(differing)).empty();
  if (differing_.empty()) {
    if (differed) edges_.log.Info("the nodes' records agree again", {{"revision", revision}});
    return;
  }
  ++stats_.differences;
  Tell(revision, answers);
  if (differing_.contains(options_.self) && phase_ == Phase::kIdle) Verify(revision, own_);
}

AuditAnswers Auditor::Gather(Revision revision) const {
  AuditAnswers answers = {{options_.self, own_}};
  const std::shared_ptr<const NodeSnapshot> present = edges_.directory.snapshot();
  for (const PresentNode& node : present->nodes) {
    const internal::v1::AuditAnswer& answer = node.record.audit();
    const NodeId id(node.record.id());
    if (Revision(answer.revision()) != revision || id == options_.self) continue;
    answers[id] = {answer.hash(), answer.records()};
  }
  return answers;
}

void Auditor::Tell(Revision revision, const AuditAnswers& answers) {
  for (const NodeId& id : differing_) {
    const store::RecordsHash& answer = answers.at(id);
    edges_.log.Error("a node's records differ from those of the most",
                     {{"node", id.value()},
                      {"revision", revision},
                      {"records", answer.records},
                      {"hash", absl::StrCat(absl::Hex(answer.hash, absl::kZeroPad16))},
                      {"answers", answers.size()}});
  }
}

void Auditor::Verify(Revision revision, store::RecordsHash own) {
  phase_ = Phase::kVerifying;
  edges_.read_hash(revision, lifeline_.Guard([this, revision, own](
                                                 const absl::StatusOr<store::RecordsHash>& truth) {
    phase_ = Phase::kIdle;
    if (!truth.ok()) {
      edges_.log.Warning("the store could not be asked who is right; the next audit will",
                         {{"revision", revision}, {"why", truth.status()}});
      return;
    }
    if (*truth == own) {
      edges_.log.Info("this node's records are those of the store", {{"revision", revision}});
      return;
    }
    edges_.log.Error(
        "this node's records are not those of the store; it loads them anew",
        {{"revision", revision}, {"records", own.records}, {"records_in_store", truth->records}});
    TakeOffice();
  }));
}

void Auditor::TakeOffice() {
  phase_ = Phase::kAwaiting;
  if (std::exchange(taking_, true)) return;
  edges_.leases.Take(kReloadKey, options_.self.value(),
                     lifeline_.Guard([this](const absl::StatusOr<bool>& ours) {
                       taking_ = false;
                       if (ours.ok() && *ours) return Reload();
                       // The end of who has it is mostly seen in the watch, and earlier.
                       edges_.core.PostAt(edges_.clock.Steady() + kRetry, [this] {
                         if (phase_ == Phase::kAwaiting) TakeOffice();
                       });
                     }));
}

void Auditor::Reload() {
  phase_ = Phase::kReloading;
  ++stats_.reloads;
  edges_.replica.Reload(lifeline_.Guard([this] {
    phase_ = Phase::kIdle;
    edges_.log.Info("this node has loaded its records anew",
                    {{"revision", edges_.replica.applied()}});
    edges_.leases.Drop(kReloadKey, nullptr);
  }));
}

}  // namespace rollcall::cluster
