// ClusterTest: three nodes over etcd, and a watcher that remembers whatever it is told.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "client-sdk/base/random.h"
#include "gtest/gtest.h"
#include "tests/integration/support/cluster_registry.h"
#include "tests/integration/support/etcd_test.h"
#include "tests/integration/support/session.h"
#include "tests/integration/support/watch.h"

namespace rollcall::integration {

// What the caller of a write gives it, and when it is answered on a loaded machine.
inline constexpr absl::Duration kDeadline = absl::Seconds(2);
inline constexpr absl::Duration kRefusalLimit = absl::Seconds(12);
// Of sessions that must be suspected by nobody: a process that beats each third of it, and is
// suspected after two, may stand still for two seconds on a loaded machine.
inline constexpr absl::Duration kLivelyTtl = absl::Seconds(6);

class ClusterTest : public EtcdTest {
 protected:
  void SetUp() override { EtcdTest::SetUp(); }

  // etcd and its nodes; not when the test is skipped.
  void Start(ClusterOptions options = {}, EtcdOptions members = {}) {
    etcd_ = std::make_unique<EtcdCluster>(members);
    cluster_ = std::make_unique<ClusterRegistry>(*etcd_, std::move(options));
  }
  EtcdCluster& etcd() { return *etcd_; }
  ClusterRegistry& cluster() { return *cluster_; }
  ClusterNode& node(size_t i) { return cluster_->node(i); }

  // Processes with the SDK, at home at node `i`, named PREFIX0, PREFIX1, …
  std::vector<std::unique_ptr<Process>> StartInstances(size_t i, const std::string& prefix,
                                                       int count, absl::Duration ttl) {
    std::vector<std::unique_ptr<Process>> instances;
    instances.reserve(static_cast<size_t>(count));
    for (int n = 0; n < count; ++n) {
      instances.push_back(
          StartInstance(node(i).address(), "user", prefix + std::to_string(n), ttl));
    }
    return instances;
  }
  // Registers at a node. A node that was not certain of etcd for a second refuses, and one whose
  // connection broke does not know: so it is asked again then, for the same session.
  v1::RegisterResponse Register(size_t i, v1::RegisterRequest request) {
    if (request.open() && request.session_id().empty()) {
      request.set_session_id(random_.Hex128());
      request.set_session_secret(random_.Hex128());
    }
    v1::RegisterResponse response;
    grpc::Status status;
    Eventually([&] {
      status = node(i).client().Call(&v1::Registry::Stub::Register, request, response);
      return status.error_code() != grpc::StatusCode::UNAVAILABLE;
    });
    Require(status, "Register");
    response.set_session_id(request.session_id());
    response.set_session_secret(request.session_secret());
    return response;
  }
  // Waits until a node shows this many instances of a service: it may lag behind the others.
  ::testing::AssertionResult Shows(size_t i, const std::string& service, int count) {
    int seen = -1;
    if (Eventually([&] {
          seen = node(i).client().Instances(service).instances_size();
          return seen == count;
        })) {
      return ::testing::AssertionSuccess();
    }
    return ::testing::AssertionFailure()
           << "node " << i << " shows " << seen << " instances of " << service;
  }
  ::testing::AssertionResult ReachesStore(size_t i) {
    if (Eventually([&] { return node(i).Status().store_reachable(); })) {
      return ::testing::AssertionSuccess();
    }
    return ::testing::AssertionFailure() << "node " << i << " does not reach its store";
  }
  // Until something written now, at node `i`, is told to the watcher: all before it was told, too.
  void Flush(size_t i, Watch& watch) {
    v1::InstanceSpec spec = Spec("user", "flush-" + std::to_string(++flushes_));
    spec.set_lifetime(v1::LIFETIME_STATIC);
    v1::RegisterRequest request;
    *request.add_instances() = spec;
    Register(i, request);
    watch.UntilStanding(spec.id(), v1::STANDING_PASSING);
  }
  int flushes() const { return flushes_; }

  static v1::RegisterRequest Fixed(const std::string& id, const std::string& metadata = "") {
    v1::RegisterRequest request;
    v1::InstanceSpec& spec = *request.add_instances();
    spec = Spec("fixed", id);
    spec.set_lifetime(v1::LIFETIME_STATIC);
    if (!metadata.empty()) (*spec.mutable_metadata())["k"] = metadata;
    return request;
  }
  grpc::Status Write(size_t i, const v1::RegisterRequest& request) {
    v1::RegisterResponse ignored;
    return node(i).client().Call(&v1::Registry::Stub::Register, request, ignored, kDeadline);
  }
  // The node's own answer, before the caller's time is over: nobody knows, or nothing was done.
  static bool Undecided(const grpc::Status& status) {
    return status.error_code() == grpc::StatusCode::UNAVAILABLE ||
           status.error_message().find("nothing was done") != std::string::npos;
  }
  // Writes at a node until it is acknowledged; whatever else it is answered comes in time and says
  // that the outcome is not known. (The node answers a tenth of a second before the caller's time
  // is over; on a loaded machine the caller's own end may come first.)
  void WriteAtLast(size_t i, const std::string& id, absl::Duration limit = kSoon) {
    const bool written = Eventually(
        [&] {
          const Stopwatch asked;
          const grpc::Status status = Write(i, Fixed(id));
          EXPECT_LT(asked.elapsed(), kRefusalLimit);
          if (status.ok()) return true;
          EXPECT_TRUE(Undecided(status) ||
                      status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED)
              << status.error_message();
          return false;
        },
        limit);
    EXPECT_TRUE(written) << id;
  }

 private:
  std::unique_ptr<EtcdCluster> etcd_;
  std::unique_ptr<ClusterRegistry> cluster_;
  base::SecureRandom random_;
  int flushes_ = 0;
};

}  // namespace rollcall::integration
