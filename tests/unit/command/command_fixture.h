// CommandTest: commands decided on a catalog, and their changes applied to it, one revision each.
//
// Every change is checked for what the committer relies on: each key that is guarded or written was
// named by Keys() (as written, if it is), each written key is guarded at what stands there, and no
// key is written twice.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/catalog/catalog.h"
#include "server/command/deregister.h"
#include "server/command/register.h"
#include "server/command/session_commands.h"
#include "server/model/keys.h"
#include "tests/support/records.h"

namespace rollcall::command {

using rollcall::testing::Name;
using rollcall::testing::SpecOf;
using rollcall::testing::StaticSpecOf;

// What becomes of a session, shorter.
using internal::v1::SessionState;
inline constexpr SessionState kLive = internal::v1::SESSION_STATE_LIVE;
inline constexpr SessionState kSuspect = internal::v1::SESSION_STATE_SUSPECT;
inline constexpr SessionState kLeaving = internal::v1::SESSION_STATE_LEAVING;
inline constexpr SessionState kEnded = internal::v1::SESSION_STATE_ENDED;

struct Result {
  absl::Status status;
  bool changed = false;
  std::vector<uint64_t> epochs;  // of a Register
};

class CommandTest : public ::testing::Test {
 protected:
  static constexpr char kWriteId[] = "0123456789abcdef";

  CommandTest() { catalog_.Publish(Revision(10)); }

  static SessionClaim Claim(const std::string& id) {
    return {.id = SessionId(id),
            .secret = id + "-secret",
            .open_ttl = absl::Seconds(10),
            .home = "node-1",
            .client_name = id + "-client"};
  }
  static SessionProof Proof(const std::string& id) { return {SessionId(id), id + "-secret"}; }

  Result Run(Command& command) {
    const std::vector<KeyUse> keys = command.Keys(catalog_);
    Decision decision = command.Decide(catalog_, {now_, kWriteId});
    if (const auto* refusal = std::get_if<absl::Status>(&decision)) return {*refusal, false, {}};
    if (std::holds_alternative<Nothing>(decision)) return {absl::OkStatus(), false, {}};
    const Change& change = std::get<Change>(decision);
    Check(change, keys);
    ApplyChange(change);
    return {absl::OkStatus(), true, {}};
  }
  Result Run(Command&& command) { return Run(command); }
  Result Run(Register&& command) {
    Result result = Run(static_cast<Command&>(command));
    for (const LeaseEpoch epoch : command.lease_epochs()) result.epochs.push_back(epoch.value());
    return result;
  }

  Result RegisterSpecs(const std::string& session, std::vector<v1::InstanceSpec> specs) {
    return Run(Register(Claim(session), std::move(specs), "tester"));
  }
  Result RegisterOne(const std::string& session, const std::string& id) {
    return RegisterSpecs(session, {SpecOf("web", id)});
  }
  Result RegisterStatic(const std::string& id) {
    return Run(Register(std::nullopt, {StaticSpecOf("web", id)}, "tester"));
  }
  Result Move(const std::string& session, internal::v1::SessionState to,
              v1::Cause cause = v1::CAUSE_EXPIRED) {
    return Run(MoveSession(SessionId(session), to, {cause, "node-1", "seen"}, NodeId("node-1")));
  }

  // What nobody can read, past all validation.
  void Damage(const std::string& key) {
    const Revision revision(catalog_.applied().value() + 1);
    stands_[key] = revision;
    EXPECT_FALSE(catalog_.Apply(key, revision, "\xff\xff").ok());
    catalog_.Publish(revision);
  }

  // The session that holds an instance; "-" if nobody does.
  std::string OwnerOf(const std::string& id, const std::string& service = "web") const {
    const auto record = catalog_.Instance(Name(service, id));
    return record.exists() && !record->removed() ? record->session_id() : "-";
  }
  // Of the last change of an instance, as history will tell it.
  internal::v1::Stamp StampOf(const std::string& id) const { return stamps_.at(Name("web", id)); }
  internal::v1::SessionState StateOf(const std::string& session) const {
    return catalog_.SessionStateOf(SessionId(session));
  }
  size_t LostBy(const std::string& session) const {
    return static_cast<size_t>(catalog_.Session(SessionId(session))->lost_size());
  }

  catalog::ViewTable views_{StoreId("store")};
  catalog::Catalog catalog_{views_};
  absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);

 private:
  Revision StandsAt(const std::string& key) const {
    const auto at = stands_.find(key);
    return at == stands_.end() ? Revision(0) : at->second;
  }
  void Check(const Change& change, const std::vector<KeyUse>& keys) const {
    std::map<std::string, bool> named;
    for (const KeyUse& use : keys) named[use.key] |= use.write;
    std::set<std::string> guarded;
    for (const Change::Guard& guard : change.guards) {
      EXPECT_TRUE(named.contains(guard.key)) << guard.key << " is guarded but was not named";
      EXPECT_EQ(guard.revision, StandsAt(guard.key)) << guard.key;
      guarded.insert(guard.key);
    }
    std::set<std::string> written;
    const auto check_write = [&](const std::string& key) {
      EXPECT_TRUE(written.insert(key).second) << key << " is written twice";
      EXPECT_TRUE(named[key]) << key << " is written but was not named so";
      EXPECT_TRUE(guarded.contains(key)) << key << " is written without a guard";
    };
    for (const Change::Put& put : change.puts) check_write(put.key);
    for (const std::string& key : change.deletes) check_write(key);
  }
  void ApplyChange(const Change& change) {
    const Revision revision(catalog_.applied().value() + 1);
    for (const Change::Put& put : change.puts) {
      stands_[put.key] = revision;
      EXPECT_TRUE(catalog_.Apply(put.key, revision, put.value).ok());
      internal::v1::InstanceRecord record;
      const auto name = ParseKey(put.key);
      if (const auto* instance = std::get_if<InstanceName>(&*name)) {
        EXPECT_TRUE(record.ParseFromString(put.value));
        stamps_[*instance] = record.stamp();
        EXPECT_EQ(record.stamp().write_id(), kWriteId);
      }
    }
    for (const std::string& key : change.deletes) {
      stands_.erase(key);
      EXPECT_TRUE(catalog_.Apply(key, revision, std::nullopt).ok());
    }
    catalog_.Publish(revision);
  }

  std::map<std::string, Revision> stands_;
  std::map<InstanceName, internal::v1::Stamp> stamps_;
};

MATCHER_P2(Refused, code, part, "") {
  *result_listener << arg.status;
  return arg.status.code() == code &&
         std::string(arg.status.message()).find(part) != std::string::npos;
}
MATCHER(Changed, "") {
  *result_listener << arg.status;
  return arg.status.ok() && arg.changed;
}
MATCHER(LeftAsItIs, "") {
  *result_listener << arg.status;
  return arg.status.ok() && !arg.changed;
}

}  // namespace rollcall::command
