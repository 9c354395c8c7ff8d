// Registry and Discovery as a client sees them, but for the network.
#include "server/rpc/discovery_handler.h"
#include "server/rpc/registry_handler.h"
#include "tests/support/core_fixture.h"

namespace rollcall::rpc {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using enum absl::StatusCode;

class TextFrame final : public feed::Frame {
 public:
  explicit TextFrame(std::string text) : bytes(std::move(text)) {}
  size_t size() const override { return bytes.size(); }
  const std::string bytes;
};

class HandlersTest : public testing::CoreTest {
 protected:
  HandlersTest()
      : catch_up_(*store_, *replica_, executor_, clock_),
        commands_(*committer_, catch_up_),
        closer_(*committer_, commands_, *catalog_, clock_, NodeId("node-1")),
        registrations_(commands_),
        registry_(executor_, registrations_, closer_, commands_, random_,
                  {absl::Seconds(1), absl::Minutes(10), absl::Seconds(10)}, store_->id(),
                  NodeId("node-1")),
        reads_(*views_, executor_, clock_, *replica_, catch_up_),
        discovery_(
            *views_, reads_,
            [](std::string bytes) { return std::make_shared<TextFrame>(std::move(bytes)); },
            [this] { return age_; }) {}

  template <typename Response>
  using Slot = std::shared_ptr<std::optional<absl::StatusOr<Response>>>;

  Call CallWithin(absl::Duration d = absl::Seconds(30)) {
    return {clock_.Steady() + d, "10.0.0.9:1", nullptr};
  }
  Slot<v1::RegisterResponse> Ask(v1::RegisterRequest request) {
    auto slot = std::make_shared<std::optional<absl::StatusOr<v1::RegisterResponse>>>();
    registry_.Register(std::move(request), CallWithin(), [slot](auto a) { *slot = std::move(a); });
    Settle();
    return slot;
  }
  Slot<v1::DeregisterResponse> Ask(v1::DeregisterRequest request) {
    auto slot = std::make_shared<std::optional<absl::StatusOr<v1::DeregisterResponse>>>();
    registry_.Deregister(std::move(request), CallWithin(),
                         [slot](auto a) { *slot = std::move(a); });
    Settle();
    return slot;
  }
  // Runs nothing.
  Slot<v1::ResolveResponse> Start(v1::ResolveRequest request,
                                  absl::Duration within = absl::Seconds(30)) {
    auto slot = std::make_shared<std::optional<absl::StatusOr<v1::ResolveResponse>>>();
    discovery_.Resolve(std::move(request), CallWithin(within),
                       [slot](absl::StatusOr<DiscoveryHandler::Resolved> resolved) {
                         if (!resolved.ok()) {
                           *slot = resolved.status();
                           return;
                         }
                         std::string bytes = resolved->head;
                         if (resolved->instances) {
                           bytes += static_cast<const TextFrame&>(*resolved->instances).bytes;
                         }
                         v1::ResolveResponse response;
                         ASSERT_TRUE(response.ParseFromString(bytes));
                         *slot = std::move(response);
                       });
    return slot;
  }
  Slot<v1::GetInstanceResponse> Start(v1::GetInstanceRequest request) {
    auto slot = std::make_shared<std::optional<absl::StatusOr<v1::GetInstanceResponse>>>();
    discovery_.GetInstance(std::move(request), CallWithin(),
                           [slot](auto answer) { *slot = std::move(answer); });
    return slot;
  }
  static v1::GetInstanceRequest Asking(const std::string& id) {
    v1::GetInstanceRequest request;
    request.mutable_key()->set_service("web");
    request.mutable_key()->set_id(id);
    return request;
  }
  v1::ResolveResponse Resolve(const v1::ResolveRequest& request) {
    const auto slot = Start(request);
    Settle();
    EXPECT_TRUE(*slot && (*slot)->ok());
    return ***slot;
  }
  static v1::ResolveRequest Of(const std::string& service) {
    v1::ResolveRequest request;
    request.set_service(service);
    return request;
  }
  static std::vector<std::string> Ids(const v1::ResolveResponse& response) {
    std::vector<std::string> ids;
    for (const v1::Instance& instance : response.instances()) ids.push_back(instance.spec().id());
    return ids;
  }
  using testing::CoreTest::Registering;
  static v1::RegisterRequest Registering(const std::string& id) {
    v1::RegisterRequest request;
    *request.add_instances() = testing::SpecOf("web", id);
    request.mutable_instances(0)->clear_namespace_();
    request.set_client_name("billing@host-7");
    return request;
  }

  absl::Duration age_;
  flow::CatchUp catch_up_;
  flow::ClientCommands commands_;
  flow::SessionCloser closer_;
  flow::RegistrationFlow registrations_;
  RegistryHandler registry_;
  ReadGate reads_;
  DiscoveryHandler discovery_;
};

TEST_F(HandlersTest, TheServerMakesSessionAndSecretWhenNoneAreGiven) {
  const auto answer = Ask(Registering("a"));
  ASSERT_TRUE(*answer && (*answer)->ok()) << (*answer)->status();
  const v1::RegisterResponse& response = ***answer;
  EXPECT_EQ(response.session_id().size(), 32u);
  EXPECT_EQ(response.session_secret().size(), 32u);
  EXPECT_NE(response.session_id(), response.session_secret());
  EXPECT_EQ(response.ttl().seconds(), 10);
  EXPECT_EQ(response.lease_epochs_size(), 1);
  EXPECT_EQ(response.store_id(), store_->id().value());
  EXPECT_EQ(response.revision(), views_->applied().value());
  const auto session = catalog_->Session(SessionId(response.session_id()));
  EXPECT_EQ(session->client_name(), "billing@host-7");
  EXPECT_EQ(session->home(), "node-1");
}

TEST_F(HandlersTest, StaticInstancesGetNoSession) {
  v1::RegisterRequest request = Registering("a");
  request.mutable_instances(0)->set_lifetime(v1::LIFETIME_STATIC);
  request.set_session_id(std::string(32, 'a'));
  request.set_session_secret(std::string(32, 'b'));
  const auto answer = Ask(request);
  ASSERT_TRUE(*answer && (*answer)->ok()) << (*answer)->status();
  EXPECT_EQ((**answer)->session_id(), "");
  EXPECT_FALSE((**answer)->has_ttl());
  EXPECT_EQ(catalog_->session_count(), 0u);
}

TEST_F(HandlersTest, ARefusedRequestHasChangedNothing) {
  v1::RegisterRequest request = Registering("a");
  request.mutable_instances(0)->clear_endpoints();
  const auto answer = Ask(request);
  EXPECT_EQ((*answer)->status().code(), kInvalidArgument);
  EXPECT_EQ(registry_.counters().registrations, 0u);
  EXPECT_TRUE(store_->groups().empty());
}

TEST_F(HandlersTest, DeregisterEndsTheSessionOrRemovesWhatItNames) {
  v1::RegisterRequest request = Registering("a");
  *request.add_instances() = testing::SpecOf("web", "b");
  const v1::RegisterResponse registered = ***Ask(request);
  v1::DeregisterRequest deregister;
  deregister.set_session_id(registered.session_id());
  deregister.set_session_secret(registered.session_secret());
  v1::DeregisterRequest one = deregister;
  for (int twice = 0; twice < 2; ++twice) {
    one.add_instances()->set_service("web");
    one.mutable_instances(twice)->set_id("a");
  }
  ASSERT_TRUE((*Ask(one))->ok());
  EXPECT_THAT(Ids(Resolve(Of("web"))), ElementsAre("b"));
  ASSERT_TRUE((*Ask(deregister))->ok());
  EXPECT_THAT(Ids(Resolve(Of("web"))), IsEmpty());
  EXPECT_EQ(registry_.counters().deregistrations, 2u);
}

TEST_F(HandlersTest, ASessionThatOnlyOthersKnowYetIsNotDenied) {
  const std::string id(32, 'a');
  const std::string secret(32, 'b');
  command::SessionClaim claim{.id = SessionId(id), .secret = secret, .home = "node-2"};
  claim.open_ttl = absl::Seconds(10);
  command::Register elsewhere(std::move(claim), {testing::SpecOf("web", "a")}, "tester");
  store_->HoldChanges();
  CommitElsewhere(elsewhere);
  v1::DeregisterRequest deregister;
  deregister.set_session_id(id);
  deregister.set_session_secret(secret);
  const auto whole = Ask(deregister);
  deregister.add_instances()->set_service("web");
  deregister.mutable_instances(0)->set_id("a");
  const auto one = Ask(deregister);
  EXPECT_FALSE(*whole);
  EXPECT_FALSE(*one);
  store_->ReleaseChanges();
  Settle();
  ASSERT_TRUE(*whole && *one);
  EXPECT_TRUE((*whole)->ok()) << (*whole)->status();
  EXPECT_TRUE((*one)->ok()) << (*one)->status();
}

TEST_F(HandlersTest, ASessionThatNobodyKnowsIsNotFound) {
  v1::DeregisterRequest deregister;
  deregister.set_session_id(std::string(32, 'a'));
  deregister.set_session_secret(std::string(32, 'b'));
  EXPECT_EQ((*Ask(deregister))->status().code(), kNotFound);
}

TEST_F(HandlersTest, ANodeThatHasNotCaughtUpTakesNoWrites) {
  registry_.SetReady(false);
  EXPECT_EQ((*Ask(Registering("a")))->status().code(), kUnavailable);
  EXPECT_EQ((*Ask(v1::DeregisterRequest()))->status().code(), kInvalidArgument);
  v1::DeregisterRequest deregister;
  deregister.set_session_id(std::string(32, 'a'));
  deregister.set_session_secret(std::string(32, 'b'));
  EXPECT_EQ((*Ask(deregister))->status().code(), kUnavailable);
  EXPECT_TRUE(store_->groups().empty());
  registry_.SetReady(true);
  EXPECT_TRUE((*Ask(Registering("a")))->ok());
}

TEST_F(HandlersTest, AnUnknownServiceIsEmptyAndOk) {
  Register("web", "a", "s1");
  const v1::ResolveResponse response = Resolve(Of("nothing"));
  EXPECT_THAT(Ids(response), IsEmpty());
  EXPECT_EQ(response.revision(), views_->applied().value());
}

TEST_F(HandlersTest, AnAnswerSaysItsRevisionStoreAndAge) {
  Register("web", "a", "s1");
  age_ = absl::Milliseconds(300);
  v1::ResolveResponse response = Resolve(Of("web"));
  EXPECT_EQ(response.revision(), views_->applied().value());
  EXPECT_EQ(response.store_id(), store_->id().value());
  EXPECT_EQ(response.age().nanos(), 300'000'000);
  EXPECT_TRUE(response.store_reachable());
  age_ = absl::Milliseconds(1001);
  EXPECT_FALSE(Resolve(Of("web")).store_reachable());
}

TEST_F(HandlersTest, AtLeastWaitsForTheRevision) {
  Register("web", "a", "s1");
  v1::ResolveRequest request = Of("web");
  request.set_at_least_revision(views_->applied().value() + 1);
  const auto answer = Start(request);
  AdvanceBy(absl::Milliseconds(1500));
  EXPECT_FALSE(*answer);
  Register("web", "b", "s2");
  ASSERT_TRUE(*answer && (*answer)->ok());
  EXPECT_THAT(Ids(***answer), ElementsAre("a", "b"));
  EXPECT_GE((***answer).revision(), request.at_least_revision());
}

TEST_F(HandlersTest, AtLeastIsUnavailableAfterTwoSeconds) {
  v1::ResolveRequest request = Of("web");
  request.set_at_least_revision(views_->applied().value() + 1);
  const auto answer = Start(request);
  AdvanceBy(absl::Seconds(2) - absl::Nanoseconds(1));
  EXPECT_FALSE(*answer);
  AdvanceBy(absl::Nanoseconds(1));
  ASSERT_TRUE(*answer);
  EXPECT_EQ((*answer)->status().code(), kUnavailable);
}

TEST_F(HandlersTest, AtLeastDoesNotWaitBeyondTheCallersDeadline) {
  v1::ResolveRequest request = Of("web");
  request.set_at_least_revision(views_->applied().value() + 1);
  const auto answer = Start(request, absl::Milliseconds(100));
  AdvanceBy(absl::Milliseconds(100));
  ASSERT_TRUE(*answer);
  EXPECT_EQ((*answer)->status().code(), kUnavailable);
}

TEST_F(HandlersTest, ARevisionOfAnotherStoreIsOutOfRange) {
  v1::ResolveRequest request = Of("web");
  request.set_at_least_revision(1);
  request.set_store_id("another");
  const auto answer = Start(request);
  ASSERT_TRUE(*answer);
  EXPECT_EQ((*answer)->status().code(), kOutOfRange);
  EXPECT_THAT(std::string((*answer)->status().message()), HasSubstr("store_id"));
  request.set_at_least_revision(0);
  EXPECT_TRUE((*Start(request))->ok());
}

TEST_F(HandlersTest, LatestSeesWhatWasAcknowledgedBeforeItAlsoWhenTheReplicaLags) {
  Register("web", "a", "s1");
  store_->HoldChanges();
  Register("web", "b", "s2");
  v1::ResolveRequest request = Of("web");
  EXPECT_THAT(Ids(Resolve(request)), ElementsAre("a"));
  request.set_consistency(v1::CONSISTENCY_LATEST);
  const auto answer = Start(request);
  Settle();
  EXPECT_FALSE(*answer);
  store_->ReleaseChanges();
  Settle();
  ASSERT_TRUE(*answer && (*answer)->ok());
  EXPECT_THAT(Ids(***answer), ElementsAre("a", "b"));
}

TEST_F(HandlersTest, ServicesAreListedWithTheirCounts) {
  Register("web", "a", "s1");
  Register("web", "b", "s2");
  Register("db", "c", "s3");
  Move("s2", internal::v1::SESSION_STATE_SUSPECT);
  const auto list = discovery_.ListServices({});
  ASSERT_TRUE(list.ok());
  ASSERT_EQ(list->services_size(), 2);
  EXPECT_EQ(list->services(0).service(), "db");
  EXPECT_EQ(list->services(1).instances(), 2u);
  EXPECT_EQ(list->services(1).passing(), 1u);
  EXPECT_EQ(list->services(1).suspect(), 1u);
}

TEST_F(HandlersTest, OneInstanceIsFoundWhateverItsStanding) {
  Register("web", "a", "s1");
  Register("web", "c", "s1");
  Move("s1", internal::v1::SESSION_STATE_SUSPECT);
  v1::GetInstanceRequest request;
  request.mutable_key()->set_service("web");
  request.mutable_key()->set_id("c");
  const auto found = Start(request);
  ASSERT_TRUE(*found && (*found)->ok());
  EXPECT_EQ((**found)->instance().spec().id(), "c");
  EXPECT_EQ((**found)->instance().standing(), v1::STANDING_SUSPECT);
  request.mutable_key()->set_id("b");
  const auto none = Start(request);
  Settle();
  ASSERT_TRUE(*none);
  EXPECT_EQ((*none)->status().code(), kNotFound);
}

TEST_F(HandlersTest, AnInstanceThatOnlyOthersKnowYetIsNotDenied) {
  store_->HoldChanges();
  CommitElsewhere(*Registering("web", "a", "s1"));
  const auto found = Start(Asking("a"));
  Settle();
  EXPECT_FALSE(*found);
  store_->ReleaseChanges();
  Settle();
  ASSERT_TRUE(*found && (*found)->ok());
  EXPECT_EQ((**found)->instance().spec().id(), "a");
}

TEST_F(HandlersTest, ANodeThatStaysBehindDeniesNoInstance) {
  store_->HoldChanges();
  CommitElsewhere(*Registering("web", "a", "s1"));
  const auto any = Start(Asking("a"));
  const auto other = Start(Asking("b"));
  AdvanceBy(absl::Seconds(2));
  ASSERT_TRUE(*any && *other);
  EXPECT_EQ((*any)->status().code(), kUnavailable);
  EXPECT_EQ((*other)->status().code(), kUnavailable);
}

TEST_F(HandlersTest, TheLatestStateOfAnInstanceIsNotThatOfALaggingNode) {
  Register("web", "a", "s1");
  store_->HoldChanges();
  CommitElsewhere(*Registering("web", "a", "s2"));
  v1::GetInstanceRequest request = Asking("a");
  const auto any = Start(request);
  ASSERT_TRUE(*any && (*any)->ok());
  request.set_consistency(v1::CONSISTENCY_LATEST);
  const auto latest = Start(request);
  Settle();
  EXPECT_FALSE(*latest);
  store_->ReleaseChanges();
  Settle();
  ASSERT_TRUE(*latest && (*latest)->ok());
  EXPECT_GT((**latest)->instance().lease_epoch(), (**any)->instance().lease_epoch());
}

TEST_F(HandlersTest, AnInstanceIsLookedUpAtARevisionAsServicesAre) {
  v1::GetInstanceRequest request = Asking("a");
  request.set_at_least_revision(views_->applied().value() + 1);
  const auto later = Start(request);
  Register("web", "a", "s1");
  ASSERT_TRUE(*later);
  EXPECT_TRUE((*later)->ok());
  request.set_store_id("another");
  EXPECT_EQ((*Start(request))->status().code(), kOutOfRange);
}

TEST_F(HandlersTest, ANodeThatHasLoadedNothingSaysSo) {
  reads_.SetReady(false);
  const auto resolved = Start(Of("web"));
  const auto found = Start(Asking("a"));
  ASSERT_TRUE(*resolved && *found);
  EXPECT_EQ((*resolved)->status().code(), kUnavailable);
  EXPECT_EQ((*found)->status().code(), kUnavailable);
  EXPECT_EQ(discovery_.ListServices({}).status().code(), kUnavailable);
  // A copy of before is told, marked as old.
  Register("web", "a", "s1");
  EXPECT_THAT(Ids(Resolve(Of("web"))), ElementsAre("a"));
}

}  // namespace
}  // namespace rollcall::rpc
