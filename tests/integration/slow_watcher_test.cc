// Watchers that do not keep up are cut off, with the reason, and nobody else notices. Slow by its
// nature: the limit is ten seconds.
#include <iostream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/support/registry.h"
#include "tests/integration/support/session.h"
#include "tests/integration/support/watch.h"

namespace rollcall::integration {
namespace {

v1::WatchRequest SubscribeTo(const std::string& service, bool will_ack) {
  v1::WatchRequest request;
  request.mutable_subscribe()->set_id(1);
  request.mutable_subscribe()->set_service(service);
  request.mutable_subscribe()->set_will_ack(will_ack);
  return request;
}

// A client that takes almost nothing off the wire unless it reads.
grpc::ChannelArguments SmallWindow() {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 65536);
  return arguments;
}

std::vector<v1::InstanceSpec> Large(int count) {
  std::vector<v1::InstanceSpec> specs;
  for (int i = 0; i < count; ++i) {
    specs.push_back(Spec("big", absl::StrCat("b", i)));
    (*specs.back().mutable_metadata())["blob"] = std::string(15000, 'x');
  }
  return specs;
}

TEST(SlowWatcherTest, OneThatDoesNotReadAndOneThatDoesNotAcknowledgeAreCutOffAndOthersAreNot) {
  Registry registry;
  RawClient writer(registry);
  writer.Register(Registration(Large(200), kLong));  // 3 MB
  writer.Register(Registration({Spec("user", "u1")}, kLong));
  Watch healthy(writer, "user");

  RawClient mute(registry);
  const auto silent = OpenWatch(mute);
  RawClient deaf_client(registry.Connect(SmallWindow()));
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + 2 * kSoon));
  const auto deaf = v1::Discovery::NewStub(deaf_client.channel())->Watch(&context);
  const Stopwatch since_start;
  ASSERT_TRUE(deaf->Write(SubscribeTo("big", false)));
  ASSERT_TRUE(silent->Send(SubscribeTo("user", true)));
  silent->Await("snapshot", [](const auto& m) { return m.caught_up(); });

  // Others hear of changes as ever.
  for (int i = 0; i < 20; ++i) {
    v1::InstanceSpec spec = Spec("user", "u1");
    spec.set_weight(i + 1);
    const Stopwatch since_write;
    writer.Register(Registration({spec}, kLong));
    healthy.Until("the weight", [&](const Watch& w) {
      return w.instances().at("u1").spec().weight() == static_cast<uint32_t>(i + 1);
    });
    // Nobody waits for those that are slow.
    EXPECT_LT(since_write.elapsed(), absl::Seconds(8));
  }

  const grpc::Status not_acknowledging = silent->End();
  EXPECT_EQ(not_acknowledging.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(not_acknowledging.error_message(), ::testing::HasSubstr("acknowledge"));
  const absl::Duration silent_for = since_start.elapsed();

  EXPECT_TRUE(
      Eventually([&] { return writer.Get(&v1::Operations::Stub::GetStatus, {}).watchers() == 1; }));
  const absl::Duration deaf_for = since_start.elapsed();
  // It learns of it when it reads on.
  v1::WatchResponse unread;
  while (deaf->Read(&unread)) {
  }
  const grpc::Status not_reading = deaf->Finish();
  EXPECT_THAT(not_reading.error_code(),
              ::testing::AnyOf(grpc::StatusCode::CANCELLED, grpc::StatusCode::RESOURCE_EXHAUSTED))
      << not_reading.error_message();
  std::cout << "measured: cut off after " << silent_for << " without acknowledging, " << deaf_for
            << " without reading (\"" << not_reading.error_message() << "\")\n";
  EXPECT_GE(silent_for, absl::Seconds(10));
  EXPECT_LT(silent_for, absl::Seconds(30));
  EXPECT_GE(deaf_for, absl::Seconds(9));
  EXPECT_LT(deaf_for, absl::Seconds(30));
  writer.Register(Registration({Spec("user", "u2")}, kLong));
  healthy.UntilStanding("u2", v1::STANDING_PASSING);
}

TEST(SlowWatcherTest, ACursorThatFallsBehindGetsTheNewestStateNotABacklog) {
  Registry registry;
  RawClient writer(registry);
  writer.Register(Registration({Spec("user", "u1")}, kLong));
  Watch watch(writer, "user");
  const int before = watch.told();
  for (int i = 1; i <= 300; ++i) {
    v1::InstanceSpec spec = Spec("user", "u1");
    spec.set_weight(i);
    writer.Register(Registration({spec}, kLong));
  }
  uint64_t last = 0;
  watch.Until("weight 300", [&](const Watch& w) {
    const uint64_t now = w.instances().at("u1").spec().weight();
    EXPECT_GE(now, last == 100 ? 0 : last) << "an older state after a newer one";
    last = now;
    return now == 300;
  });
  EXPECT_LE(watch.told() - before, 300);
}

}  // namespace
}  // namespace rollcall::integration
