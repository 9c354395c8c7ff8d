// The programs that client-sdk/README.md quotes do what it says.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/support/registry.h"

namespace rollcall::integration {
namespace {

using ::testing::HasSubstr;

std::string Example(const std::string& name) {
  return std::string(ROLLCALL_BIN_DIR) + "/sdk_example_" + name;
}

// Something to connect to.
class Listener {
 public:
  Listener() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(fd_, generic, size) != 0 || listen(fd_, 1000) != 0) Fail("cannot listen");
    getsockname(fd_, generic, &size);
    port_ = std::to_string(ntohs(address.sin_port));
  }
  ~Listener() { close(fd_); }
  const std::string& port() const { return port_; }

 private:
  const int fd_;
  std::string port_;
};

class SdkExamplesTest : public ::testing::Test {
 protected:
  std::unique_ptr<Process> Run(const std::string& name, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), Example(name));
    return std::make_unique<Process>(
        arguments, std::vector<std::string>{"ROLLCALL_SERVER=" + registry_.address()});
  }
  Registry registry_;
};

TEST_F(SdkExamplesTest, RegisterWatchAndCall) {
  Listener one, two;
  auto watch = Run("watch", {"web", "600"});
  auto w1 = Run("register", {"web", "127.0.0.1", one.port(), "w1"});
  auto w2 = Run("register", {"web", "127.0.0.1", two.port(), "w2"});
  w1->AwaitOutput("registered w1");
  w2->AwaitOutput("registered w2");
  watch->AwaitOutput("web: 2 to call");
  auto call = Run("call", {"web", "100"});
  EXPECT_EQ(call->Wait(), 0);
  call->AwaitOutputEnd();
  EXPECT_THAT(call->out(), HasSubstr("failed 0"));
  EXPECT_THAT(call->out(), HasSubstr("w1 "));
  EXPECT_THAT(call->out(), HasSubstr("w2 "));
  w1->Signal(SIGTERM);
  EXPECT_EQ(w1->Wait(), 0);
  watch->AwaitOutput("web: 1 to call");
  watch->Signal(SIGINT);
  EXPECT_EQ(watch->Wait(), 0);
}

TEST_F(SdkExamplesTest, RegisterWithoutARegistryFailsAndSaysWhy) {
  registry_.Kill();
  auto w1 = Run("register", {"web", "127.0.0.1", "80"});
  EXPECT_EQ(w1->Wait(), 3);
  w1->AwaitOutputEnd();
  EXPECT_THAT(w1->err(), HasSubstr("not registered within 5s"));
}

}  // namespace
}  // namespace rollcall::integration
