// ClusterTest: three nodes over etcd, and a watcher that remembers whatever it is told.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/integration/support/cluster_registry.h"
#include "tests/integration/support/etcd_test.h"
#include "tests/integration/support/session.h"
#include "tests/integration/support/watch.h"

namespace rollcall::integration {

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
  // Until something written now, at node `i`, is told to the watcher: all before it was told, too.
  void Flush(size_t i, Watch& watch) {
    v1::InstanceSpec spec = Spec("user", "flush-" + std::to_string(++flushes_));
    spec.set_lifetime(v1::LIFETIME_STATIC);
    v1::RegisterRequest request;
    *request.add_instances() = spec;
    node(i).client().Register(request);
    watch.UntilStanding(spec.id(), v1::STANDING_PASSING);
  }
  int flushes() const { return flushes_; }

 private:
  std::unique_ptr<EtcdCluster> etcd_;
  std::unique_ptr<ClusterRegistry> cluster_;
  int flushes_ = 0;
};

}  // namespace rollcall::integration
