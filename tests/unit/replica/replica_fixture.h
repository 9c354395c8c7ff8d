// ReplicaTest: a replica of a store that the test speaks for, with one service, "web".
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/model/keys.h"
#include "server/model/standing.h"
#include "server/replica/replica.h"
#include "tests/support/fake_clock.h"
#include "tests/support/manual_executor.h"
#include "tests/support/records.h"
#include "tests/unit/replica/noting_log.h"
#include "tests/unit/replica/told_store.h"

namespace rollcall::replica {

class ReplicaTest : public ::testing::Test {
 protected:
  using Entry = store::ChangeSet::Entry;

  // A replica with the log, and hashes; nothing is told yet.
  void Open(bool with_log = true) {
    replica_.emplace(
        store_, catalog_, executor_, clock_,
        [this](const std::string& key, const absl::Status& why) {
          damage_.push_back(absl::StrCat(key, ": ", std::string(why.message())));
        },
        Replica::Options{with_log ? &log_ : nullptr, true});
    replica_->Listen([this](const catalog::Happened& happened) {
      std::string line = absl::StrCat(happened.revision.value(), ":");
      for (const auto& name : happened.services) absl::StrAppend(&line, " ", name.service);
      for (const auto& id : happened.sessions) absl::StrAppend(&line, " ", id.value());
      for (const auto& change : happened.standings) {
        absl::StrAppend(&line, " ", change.name.id, ">", std::string(StandingWord(change.to)));
      }
      happened_.push_back(std::move(line));
    });
    replica_->ListenControl(
        [this](const std::string& key, Revision revision, const std::optional<std::string>& value) {
          control_.push_back(
              absl::StrCat(key, "@", revision.value(), value ? "=" : "-", value.value_or("")));
        });
    replica_->OnReady([this](bool ready) { ready_.push_back(ready); });
  }
  void Start() { ASSERT_TRUE(replica_->Start().ok()); }
  // Up and running on what the store holds.
  void Load() {
    Start();
    store_.TellSnapshot();
    store_.follower().OnCaughtUp();
    TakeAll();
  }
  void TakeAll() {
    happened_.clear();
    control_.clear();
    ready_.clear();
    log_.TakeTold();
  }

  static Entry Session(const std::string& id,
                       internal::v1::SessionState state = internal::v1::SESSION_STATE_LIVE) {
    return {SessionKeyOf(SessionId(id)), testing::SessionOf(id, state).SerializeAsString()};
  }
  static Entry Instance(const std::string& id, const std::string& session = "s1",
                        uint64_t epoch = 1) {
    return {InstanceKeyOf(testing::Name("web", id)),
            testing::InstanceOf(testing::SpecOf("web", id), session, epoch).SerializeAsString()};
  }
  static Entry Removed(const std::string& id) {
    auto record = testing::InstanceOf(testing::SpecOf("web", id), "s1", 1);
    record.set_removed(true);
    return {InstanceKeyOf(testing::Name("web", id)), record.SerializeAsString()};
  }
  static Entry Purged(const std::string& id) {
    return {InstanceKeyOf(testing::Name("web", id)), std::nullopt};
  }
  static Entry Horizon(uint64_t revision) {
    internal::v1::HorizonRecord record;
    record.set_revision(revision);
    return {kHorizonKey, record.SerializeAsString()};
  }
  std::vector<std::string> Live() const {
    std::vector<std::string> live;
    const auto snapshot = views_.Find({kDefaultNamespace, "web"});
    if (snapshot == nullptr) return live;
    for (const auto& view : snapshot->instances) {
      live.push_back(absl::StrCat(view->id(), "@", view->revision().value()));
    }
    return live;
  }
  // Of what the store holds.
  store::RecordsHash Truth() {
    store::RecordsHash truth;
    for (const auto& [key, record] : store_.records()) {
      if (KindOf(key) != KeyKind::kRecord) continue;
      truth.hash += store::RecordHash(key, record.revision, record.value);
      ++truth.records;
    }
    return truth;
  }

  testing::FakeClock clock_;
  testing::ManualExecutor executor_{clock_};
  ToldStore store_;
  NotingLog log_;
  catalog::ViewTable views_{StoreId("store")};
  catalog::Catalog catalog_{views_};
  std::optional<Replica> replica_;
  std::vector<std::string> happened_;
  std::vector<std::string> control_;
  std::vector<bool> ready_;
  std::vector<std::string> damage_;
};

}  // namespace rollcall::replica
