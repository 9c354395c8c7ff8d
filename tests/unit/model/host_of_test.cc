#include "server/model/host_of.h"

#include <gtest/gtest.h>

namespace rollcall {
namespace {

TEST(HostOfTest, LeavesOutThePort) {
  EXPECT_EQ(HostOf("10.0.0.7:7400"), "10.0.0.7");
  EXPECT_EQ(HostOf("localhost:0"), "localhost");
  EXPECT_EQ(HostOf("[::1]:7400"), "[::1]");
  EXPECT_EQ(HostOf("ipv4:10.0.0.7:41233"), "ipv4:10.0.0.7");
  EXPECT_EQ(HostOf("ipv6:%5B::1%5D:41233"), "ipv6:%5B::1%5D");
}

TEST(HostOfTest, WhatHasNoPortStays) {
  EXPECT_EQ(HostOf("unix:/run/rollcall.sock"), "unix:/run/rollcall.sock");
  EXPECT_EQ(HostOf("unix:"), "unix:");
  EXPECT_EQ(HostOf("client"), "client");
  EXPECT_EQ(HostOf(""), "");
}

}  // namespace
}  // namespace rollcall
