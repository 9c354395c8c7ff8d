// TLS and mutual TLS, for the server and for those who talk to it.
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rollcall/client.h"
#include "tests/integration/support/certificates.h"
#include "tests/integration/support/registry.h"
#include "tests/integration/support/session.h"

namespace rollcall::integration {
namespace {

using ::testing::HasSubstr;

class TlsTest : public ::testing::Test {
 protected:
  Flags Plain() const { return {"--tls-cert", server_.cert, "--tls-key", server_.key}; }
  Flags Mutual() const {
    Flags flags = Plain();
    flags.insert(flags.end(), {"--tls-ca", certificates_.ca(), "--tls-client-auth"});
    return flags;
  }
  std::shared_ptr<grpc::Channel> Connect(const Registry& registry, const KeyPair& own = {}) const {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = ReadFile(certificates_.ca());
    options.pem_cert_chain = ReadFile(own.cert);
    options.pem_private_key = ReadFile(own.key);
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel(registry.address(), grpc::SslCredentials(options), arguments);
  }

  Certificates certificates_;
  KeyPair server_ = certificates_.Issue("server-1");
  KeyPair client_ = certificates_.Issue("client-1");
};

TEST_F(TlsTest, OnlyThoseWhoSpeakItAndTrustTheAuthorityAreAnswered) {
  Registry registry(Plain());
  RawClient client(Connect(registry));
  Session session(client, Registration({Spec("user", "u1")}, absl::Minutes(5)));
  session.Beat();
  const Outcome good = registry.Cli({"--tls-ca", certificates_.ca(), "instances", "user"});
  EXPECT_EQ(good.exit_code, 0) << good.err;
  EXPECT_THAT(good.out, HasSubstr("u1"));

  const Outcome plain = registry.Cli({"--timeout", "1s", "status"});
  EXPECT_EQ(plain.exit_code, 3) << plain.err;
  const Certificates strangers;
  const Outcome strange = registry.Cli({"--timeout", "1s", "--tls-ca", strangers.ca(), "status"});
  EXPECT_EQ(strange.exit_code, 3) << strange.err;
}

TEST_F(TlsTest, MutualOneWantsACertificateOfTheClient) {
  Registry registry(Mutual());
  RawClient client(Connect(registry, client_));
  client.Register(Registration({Spec("user", "u1")}, absl::Minutes(5)));
  const Outcome good = registry.Cli({"--tls-ca", certificates_.ca(), "--tls-cert", client_.cert,
                                     "--tls-key", client_.key, "instances", "user"});
  EXPECT_EQ(good.exit_code, 0) << good.err;

  EXPECT_EQ(registry.Cli({"--timeout", "1s", "--tls-ca", certificates_.ca(), "status"}).exit_code,
            3);
  const Certificates strangers;
  const KeyPair stranger = strangers.Issue("stranger");
  EXPECT_EQ(registry
                .Cli({"--timeout", "1s", "--tls-ca", certificates_.ca(), "--tls-cert",
                      stranger.cert, "--tls-key", stranger.key, "status"})
                .exit_code,
            3);
}

TEST_F(TlsTest, TheSdkRegistersOverIt) {
  Registry registry(Mutual());
  ClientOptions options;
  options.servers = {registry.address()};
  options.tls = TlsOptions{certificates_.ca(), client_.cert, client_.key, ""};
  const auto client = Client::Create(options);
  ASSERT_TRUE(client.ok()) << client.status();
  InstanceOptions instance;
  instance.service = "user";
  instance.id = "u1";
  instance.endpoints.emplace_back();
  instance.endpoints[0].address = "127.0.0.1";
  instance.endpoints[0].port = 9000;
  instance.drain_time = absl::ZeroDuration();
  const auto registration = (*client)->Register(instance);
  ASSERT_TRUE(registration.ok()) << registration.status();
  RawClient raw(Connect(registry, client_));
  EXPECT_EQ(raw.StandingOf("user", "u1"), v1::STANDING_PASSING);
}

TEST_F(TlsTest, ANewCertificateIsTakenWithoutARestart) {
  certificates_.Point(server_);
  const KeyPair current = certificates_.Current();
  Registry registry({"--tls-cert", current.cert, "--tls-key", current.key});
  RawClient before(Connect(registry));
  Session session(before, Registration({Spec("user", "u1")}, absl::Minutes(5)));
  EXPECT_THAT(SubjectShownBy(registry.grpc_port()), HasSubstr("server-1"));

  certificates_.Point(certificates_.Issue("server-2"));
  const Stopwatch since_swap;
  EXPECT_TRUE(Eventually(
      [&] { return SubjectShownBy(registry.grpc_port()).find("server-2") != std::string::npos; }));
  EXPECT_LT(since_swap.elapsed(), absl::Seconds(30));
  session.Beat();  // Old connections stay.
  RawClient after(Connect(registry));
  after.Register(Registration({Spec("user", "u2")}, absl::Minutes(5)));
}

class TlsFilesTest : public TlsTest {
 protected:
  // As one who renews them without a rename does: what was there is gone before the new is there.
  void Show(const KeyPair& pair) {
    Write(shown_.cert, ReadFile(pair.cert));
    Write(shown_.key, ReadFile(pair.key));
  }
  static void Write(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::trunc) << text;
  }
  static bool Shows(const Registry& registry, const std::string& name) {
    return SubjectShownBy(registry.grpc_port()).find(name) != std::string::npos;
  }

  TempDir dir_;
  const KeyPair shown_{dir_.File("cert.pem"), dir_.File("key.pem")};
};

TEST_F(TlsFilesTest, WhatCannotBeUsedLeavesWhatWasThereInUse) {
  Show(server_);
  Registry registry({"--tls-cert", shown_.cert, "--tls-key", shown_.key});
  const std::string key = ReadFile(shown_.key);
  const std::string cert = ReadFile(shown_.cert);
  const KeyPair other = certificates_.Issue("server-2");
  for (const auto& [path, text] : std::vector<std::pair<std::string, std::string>>{
           {shown_.cert, ""},
           {shown_.cert, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"},
           {shown_.cert, cert + "-----BEGIN CERTIFICATE-----\nAAAA\n"},
           {shown_.cert, ReadFile(other.cert)},
           {shown_.key, ""},
           {shown_.key, ReadFile(other.key)},
           {shown_.key, "no key"}}) {
    Show(server_);
    Write(path, text);
    EXPECT_TRUE(Shows(registry, "server-1")) << path << ": " << text;
    RawClient(Connect(registry)).Revision();
  }
  Show(server_);
  std::filesystem::remove(shown_.cert);
  EXPECT_TRUE(Shows(registry, "server-1"));
  Show(other);
  EXPECT_TRUE(Shows(registry, "server-2"));
  RawClient(Connect(registry)).Revision();
}

TEST_F(TlsFilesTest, WhatCannotBeUsedIsSaid) {
  Show(server_);
  Registry registry({"--tls-cert", shown_.cert, "--tls-key", shown_.key});
  Write(shown_.key, "");
  EXPECT_TRUE(Shows(registry, "server-1"));
  EXPECT_TRUE(Eventually(
      [&] { return registry.process().err().find("cannot be used") != std::string::npos; }));
  Show(certificates_.Issue("server-2"));
  EXPECT_TRUE(Shows(registry, "server-2"));
  EXPECT_TRUE(Eventually(
      [&] { return registry.process().err().find("used from now on") != std::string::npos; }));
}

TEST_F(TlsTest, ABrokenPairIsRefusedAtTheStart) {
  TempDir dir;
  const Outcome outcome =
      RunToEnd({Registry::Program(), "--data", dir.File("data"), "--listen", "127.0.0.1:0",
                "--http", "127.0.0.1:0", "--tls-cert", server_.cert, "--tls-key", client_.key});
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("--tls-key"));
}

TEST_F(TlsTest, OffLoopbackItMayListenWithCertificates) {
  Flags flags = Plain();
  flags.insert(flags.end(), {"--listen", "0.0.0.0:0"});
  Registry registry(flags);
  RawClient client(Connect(registry));
  client.Revision();
}

}  // namespace
}  // namespace rollcall::integration
