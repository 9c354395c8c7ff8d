// HistoryFixture: records written through a real store, one minute apart, and their history told in
// lines.
//
// A change reads `3 +3m billing/a1 PASSING>SUSPECT STREAM_BROKEN by node-1 (reset) s1`: revision,
// time since the beginning, instance, from and to, cause, actor, evidence, session.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/history/history.h"
#include "server/model/keys.h"
#include "server/model/standing.h"
#include "server/model/state_revision.h"
#include "server/model/times.h"
#include "server/store/embedded/embedded_store.h"
#include "server/store/testing/memory_record_store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/manual_executor.h"

namespace rollcall::history {

struct Why {
  v1::Cause cause;
  std::string actor = "client";
  std::string evidence;
};

class HistoryFixture : public ::testing::Test {
 public:
  HistoryFixture() {
    auto store = store::EmbeddedStore::Open(disk_, executor_, executor_, clock_, random_);
    EXPECT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
    history_ = std::make_unique<History>(store_->version_log());
  }

  static InstanceName Name(const std::string& id, const std::string& service = "billing") {
    return {{"default", service}, id};
  }

  // Parts of a transaction; Commit writes them a minute after the last.
  HistoryFixture& Session(const std::string& id, internal::v1::SessionState state, const Why& why) {
    internal::v1::SessionRecord record;
    record.set_id(id);
    record.set_state(state);
    return Put(SessionKeyOf(SessionId(id)), record, why);
  }
  // As who gives it another home writes it: its state is that of `old`.
  HistoryFixture& Rehomed(const Versioned<internal::v1::SessionRecord>& old) {
    internal::v1::SessionRecord record = *old.record;
    record.set_home(record.home() + "x");
    KeepState(old, record);
    return Put(SessionKeyOf(SessionId(record.id())), record,
               {old->stamp().cause(), old->stamp().actor(), old->stamp().evidence()});
  }
  HistoryFixture& Instance(const InstanceName& name, const std::string& session, const Why& why,
                           bool unready = false) {
    internal::v1::InstanceRecord record;
    record.mutable_spec()->set_namespace_(name.service.ns);
    record.mutable_spec()->set_service(name.service.service);
    record.mutable_spec()->set_id(name.id);
    record.mutable_spec()->set_start_unready(unready);
    record.set_session_id(session);
    record.set_lease_epoch(7);
    return Put(InstanceKeyOf(name), record, why);
  }
  HistoryFixture& Removed(const InstanceName& name, const std::string& session, const Why& why) {
    internal::v1::InstanceRecord record;
    record.set_session_id(session);
    record.set_removed(true);
    return Put(InstanceKeyOf(name), record, why);
  }
  HistoryFixture& Override(const InstanceName& name, v1::OverrideMode mode, const Why& why,
                           bool removed = false) {
    internal::v1::OverrideRecord record;
    record.set_mode(mode);
    record.set_removed(removed);
    return Put(OverrideKeyOf(name), record, why);
  }
  HistoryFixture& Weight(const InstanceName& name, uint32_t weight, const Why& why) {
    internal::v1::OverrideRecord record;
    record.set_weight(weight);
    return Put(OverrideKeyOf(name), record, why);
  }
  HistoryFixture& Service(const ServiceName& name, const Why& why) {
    return Put(ServiceKeyOf(name), internal::v1::ServiceRecord(), why);
  }
  HistoryFixture& Purge(const std::string& key) {
    pending_.deletes.push_back(key);
    return *this;
  }
  void Commit() {
    clock_.AdvanceBy(absl::Minutes(1));
    bool committed = false;
    store_->Commit({std::exchange(pending_, {})}, [&](std::vector<store::Outcome> outcomes) {
      committed = std::holds_alternative<store::Committed>(outcomes[0]);
    });
    executor_.RunReady();
    ASSERT_TRUE(committed);
  }
  void TrimOlderThan(absl::Duration age) {
    store_->version_log().Trim({age, uint64_t{1} << 40}, clock_.Wall(),
                               [](absl::StatusOr<uint64_t> dropped) { EXPECT_TRUE(dropped.ok()); });
    executor_.RunReady();
  }

  absl::Time At(int minutes) const { return start_ + absl::Minutes(minutes); }
  std::string Line(const v1::Change& change) const {
    const absl::Duration since = FromProto(change.time()) - start_;
    std::string line = absl::StrCat(
        change.revision(), " +", absl::FormatDuration(since), " ", change.key().service(),
        change.key().id().empty() ? "" : "/", change.key().id(), " ", StandingWord(change.from()),
        ">", StandingWord(change.to()), " ", CauseWord(change.cause()), " by ", change.actor());
    if (!change.evidence().empty()) absl::StrAppend(&line, " (", change.evidence(), ")");
    if (!change.session_id().empty()) absl::StrAppend(&line, " ", change.session_id());
    if (change.kind() != "instance") absl::StrAppend(&line, " [", change.kind(), "]");
    return line;
  }
  ChangesPage Page(const Scope& scope, absl::Time since = absl::InfinitePast(),
                   size_t limit = 1000) const {
    auto page = history_->Changes(scope, since, limit);
    EXPECT_TRUE(page.ok()) << page.status();
    return page.ok() ? *std::move(page) : ChangesPage();
  }
  std::string Told(const Scope& scope = {"default", "billing", ""},
                   absl::Time since = absl::InfinitePast(), size_t limit = 1000) const {
    std::string told = "\n";
    for (const v1::Change& change : Page(scope, since, limit).changes) {
      absl::StrAppend(&told, Line(change), "\n");
    }
    return told;
  }
  // "a1=PASSING*100@3": id, standing, effective weight, revision.
  std::vector<std::string> InstancesAt(absl::Time time) const {
    std::vector<std::string> lines;
    const auto past = history_->InstancesAt({"default", "billing", ""}, time);
    if (!past.ok()) return {absl::StatusCodeToString(past.status().code())};
    for (const v1::Instance& instance : past->instances) {
      lines.push_back(absl::StrCat(instance.spec().id(), "=", StandingWord(instance.standing()),
                                   "*", instance.effective_weight(), "@", instance.revision()));
    }
    return lines;
  }

  testing::FakeClock clock_;
  const absl::Time start_ = clock_.Wall();
  testing::ManualExecutor executor_{clock_};
  base::SeededRandom random_{7};
  store::MemoryRecordStore disk_;
  std::unique_ptr<store::EmbeddedStore> store_;
  std::unique_ptr<History> history_;

 private:
  template <typename R>
  HistoryFixture& Put(std::string key, R record, const Why& why) {
    record.mutable_stamp()->set_cause(why.cause);
    record.mutable_stamp()->set_actor(why.actor);
    record.mutable_stamp()->set_evidence(why.evidence);
    pending_.puts.push_back({std::move(key), record.SerializeAsString()});
    return *this;
  }

  store::Transaction pending_;
};

}  // namespace rollcall::history
