#include "server/store/etcd/grpc/authenticator.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace rollcall::etcd {
namespace {

using ::testing::HasSubstr;

// What etcd is asked, and when it answers.
class AuthenticatorTest : public ::testing::Test {
 protected:
  std::function<void(absl::Status)> Waiter() {
    return [this](const absl::Status& status) { results_.push_back(status); };
  }
  void Answer(absl::StatusOr<std::string> token) {
    Authenticator::TokenDone done = std::move(asked_.back());
    asked_.pop_back();
    done(std::move(token));
  }

  std::vector<Authenticator::TokenDone> asked_;
  std::vector<absl::Status> results_;
  Authenticator authenticator_{EtcdUser{"ann", "secret"},
                               [this](const EtcdUser&, Authenticator::TokenDone done) {
                                 asked_.push_back(std::move(done));
                               }};
};

TEST_F(AuthenticatorTest, OneRequestForAllWhoWait) {
  EXPECT_FALSE(authenticator_.ready());
  authenticator_.Get(Waiter());
  authenticator_.Get(Waiter());
  ASSERT_EQ(asked_.size(), 1);
  Answer("t1");
  ASSERT_EQ(results_.size(), 2);
  EXPECT_TRUE(results_[0].ok() && results_[1].ok());
  EXPECT_EQ(authenticator_.token(), "t1");
}

TEST_F(AuthenticatorTest, OnlyTheTokenThatWasRefusedIsForgotten) {
  authenticator_.Get(Waiter());
  Answer("t1");
  const uint64_t first = authenticator_.generation();
  authenticator_.Refused(first);
  EXPECT_FALSE(authenticator_.ready());
  authenticator_.Get(Waiter());
  Answer("t2");
  authenticator_.Refused(first);  // a call that was sent with the old one
  EXPECT_TRUE(authenticator_.ready());
  EXPECT_EQ(authenticator_.token(), "t2");
}

TEST_F(AuthenticatorTest, AWrongPasswordIsSaidAndAskedAgainNextTime) {
  authenticator_.Get(Waiter());
  Answer(absl::InvalidArgumentError("authentication failed, invalid user ID or password"));
  ASSERT_EQ(results_.size(), 1);
  EXPECT_TRUE(absl::IsUnauthenticated(results_[0]));
  EXPECT_THAT(std::string(results_[0].message()), HasSubstr("\"ann\""));
  authenticator_.Get(Waiter());
  EXPECT_EQ(asked_.size(), 1);
}

TEST_F(AuthenticatorTest, AnEtcdWithoutAuthenticationGetsNoToken) {
  authenticator_.Get(Waiter());
  Answer(absl::FailedPreconditionError("etcdserver: authentication is not enabled"));
  EXPECT_TRUE(results_[0].ok());
  EXPECT_TRUE(authenticator_.ready());
  EXPECT_EQ(authenticator_.token(), "");
}

TEST_F(AuthenticatorTest, WithoutAUserNothingIsAsked) {
  const Authenticator nobody(std::nullopt, nullptr);
  EXPECT_TRUE(nobody.ready());
  EXPECT_FALSE(nobody.has_user());
}

TEST(IsTokenRefusedTest, KnowsWhatEtcdSays) {
  EXPECT_TRUE(IsTokenRefused(absl::UnauthenticatedError("etcdserver: invalid auth token")));
  EXPECT_TRUE(
      IsTokenRefused(absl::InvalidArgumentError("etcdserver: revision of auth store is old")));
  EXPECT_TRUE(IsTokenRefused(absl::InvalidArgumentError("etcdserver: user name is empty")));
  EXPECT_FALSE(IsTokenRefused(absl::PermissionDeniedError("etcdserver: permission denied")));
  EXPECT_FALSE(IsTokenRefused(absl::UnavailableError("etcdserver: leader changed")));
}

}  // namespace
}  // namespace rollcall::etcd
