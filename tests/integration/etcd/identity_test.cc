// Who we are to etcd, and it to us: user and password, TLS, client certificates.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/etcd/api_client.h"
#include "tests/integration/support/etcd_test.h"

namespace rollcall::integration {
namespace {

using ::testing::HasSubstr;

constexpr char kPassword[] = "correct horse";

etcd::GrpcEtcdOptions WithUser(const EtcdCluster& etcd, const std::string& password) {
  etcd::GrpcEtcdOptions options = PatientOptionsFor(etcd.endpoints());
  options.user = {"root", password};
  return options;
}

class PasswordTest : public EtcdTest {
 protected:
  // Hashing a password takes etcd next to no time here: by default it is a good part of the time
  // that we give it, on a loaded machine.
  static EtcdOptions Quick() {
    EtcdOptions options;
    options.flags = {"--bcrypt-cost", "4"};
    return options;
  }
};

TEST_F(PasswordTest, TheUserMayDoEverythingAndNobodyElseAnything) {
  EtcdCluster etcd(Quick());
  etcd.EnableAuth(kPassword);
  ApiClient client(WithUser(etcd, kPassword));
  client.Put("/k/a", "1");
  EXPECT_EQ(client.Get("/k/a"), "1");
  WatchUnderTest watch(client, WatchOf("/k/"));
  pb::WatchResponse created = watch.Next();
  EXPECT_TRUE(created.created() && !created.canceled()) << created.cancel_reason();
  pb::LeaseGrantRequest grant;
  grant.set_ttl(60);
  const auto lease = client.Ask(&EtcdApi::LeaseGrant, grant);
  ASSERT_TRUE(lease.ok()) << lease.status();
  pb::LeaseKeepAliveRequest renewal;
  renewal.set_id(lease->id());
  EXPECT_TRUE(client.Ask(&EtcdApi::LeaseKeepAlive, renewal).ok());
  EXPECT_TRUE(client.Status().front().status.ok());

  ApiClient nobody(etcd.endpoints());
  EXPECT_FALSE(nobody.Ask(&EtcdApi::Range, RangeOf("/k/a")).ok());
}

TEST_F(PasswordTest, AWrongOneIsSaidByName) {
  EtcdCluster etcd(Quick());
  etcd.EnableAuth(kPassword);
  ApiClient client(WithUser(etcd, "wrong"));
  const absl::Status refusal = client.Ask(&EtcdApi::Range, RangeOf("/k/a")).status();
  EXPECT_TRUE(absl::IsUnauthenticated(refusal)) << refusal;
  EXPECT_THAT(std::string(refusal.message()), HasSubstr("\"root\""));
  EXPECT_THAT(std::string(refusal.message()), HasSubstr("invalid user ID or password"));
  WatchUnderTest watch(client, WatchOf("/k/"));
  EXPECT_TRUE(absl::IsUnauthenticated(watch.End()));
}

// A member that was restarted has forgotten every token.
TEST_F(PasswordTest, AForgottenTokenIsGotAgainAndTheCallRepeated) {
  EtcdCluster etcd(Quick());
  etcd.EnableAuth(kPassword);
  ApiClient client(WithUser(etcd, kPassword));
  client.Put("/k/a", "1");
  const auto restart = [&] {
    etcd.Kill(0);
    etcd.Restart(0);
    etcd.AwaitHealthy();
  };
  restart();
  // Reads that fail with the old connection are repeated; then the token is refused.
  EXPECT_EQ(client.Get("/k/a"), "1");
  restart();
  ASSERT_TRUE(Eventually([&] { return client.Status().front().status.ok(); }));
  client.Put("/k/a", "2");
  restart();
  ASSERT_TRUE(Eventually([&] { return client.Status().front().status.ok(); }));
  WatchUnderTest watch(client, WatchOf("/k/"));
  const pb::WatchResponse created = watch.Next();
  EXPECT_TRUE(created.created() && !created.canceled()) << created.cancel_reason();
}

// Changing users makes the tokens that there are too old for some requests.
TEST_F(PasswordTest, AChangeOfUsersIsSurvived) {
  EtcdCluster etcd(Quick());
  ApiClient client(WithUser(etcd, kPassword));
  client.Put("/k/a", "1");  // without authentication no token is needed
  etcd.EnableAuth(kPassword);
  EXPECT_EQ(client.Get("/k/a"), "1");
  client.Put("/k/a", "2");
}

class TlsToEtcdTest : public EtcdTest {
 protected:
  void Start(bool client_auth) {
    certificates_ = std::make_unique<Certificates>();
    EtcdOptions options;
    options.tls = certificates_.get();
    options.client_auth = client_auth;
    etcd_ = std::make_unique<EtcdCluster>(options);
  }
  etcd::GrpcEtcdOptions Options(const std::string& ca, const KeyPair& own = {}) const {
    etcd::GrpcEtcdOptions options = PatientOptionsFor(etcd_->endpoints());
    options.tls = {ca, own.cert, own.key};
    return options;
  }
  // What cannot succeed is tried for `within`.
  static absl::Status Read(etcd::GrpcEtcdOptions options, absl::Duration within) {
    ApiClient client(std::move(options));
    return client.Ask(&EtcdApi::Range, RangeOf("/k/a"), within).status();
  }
  static constexpr absl::Duration kInVain = absl::Seconds(3);

  std::unique_ptr<Certificates> certificates_;
  std::unique_ptr<EtcdCluster> etcd_;
};

TEST_F(TlsToEtcdTest, OnlyAnEtcdOfOurAuthorityIsSpokenTo) {
  Start(/*client_auth=*/false);
  ApiClient client(Options(certificates_->ca()));
  client.Put("/k/a", "1");
  EXPECT_EQ(client.Get("/k/a"), "1");

  const Certificates strangers;
  const absl::Status refusal = Read(Options(strangers.ca()), kInVain);
  EXPECT_TRUE(absl::IsUnavailable(refusal)) << refusal;
  etcd::GrpcEtcdOptions plain = OptionsFor("http" + etcd_->endpoints().substr(5));
  EXPECT_TRUE(absl::IsUnavailable(Read(plain, kInVain)));
}

TEST_F(TlsToEtcdTest, EtcdMayWantACertificateOfOurs) {
  Start(/*client_auth=*/true);
  const KeyPair own = certificates_->Issue("rollcalld");
  EXPECT_TRUE(Read(Options(certificates_->ca(), own), kSoon).ok());
  EXPECT_TRUE(absl::IsUnavailable(Read(Options(certificates_->ca()), kInVain)));
}

TEST_F(TlsToEtcdTest, FilesThatCannotBeReadAreNamed) {
  etcd::GrpcEtcdOptions options = OptionsFor("https://127.0.0.1:2379");
  base::SystemClock clock;
  base::SecureRandom random;
  base::ThreadExecutor executor("rc-test");
  const auto refusal = [&] {
    const absl::Status status =
        etcd::GrpcEtcdApi::Create(options, executor, clock, random).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    return std::string(status.message());
  };
  options.tls.ca_file = "/nowhere/ca.pem";
  EXPECT_THAT(refusal(), HasSubstr("\"/nowhere/ca.pem\""));
  options.tls = {"", "/nowhere/cert.pem", ""};
  EXPECT_THAT(refusal(), HasSubstr("both or neither"));
  options.endpoints.clear();
  options.tls = {};
  EXPECT_THAT(refusal(), HasSubstr("no etcd endpoint"));
}

}  // namespace
}  // namespace rollcall::integration
