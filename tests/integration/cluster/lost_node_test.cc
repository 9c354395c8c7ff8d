// What is not known is not denied: nodes that went without a word, and nodes that lag.
#include <memory>

#include "gmock/gmock.h"
#include "tests/integration/cluster/cluster_test.h"

namespace rollcall::integration {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class LostNodeTest : public ClusterTest {
 protected:
  Outcome Drain(size_t i) {
    // Enough for each of its calls on a loaded machine.
    return node(i).Cli({"--timeout", "4s", "drain", "user/u1", "--wait"});
  }
};

TEST_F(LostNodeTest, ADrainNamesANodeThatIsNotPresentAnyMoreUntilItIsBack) {
  Start();
  Register(0, Registration({Spec("user", "u1")}, kLong));
  auto watch = std::make_unique<Watch>(node(1).client(), "user",
                                       WatchOptions{.will_ack = true, .client_name = "gateway-7"});
  // It has read the acknowledgement, or it would cut the watcher off for that when it goes on.
  v1::GetDrainStatusRequest known;
  *known.mutable_key() = Key("user", "u1");
  known.set_revision(watch->revision());
  ASSERT_TRUE(Eventually([&] {
    const auto status = node(0).client().Get(&v1::Operations::Stub::GetDrainStatus, known);
    return status.complete() && status.applied() == 1;
  }));
  node(1).Freeze();
  cluster().AwaitNodes(0, 2);
  cluster().AwaitNodes(2, 2);
  const Outcome lost = Drain(0);
  EXPECT_EQ(lost.exit_code, 1) << lost.out;
  EXPECT_THAT(lost.err, AllOf(HasSubstr(node(1).id()), HasSubstr("without having left")));
  // One that was not there when it went asks those that were.
  node(0).Terminate();
  node(0).Start();
  cluster().AwaitNodes(0, 2);
  const Outcome by_hearsay = Drain(0);
  EXPECT_EQ(by_hearsay.exit_code, 1) << by_hearsay.out;
  EXPECT_THAT(by_hearsay.err, AllOf(HasSubstr(node(1).id()), HasSubstr("without having left")));

  watch = nullptr;
  node(1).Thaw();
  cluster().AwaitNodes(0, 3);
  ASSERT_TRUE(Eventually([&] { return Drain(0).exit_code == 0; })) << Drain(0).err;
}

TEST_F(LostNodeTest, ADrainNamesANodeThatWasKilledButNoneThatLeft) {
  Start();
  Register(0, Registration({Spec("user", "u1")}, kLong));
  node(2).Terminate();
  cluster().AwaitNodes(0, 2);
  EXPECT_EQ(Drain(0).exit_code, 0);
  node(1).Kill();
  cluster().AwaitNodes(0, 1);
  const Outcome killed = Drain(0);
  EXPECT_EQ(killed.exit_code, 1) << killed.out;
  EXPECT_THAT(killed.err, AllOf(HasSubstr(node(1).id()), Not(HasSubstr(node(2).id()))));
}

TEST_F(LostNodeTest, ANodeThatIsCutOffFromEtcdButAliveAnswersForItself) {
  Start({.nodes = 2, .relays = true});
  Register(0, Registration({Spec("user", "u1")}, kLong));
  cluster().relay(1, 0).Drop();
  cluster().AwaitNodes(0, 1);
  v1::GetDrainStatusRequest request;
  *request.mutable_key() = Key("user", "u1");
  v1::GetDrainStatusResponse status;
  EXPECT_TRUE(Eventually([&] {
    status = node(0).client().Get(&v1::Operations::Stub::GetDrainStatus, request);
    return status.unreachable_size() == 0;
  })) << status.ShortDebugString();
}

TEST_F(LostNodeTest, ANodeThatIsCutOffDeniesNoInstance) {
  Start({.nodes = 2, .relays = true});
  RawClient own(node(1).Connect());
  Register(1, Registration({Spec("user", "u1")}, kLong));
  cluster().relay(1, 0).Drop();
  Register(0, Registration({Spec("user", "u2")}, kLong));
  v1::GetInstanceRequest request;
  *request.mutable_key() = Key("user", "u2");
  v1::GetInstanceResponse response;
  const auto ask = [&] {
    return own.Call(&v1::Discovery::Stub::GetInstance, request, response).error_code();
  };
  EXPECT_EQ(ask(), grpc::StatusCode::UNAVAILABLE);
  *request.mutable_key() = Key("user", "u1");
  EXPECT_EQ(ask(), grpc::StatusCode::OK);
  request.set_consistency(v1::CONSISTENCY_LATEST);
  EXPECT_EQ(ask(), grpc::StatusCode::UNAVAILABLE);
  cluster().relay(1, 0).Heal();
  *request.mutable_key() = Key("user", "u2");
  EXPECT_TRUE(Eventually([&] { return ask() == grpc::StatusCode::OK; }));
  *request.mutable_key() = Key("user", "u3");
  EXPECT_TRUE(Eventually([&] { return ask() == grpc::StatusCode::NOT_FOUND; }));
}

}  // namespace
}  // namespace rollcall::integration
