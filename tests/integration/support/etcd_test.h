// EtcdTest: a test that needs etcd. ROLLCALL_SKIP_ETCD=1 skips it, and says so; without etcd it
// fails and says what to install.
#pragma once

#include <cstdlib>
#include <iostream>
#include <string>

#include "gtest/gtest.h"
#include "tests/integration/support/etcd_cluster.h"

namespace rollcall::integration {

class EtcdTest : public ::testing::Test {
 protected:
  // Derived classes start what they need after this in their own SetUp, with:
  // EtcdTest::SetUp(); if (IsSkipped()) return;
  void SetUp() override { NeedEtcd(); }

  // Of a single test: NeedEtcd(); if (IsSkipped()) return;
  static void NeedEtcd() {
    const char* skip = std::getenv("ROLLCALL_SKIP_ETCD");
    if (skip != nullptr && std::string(skip) == "1") {
      std::cerr << "NOT TESTED against etcd: ROLLCALL_SKIP_ETCD=1 is set\n";
      GTEST_SKIP() << "ROLLCALL_SKIP_ETCD=1 is set: nothing is tested against etcd";
    }
    if (EtcdProgram().empty()) {
      Fail(
          "there is no etcd in PATH: run deploy/install-deps.sh --with-test-tools, "
          "or set ROLLCALL_SKIP_ETCD=1 to go without these tests");
    }
  }
};

}  // namespace rollcall::integration
