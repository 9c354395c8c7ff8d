// What a node knows when it comes back: from its replica, from etcd's history, or all anew.
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/integration/cluster/cluster_test.h"
#include "tests/integration/support/socket.h"

namespace rollcall::integration {
namespace {

using nlohmann::json;

class ReplicaTest : public ClusterTest {
 protected:
  void Add(size_t i, const std::string& id) {
    Register(i, Registration({Spec("user", id)}, kLong));
  }
  void Remove(size_t i, const std::string& id) {
    v1::RemoveInstanceRequest remove;
    *remove.mutable_key() = Key("user", id);
    v1::RemoveInstanceResponse ignored;
    // Who was not certain of etcd for a moment is asked again; and it may have been done then.
    EXPECT_TRUE(Eventually([&] {
      const auto code = node(i)
                            .client()
                            .Call(&v1::Operations::Stub::RemoveInstance, remove, ignored)
                            .error_code();
      return code == grpc::StatusCode::OK || code == grpc::StatusCode::NOT_FOUND;
    }));
  }
  // What etcd has forgotten cannot be caught up with.
  void CompactAll() {
    const json found = json::parse(etcd().member(0).Admin("/v3/kv/range", R"({"key": "YQ=="})"));
    const std::string revision = found.at("header").at("revision");
    etcd().member(0).Admin("/v3/kv/compaction", json{{"revision", revision}}.dump());
  }
  // Every instance, with its revision and its lease epoch.
  std::map<std::string, std::string> View(size_t i) {
    std::map<std::string, std::string> view;
    const auto listed = node(i).client().Instances("user");
    for (const v1::Instance& instance : listed.instances()) {
      view[instance.spec().id()] = absl::StrCat(instance.revision(), "/", instance.lease_epoch());
    }
    return view;
  }
  void ExpectSameView() {
    EXPECT_TRUE(Eventually([&] { return View(1) == View(0); }));
    EXPECT_EQ(View(1), View(0));
  }
};

TEST_F(ReplicaTest, ANodeThatWasDownOverACompactionShowsWhatTheOthersShow) {
  Start({.nodes = 2, .flags = {"--resume-window", "2s"}});
  for (const char* id : {"u1", "u2"}) Add(0, id);
  WatchOptions resume;
  {
    Watch watch(node(1).client(), "user");
    watch.UntilStanding("u2", v1::STANDING_PASSING);
    resume.resume_revision = watch.revision();
    resume.store_id = watch.store_id();
  }
  node(1).Kill();
  Remove(0, "u2");
  Add(0, "u3");
  CompactAll();
  node(1).Start();
  ExpectSameView();
  EXPECT_EQ(View(1).count("u2"), 0u);
  Watch watch(node(1).client(), "user", resume);
  watch.UntilStanding("u3", v1::STANDING_PASSING);
  EXPECT_EQ(watch.StandingOf("u2"), v1::STANDING_UNSPECIFIED);
  EXPECT_TRUE(watch.snapshots() > 0 || watch.removed().count("u2") > 0)
      << "the watcher still holds what was removed";
  Add(0, "u4");
  watch.UntilStanding("u4", v1::STANDING_PASSING);
}

TEST_F(ReplicaTest, ANodeThatWasDownLongerThanTheResumeWindowLoadsAnew) {
  Start({.nodes = 2, .flags = {"--resume-window", "1s"}});
  for (const char* id : {"u1", "u2"}) Add(0, id);
  WatchOptions resume;
  {
    Watch watch(node(1).client(), "user");
    watch.UntilStanding("u2", v1::STANDING_PASSING);
    resume.resume_revision = watch.revision();
    resume.store_id = watch.store_id();
  }
  node(1).Kill();
  Remove(0, "u2");
  // The nodes compact by themselves what is older than the window.
  const json old = {{"key", "YQ=="}, {"revision", absl::StrCat(resume.resume_revision)}};
  int n = 0;
  ASSERT_TRUE(Eventually([&] {
    Add(0, absl::StrCat("more", ++n % 5));
    return HttpPost(etcd().member(0).port(), "/v3/kv/range", old.dump()).status != 200;
  })) << "etcd was not compacted";
  node(1).Start();
  ExpectSameView();
  Watch watch(node(1).client(), "user", resume);
  EXPECT_TRUE(watch.snapshots() > 0 || watch.removed().count("u2") > 0)
      << "the watcher still holds what was removed";
  EXPECT_EQ(watch.StandingOf("u2"), v1::STANDING_UNSPECIFIED);
  EXPECT_EQ(View(1).count("u2"), 0u);
}

TEST_F(ReplicaTest, ANodeThatLostItsDataTakesEverythingAnew) {
  Start({.nodes = 2});
  for (const char* id : {"u1", "u2"}) Add(0, id);
  node(1).Kill();
  node(1).RemoveData();
  Add(0, "u3");
  node(1).Start();
  ExpectSameView();
  node(1).Kill();
  std::filesystem::remove_all(node(1).data() + "/replica");
  Remove(0, "u3");
  node(1).Start();
  ExpectSameView();
  EXPECT_EQ(View(1).size(), 2u);
}

TEST_F(ReplicaTest, ANodeThatStartsWithoutEtcdServesItsCopyMarkedStale) {
  Start({.nodes = 2, .relays = true});
  Session session(node(0).client(), Register(0, Registration({Spec("user", "u1")}, kLong)));
  Watch(node(1).client(), "user").UntilStanding("u1", v1::STANDING_PASSING);
  // What it wrote to its disk last is not lost with it.
  node(1).Terminate();
  cluster().relay(1, 0).Refuse();
  node(1).Launch();
  v1::ResolveRequest request;
  request.set_service("user");
  v1::ResolveResponse stale;
  // It listens a moment before it has read its copy.
  ASSERT_TRUE(Eventually(
      [&] { return node(1).client().Call(&v1::Discovery::Stub::Resolve, request, stale).ok(); }));
  EXPECT_EQ(stale.instances_size(), 1);
  EXPECT_FALSE(stale.store_reachable());
  EXPECT_TRUE(Eventually([&] { return node(1).readiness() == 503; })) << node(1).readiness();
  EXPECT_EQ(node(1).client().TryRegister(Registration({Spec("user", "n")}, kLong)).error_code(),
            grpc::StatusCode::UNAVAILABLE);
  const auto stream = OpenKeepAlive(node(1).client());
  stream->Send(OpenMessage(session.registered()));
  EXPECT_EQ(stream->End().error_code(), grpc::StatusCode::UNAVAILABLE);
  request.set_consistency(v1::CONSISTENCY_LATEST);
  v1::ResolveResponse ignored;
  EXPECT_EQ(node(1).client().Call(&v1::Discovery::Stub::Resolve, request, ignored).error_code(),
            grpc::StatusCode::UNAVAILABLE);

  Add(0, "u2");
  cluster().relay(1, 0).Heal();
  node(1).AwaitReady();
  ExpectSameView();
  EXPECT_TRUE(Eventually([&] { return node(1).readiness() == 200; }));
  session.Reopen(node(1).client());
  session.Beat();
  cluster().AwaitNodes(0, 2);
}

}  // namespace
}  // namespace rollcall::integration
