#include "tests/bench/peers/zookeeper_server.h"

#include <unistd.h>

#include <fstream>

#include "tests/integration/support/socket.h"

namespace rollcall::bench {
namespace {

constexpr char kJar[] = "/usr/share/java/zookeeper.jar";
constexpr char kJava[] = "/usr/bin/java";

bool Serves(int port) {
  try {
    // Who comes too early may never be answered.
    integration::Socket socket(port);
    return socket.Send("srvr") &&
           socket.ReadToEnd(absl::Seconds(1)).find("Mode:") != std::string::npos;
  } catch (const std::exception&) {
    return false;  // It does not listen yet.
  }
}

}  // namespace

std::string ZooKeeperServer::Missing() {
  if (access(kJava, X_OK) != 0) return "java";
  return access(kJar, R_OK) == 0 ? "" : "zookeeper";
}

void ZooKeeperServer::Start(absl::Duration tick) {
  process_.reset();
  const std::string file = directory_.File("zoo.cfg");
  std::ofstream(file) << "tickTime=" << absl::ToInt64Milliseconds(tick) << "\n"
                      << "dataDir=" << directory_.File("data") << "\n"
                      << "clientPortAddress=127.0.0.1\n"
                      << "clientPort=" << port()
                      << "\n"
                      // All clients have one address here; 60 is what one is allowed.
                      << "maxClientCnxns=0\n"
                      // With 50, what it comes with, the kernel's pauses before it tries to
                      // connect again would be measured.
                      << "clientPortListenBacklog=4096\n"
                      // Else what nobody beats for would go in the middle of a measurement.
                      << "maxSessionTimeout=600000\n"
                      // It would take port 8080.
                      << "admin.enableServer=false\n";
  process_ = std::make_unique<integration::Process>(std::vector<std::string>{
      kJava, "-cp", kJar, "org.apache.zookeeper.server.quorum.QuorumPeerMain", file});
  const auto up = [this] { return !process_->running() || Serves(port()); };
  if (!integration::Eventually(up) || !process_->running()) {
    integration::Fail("ZooKeeper did not start:\n" + process_->out() + process_->err());
  }
}

}  // namespace rollcall::bench
