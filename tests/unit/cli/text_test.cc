// The texts that people read, as a whole.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/print/changes_text.h"
#include "cli/print/cluster_text.h"
#include "cli/print/instances_text.h"
#include "cli/print/operations_text.h"
#include "cli/print/story_text.h"
#include "cli/print/times.h"
#include "google/protobuf/text_format.h"

namespace rollcall::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

template <typename Message>
Message Parse(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

// 2026-01-31 12:00:00 UTC.
constexpr int64_t kNoon = 1769860800;
const Look kLook{absl::FromUnixSeconds(kNoon)};

constexpr char kTwoInstances[] = R"(
  instances {
    spec { service: "user" id: "u1" endpoints { address: "10.0.0.1" port: 9000 } version: "1.2"
           locality { region: "eu" zone: "a" } metadata { key: "team" value: "core" } }
    standing: STANDING_PASSING effective_weight: 100 lease_epoch: 7 revision: 12
    last_change { time { seconds: 1769860797 } cause: CAUSE_REGISTERED }
  }
  instances {
    spec { service: "user" id: "u2" endpoints { name: "grpc" address: "::1" port: 9000 } }
    standing: STANDING_SUSPECT effective_weight: 5
    last_change { time { seconds: 1769860800 } cause: CAUSE_STREAM_BROKEN
                  evidence: "connection reset" }
  }
  revision: 13 store_id: "s1")";

TEST(InstancesTextTest, ShowsStandingWithoutPrefixAgeAndWhy) {
  const auto listed = Parse<v1::ListInstancesResponse>(kTwoInstances);
  EXPECT_EQ(InstancesText(listed.instances(), kLook),
            "ID  STANDING  WEIGHT  ENDPOINTS        ZONE  VERSION  SINCE   WHY\n"
            "u1  PASSING      100  10.0.0.1:9000    a     1.2      3s ago  registered\n"
            "u2  SUSPECT        5  grpc=[::1]:9000  -     -        now     stream broken: "
            "connection reset\n");
}

TEST(InstancesTextTest, WideAddsColumns) {
  const auto listed = Parse<v1::ListInstancesResponse>(kTwoInstances);
  Look look = kLook;
  look.wide = true;
  const std::string text = InstancesText(listed.instances(), look);
  EXPECT_THAT(text, HasSubstr("LIFETIME"));
  EXPECT_THAT(text, HasSubstr("eu/a"));
  EXPECT_THAT(text, HasSubstr("team=core"));
}

TEST(ResolvedTextTest, SaysWhenItFailsOpen) {
  auto resolved = Parse<v1::ResolveResponse>(kTwoInstances);
  resolved.set_store_reachable(true);
  EXPECT_THAT(ResolvedText(resolved, kLook), HasSubstr("fail open"));
  resolved.mutable_instances()->RemoveLast();
  EXPECT_THAT(ResolvedText(resolved, kLook), ::testing::Not(HasSubstr("fail open")));
}

TEST(ServicesTextTest, CountsByStanding) {
  const auto services = Parse<v1::ListServicesResponse>(
      R"(services { namespace: "default" service: "user" instances: 3 passing: 2 suspect: 1 })");
  EXPECT_EQ(ServicesText(services, kLook),
            "SERVICE  INSTANCES  PASSING  SUSPECT  CRITICAL  STARTING  DRAINING  OUT_OF_SERVICE\n"
            "user             3        2        1         0         0         0               0\n");
}

v1::BrakeInfo Brake() {
  return Parse<v1::BrakeInfo>(R"(
      namespace: "default" service: "user" zone: "a" since { seconds: 1769860740 }
      until { seconds: 1769861640 } would_go: 5 at_window_start: 10 share: 0.5 held: 4)");
}

TEST(BrakeLineTest, SaysHowToLiftIt) {
  EXPECT_EQ(
      BrakeLine(Brake(), kLook),
      "Eviction brake engaged for user in zone a since 60s ago: 5 of 10 (50%) would go within "
      "the window, 4 evictions held as SUSPECT until 2026-01-31 12:14:00 at the "
      "latest. Lift it: rollcall brake release user");
}

TEST(NodesTextTest, ShowsLoadStateAndMarks) {
  const auto nodes = Parse<v1::ListNodesResponse>(R"(
    nodes { id: "n1" grpc_address: "10.0.0.1:7400" http_address: "10.0.0.1:7401" version: "0.3.0"
            started { seconds: 1769853600 } sessions: 40 streams: 41 watchers: 7 ready: true
            is_sweeper: true is_self: true audit_revision: 99 audit: NODE_AUDIT_AGREES }
    nodes { id: "n2" grpc_address: "10.0.0.2:7400" version: "0.3.0"
            started { seconds: 1769860790 } audit: NODE_AUDIT_UNKNOWN load_age { seconds: 3 } }
    nodes { id: "n3" ready: true draining: true audit: NODE_AUDIT_DIFFERS })");
  EXPECT_EQ(NodesText(nodes, kLook),
            "ID  ADDRESS        VERSION  UPTIME  SESSIONS  WATCHERS  STATE     AUDIT\n"
            "n1  10.0.0.1:7400  0.3.0    2h            40         7  ready     agrees   sweeper, "
            "asked\n"
            "n2  10.0.0.2:7400  0.3.0    10s            0         0  starting  -\n"
            "n3  -              -        -              0         0  draining  DIFFERS\n");
  Look wide = kLook;
  wide.wide = true;
  const std::string text = NodesText(nodes, wide);
  for (const char* word : {"HTTP", "10.0.0.1:7401", "STREAMS", "41", "3s ago", "99"}) {
    EXPECT_THAT(text, HasSubstr(word));
  }
}

TEST(StatusTextTest, ShowsTheStoresMembersTheirSizesAndAlarms) {
  const auto status = Parse<v1::GetStatusResponse>(R"(
    node_id: "n1" store: "etcd" store_reachable: true ready: true store_quota: 2147483648
    store_members { endpoint: "http://e1:2379" reachable: true version: "3.4.23" db_size: 2621440
                    db_size_in_use: 900 leader: true }
    store_members { endpoint: "http://e2:2379" reachable: true version: "3.4.23"
                    db_size: 21474836 alarms: "NOSPACE" }
    store_members { endpoint: "http://e3:2379" error: "connection refused" })");
  const std::string text = StatusText(status, kLook);
  EXPECT_THAT(text, HasSubstr("http://e1:2379  3.4.23   2.5 MiB   900 B  leader    -\n"));
  EXPECT_THAT(text, HasSubstr("http://e2:2379  3.4.23    20 MiB     0 B  follower  NOSPACE\n"));
  EXPECT_THAT(text, HasSubstr("unreachable: connection refused\n"));
  EXPECT_THAT(text, HasSubstr("The store refuses writes at 2.0 GiB.\n"));
}

TEST(StatusTextTest, OneMachineHasNoMembersToShow) {
  const auto status = Parse<v1::GetStatusResponse>(R"(node_id: "n1" store: "embedded")");
  EXPECT_THAT(StatusText(status, kLook), Not(HasSubstr("MEMBER")));
}

TEST(BytesTextTest, HasTwoDigitsAtLeastAndAUnit) {
  EXPECT_EQ(BytesText(0), "0 B");
  EXPECT_EQ(BytesText(1023), "1023 B");
  EXPECT_EQ(BytesText(1536), "1.5 KiB");
  EXPECT_EQ(BytesText(uint64_t{300} << 20), "300 MiB");
  EXPECT_EQ(BytesText(uint64_t{5000} << 40), "5000 TiB");
}

TEST(DrainTextTest, NamesNodesThatDoNotAnswer) {
  v1::InstanceKey key;
  key.set_service("user");
  key.set_id("u1");
  EXPECT_EQ(DrainText(key, Parse<v1::GetDrainStatusResponse>(
                               R"(applied: 1 laggards { client_name: "gw" peer: "p" node_id: "n1" }
                                  unreachable { id: "n2" address: "h:1" why: "no answer" })")),
            "user/u1 is not drained everywhere: 1 watcher applied it, waiting for gw (p) on n1 0ms "
            "behind; nodes that do not answer: n2 (h:1): no answer");
  EXPECT_EQ(DrainText(key, Parse<v1::GetDrainStatusResponse>(
                               R"(unreachable { id: "n2" address: "h:1" why: "no answer"
                                                gone_for { seconds: 12 } })")),
            "user/u1 is not drained everywhere: 0 watchers applied it; nodes that do not answer: "
            "n2 (h:1), gone for 12s without having left: no answer");
}

TEST(DrainTextTest, NamesLaggards) {
  v1::InstanceKey key;
  key.set_service("user");
  key.set_id("u1");
  EXPECT_EQ(DrainText(key, Parse<v1::GetDrainStatusResponse>("complete: true applied: 3")),
            "user/u1 is drained: 3 watchers applied it");
  EXPECT_EQ(DrainText(key, Parse<v1::GetDrainStatusResponse>(
                               R"(applied: 1 silent: 1 laggards { client_name: "gw" peer: "p"
                                  behind { seconds: 4 } })")),
            "user/u1 is not drained everywhere: 1 watcher applied it, waiting for gw (p) 4s "
            "behind; not waited for: 1 silent watcher");
}

TEST(ServiceSpecTextTest, TellsSetValuesFromDefaults) {
  const auto spec = Parse<v1::ServiceSpec>(
      R"(service: "user" eviction_brake { share: 0.25 window_seconds: 90 })");
  EXPECT_EQ(ServiceSpecText(spec, kLook),
            "service          user\n"
            "brake enabled    yes (default)\n"
            "brake share      0.25\n"
            "brake more than  3 (default)\n"
            "brake window     1m30s\n"
            "brake max hold   15m (default)\n");
}

TEST(WatchLineTest, MarksTheSnapshotAndShowsFromToAndWhy) {
  WatchEvent event;
  event.kind = WatchEvent::Kind::kSnapshot;
  event.time = kLook.now;
  event.key.set_service("user");
  event.key.set_id("u1");
  event.to = v1::STANDING_PASSING;
  event.why = "registered";
  EXPECT_EQ(WatchLine(event, kLook),
            "snapshot      user/u1               PASSING                   registered\n");
  event.kind = WatchEvent::Kind::kChanged;
  event.from = v1::STANDING_PASSING;
  event.to = v1::STANDING_SUSPECT;
  event.why = "stream broken";
  EXPECT_EQ(WatchLine(event, kLook),
            "12:00:00.000  user/u1               PASSING → SUSPECT         stream broken\n");
}

TEST(HistoryTextTest, ShowsOneLineEach) {
  const auto history = Parse<v1::GetHistoryResponse>(R"(
      changes { revision: 3 time { seconds: 1769860800 } kind: "instance"
                key { service: "user" id: "u1" } from: STANDING_SUSPECT cause: CAUSE_EXPIRED
                actor: "n1" evidence: "no heartbeat for 10s" })");
  EXPECT_EQ(HistoryText(history, kLook),
            "TIME                     REVISION  WHAT     CHANGE          CAUSE    BY  EVIDENCE\n"
            "2026-01-31 12:00:00.000         3  user/u1  SUSPECT → gone  expired  n1  "
            "no heartbeat for 10s\n");
  EXPECT_EQ(HistoryText({}, kLook), "No changes.\n");
}

TEST(ChangeSentenceTest, EveryCauseMakesASentence) {
  for (int cause = 0; cause < v1::Cause_ARRAYSIZE; ++cause) {
    v1::Change change;
    change.set_cause(static_cast<v1::Cause>(cause));
    change.set_from(v1::STANDING_PASSING);
    change.set_to(v1::STANDING_SUSPECT);
    const std::string sentence = ChangeSentence(change);
    EXPECT_THAT(sentence, HasSubstr(": from PASSING to SUSPECT.")) << sentence;
    EXPECT_EQ(cause == 0, sentence.find("It changed") == 0) << sentence;
  }
}

TEST(ChangeSentenceTest, ARemovalIsSaidOnce) {
  EXPECT_EQ(
      ChangeSentence(Parse<v1::Change>(
          R"(cause: CAUSE_EXPIRED from: STANDING_SUSPECT evidence: "last heartbeat 3s ago")")),
      "Its session passed its deadline without a heartbeat, so it was removed; it had been "
      "SUSPECT. Seen: last heartbeat 3s ago.");
  EXPECT_EQ(ChangeSentence(
                Parse<v1::Change>(R"(cause: CAUSE_REMOVED from: STANDING_PASSING actor: "ann")")),
            "An operator (ann) removed it; it had been PASSING.");
}

TEST(ChangeSentenceTest, WhatAnOperatorSaidIsAReason) {
  const auto change = Parse<v1::Change>(R"(
      cause: CAUSE_REMOVED actor: "ann" evidence: "disk swap" from: STANDING_PASSING)");
  EXPECT_EQ(ChangeSentence(change),
            "An operator (ann) removed it; it had been PASSING. Reason: disk swap.");
}

TEST(StoryTextTest, TellsWhatHappenedAndWhereItStands) {
  const auto explained = Parse<v1::ExplainResponse>(R"(
      changes { time { seconds: 1769860700 } from: STANDING_UNSPECIFIED to: STANDING_PASSING
                cause: CAUSE_REGISTERED actor: "user@host-7" }
      changes { time { seconds: 1769860797 } from: STANDING_PASSING to: STANDING_SUSPECT
                cause: CAUSE_STREAM_BROKEN evidence: "connection reset" }
      instance { spec { service: "user" id: "u1" endpoints { address: "h" port: 1 } }
                 standing: STANDING_SUSPECT effective_weight: 100
                 last_change { time { seconds: 1769860797 } } }
      served: false served_because: "enough other instances are passing"
      override { weight: 10 actor: "ann" reason: "slow disk" }
      session { id: "0123456789abcdef" client_name: "user@host-7" state: "suspect"
                ttl { seconds: 10 } since_beat { seconds: 3 } })");
  v1::InstanceKey key;
  key.set_service("user");
  key.set_id("u1");
  EXPECT_EQ(StoryText(key, explained, kLook),
            "2026-01-31\n"
            "11:58:20.000  It was registered by user@host-7; it stood PASSING.\n"
            "11:59:57.000  Its session's stream broke without goodbye: from PASSING to SUSPECT. "
            "Seen: connection reset.\n"
            "\n"
            "Now user/u1 is SUSPECT since 2026-01-31 11:59:57 (3s ago), at h:1 with weight 100.\n"
            "Callers are not told to use it: enough other instances are passing.\n"
            "An override holds: weight 10 by ann, \"slow disk\", until cleared.\n"
            "Its session 01234567 of user@host-7 is suspect and not connected; the last heartbeat "
            "came 3s ago; it lives 10s without one.\n");
}

TEST(StoryTextTest, SomethingGoneSaysSo) {
  v1::ExplainResponse explained;
  v1::InstanceKey key;
  key.set_namespace_("shop");
  key.set_service("user");
  key.set_id("u1");
  EXPECT_EQ(StoryText(key, explained, kLook), "Now shop:user/u1 is not registered.\n");
}

}  // namespace
}  // namespace rollcall::cli
