// FakeRegistry: catalog and committer of the session table's tests: a map of sessions that changes
// as the writer's calls ask, by the rules of command/session_commands.h.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/executor.h"
#include "server/command/secret.h"
#include "server/health/session_edges.h"
#include "server/health/session_facts.h"

namespace rollcall::health {

class FakeRegistry final : public SessionFacts, public SessionWriter {
 public:
  // How commits go: well; failing with UNAVAILABLE; or not at all until Settle.
  enum class Store { kWorks, kAway, kSilent };
  struct Commit {
    std::string verb;  // "SUSPECT", "RENEW", "LEAVE", "END", "HOME", "CONFIRM"
    SessionId id;
    v1::Cause cause;
    std::string evidence;
  };
  static constexpr char kNode[] = "node-1";
  using Changed = std::function<void(const SessionId&, SessionState, v1::Cause)>;

  explicit FakeRegistry(base::Executor& executor) : executor_(executor) {}

  void set_store(Store store) { store_ = store; }
  void set_changed(Changed changed) { changed_ = std::move(changed); }
  void set_applied(uint64_t revision) { applied_ = Revision(revision); }
  void set_brake(const v1::EvictionBrake& brake) { brake_ = brake; }

  void AddSession(const SessionId& id, const std::string& secret, absl::Duration ttl,
                  SessionState state = internal::v1::SESSION_STATE_LIVE,
                  const std::string& home = kNode) {
    sessions_[id] = {.secret_hash = command::HashSecret(secret),
                     .ttl = ttl,
                     .state = state,
                     .client_name = "test@host",
                     .home = NodeId(home)};
  }
  // As the catalog applies it.
  void Rehome(const SessionId& id, const std::string& home) {
    sessions_[id].home = NodeId(home);
    if (changed_) changed_(id, sessions_[id].state, v1::CAUSE_UNSPECIFIED);
  }
  void Forget(const SessionId& id) { sessions_.erase(id); }
  void set_present(const std::string& node, bool present) {
    if (present) present_.insert(NodeId(node));
    if (!present) present_.erase(NodeId(node));
  }
  void AddInstance(const SessionId& id, const std::string& service, const std::string& zone) {
    const std::string name = absl::StrCat(service, "-", ++applied_value_);
    held_[id].push_back({{{"default", service}, name}, zone, LeaseEpoch(applied_value_)});
  }
  void Move(const SessionId& id, SessionState state, v1::Cause cause) {
    sessions_[id].state = state;
    sessions_[id].ended_cause = cause;
    if (changed_) changed_(id, state, cause);
  }
  SessionState StateOf(const SessionId& id) { return sessions_[id].state; }

  // Every commit that was asked for, in order.
  std::vector<Commit> TakeCommits() { return std::exchange(commits_, {}); }
  // Decides what a silent store has not answered: by its success, or by an error for all.
  void Settle(const absl::Status& outcome) {
    for (auto& settle : std::exchange(undecided_, {})) settle(outcome);
  }
  size_t undecided() const { return undecided_.size(); }

  const StoreId& store_id() const override { return store_id_; }
  Revision applied() const override { return applied_; }
  std::optional<SessionFact> Find(const SessionId& id) const override {
    const auto at = sessions_.find(id);
    if (at == sessions_.end()) return std::nullopt;
    return at->second;
  }
  std::vector<SessionId> Sessions() const override {
    std::vector<SessionId> ids;
    for (const auto& [id, fact] : sessions_) {
      if (fact.state != internal::v1::SESSION_STATE_ENDED) ids.push_back(id);
    }
    return ids;
  }
  std::vector<SessionId> SessionsHomedAt(const NodeId& node) const override {
    std::vector<SessionId> ids = Sessions();
    std::erase_if(ids, [&](const SessionId& id) { return sessions_.at(id).home != node; });
    return ids;
  }
  bool NodePresent(const NodeId& node) const override { return present_.contains(node); }
  std::vector<HeldFact> Held(const SessionId& id) const override {
    const auto at = held_.find(id);
    return at == held_.end() ? std::vector<HeldFact>{} : at->second;
  }
  ZoneCounts CountZone(const ServiceName& service, const std::string& zone) const override {
    ZoneCounts counts;
    for (const auto& [id, instances] : held_) {
      const SessionState state = sessions_.at(id).state;
      if (state == internal::v1::SESSION_STATE_ENDED) continue;
      for (const HeldFact& held : instances) {
        if (held.name.service != service || held.zone != zone) continue;
        ++counts.registered;
        if (state == internal::v1::SESSION_STATE_SUSPECT) ++counts.suspect;
      }
    }
    return counts;
  }
  v1::EvictionBrake BrakeOf(const ServiceName&) const override { return brake_; }

  void Suspect(const SessionId& id, v1::Cause cause, std::string evidence, Done done) override {
    Ask({"SUSPECT", id, cause, std::move(evidence)}, internal::v1::SESSION_STATE_SUSPECT,
        std::move(done));
  }
  void Renew(const SessionId& id, std::string evidence, Done done) override {
    Ask({"RENEW", id, v1::CAUSE_RENEWED, std::move(evidence)}, internal::v1::SESSION_STATE_LIVE,
        std::move(done));
  }
  void Leave(const SessionId& id, std::string evidence, Done done) override {
    Ask({"LEAVE", id, v1::CAUSE_LEAVING, std::move(evidence)}, internal::v1::SESSION_STATE_LEAVING,
        std::move(done));
  }
  void End(const SessionId& id, v1::Cause cause, std::string evidence, Done done) override {
    Ask({"END", id, cause, std::move(evidence)}, internal::v1::SESSION_STATE_ENDED,
        std::move(done));
  }
  void MoveHome(const SessionId& id, std::string evidence, Done done) override {
    Submit({"HOME", id, v1::CAUSE_UNSPECIFIED, std::move(evidence)},
           [this, id, done = std::move(done)](const absl::Status& outcome) mutable {
             if (!outcome.ok()) return done(outcome);
             SessionFact& fact = sessions_[id];
             if (fact.state == internal::v1::SESSION_STATE_ENDED) {
               return done(absl::FailedPreconditionError("it has ended"));
             }
             if (fact.state == internal::v1::SESSION_STATE_SUSPECT) {
               fact.state = internal::v1::SESSION_STATE_LIVE;
             }
             Rehome(id, kNode);
             done(Revision(++applied_value_));
           });
  }
  void Confirm(Done done) override {
    Submit({"CONFIRM", SessionId(), v1::CAUSE_UNSPECIFIED, ""},
           [this, done = std::move(done)](const absl::Status& outcome) mutable {
             if (!outcome.ok()) return done(outcome);
             done(applied_);
           });
  }

 private:
  using Settling = absl::AnyInvocable<void(const absl::Status&)>;

  void Ask(Commit commit, SessionState to, Done done) {
    const SessionId id = commit.id;
    const v1::Cause cause = commit.cause;
    Submit(std::move(commit),
           [this, id, cause, to, done = std::move(done)](const absl::Status& outcome) mutable {
             if (!outcome.ok()) return done(outcome);
             if (sessions_[id].state == internal::v1::SESSION_STATE_ENDED) {
               return done(absl::FailedPreconditionError("it has ended"));
             }
             Move(id, to, cause);
             done(Revision(++applied_value_));
           });
  }
  void Submit(Commit commit, Settling settle) {
    commits_.push_back(std::move(commit));
    if (store_ == Store::kSilent) {
      undecided_.push_back(std::move(settle));
      return;
    }
    const absl::Status outcome =
        store_ == Store::kWorks ? absl::OkStatus() : absl::UnavailableError("the store is away");
    executor_.Post([settle = std::move(settle), outcome]() mutable { settle(outcome); });
  }

  base::Executor& executor_;
  Store store_ = Store::kWorks;
  Changed changed_;
  const StoreId store_id_{"store-1"};
  Revision applied_{100};
  uint64_t applied_value_ = 100;
  v1::EvictionBrake brake_;
  std::map<SessionId, SessionFact> sessions_;
  std::map<SessionId, std::vector<HeldFact>> held_;
  std::vector<Commit> commits_;
  std::set<NodeId> present_{NodeId(kNode)};
  std::vector<Settling> undecided_;
};

}  // namespace rollcall::health
