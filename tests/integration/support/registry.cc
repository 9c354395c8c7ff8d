#include "tests/integration/support/registry.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"

namespace rollcall::integration {
namespace {

// Something happened in a directory, or a process ended.
class DirectoryEvents {
 public:
  explicit DirectoryEvents(const std::string& directory) : fd_(inotify_init1(IN_CLOEXEC)) {
    if (inotify_add_watch(fd_, directory.c_str(), IN_MOVED_TO | IN_CREATE) < 0) {
      Fail(absl::StrCat("cannot watch ", directory));
    }
  }
  ~DirectoryEvents() { close(fd_); }
  DirectoryEvents(const DirectoryEvents&) = delete;
  DirectoryEvents& operator=(const DirectoryEvents&) = delete;

  // False if the process ended or the limit passed.
  bool Await(const Process& process, absl::Duration limit) const {
    std::array<pollfd, 2> events = {pollfd{fd_, POLLIN, 0}, pollfd{process.pid_fd(), POLLIN, 0}};
    const int ms = static_cast<int>(absl::ToInt64Milliseconds(limit));
    if (poll(events.data(), events.size(), ms) <= 0 || events[0].revents == 0) return false;
    std::array<char, 4096> ignored;
    return read(fd_, ignored.data(), ignored.size()) > 0;
  }

 private:
  const int fd_;
};

}  // namespace

std::string Registry::Program() { return std::string(ROLLCALL_BIN_DIR) + "/rollcalld"; }
std::string Registry::CliProgram() { return std::string(ROLLCALL_BIN_DIR) + "/rollcall"; }

Registry::Registry(Flags flags, std::string data, std::string log_to)
    : flags_(std::move(flags)),
      data_(data.empty() ? dir_.File("data") : std::move(data)),
      log_to_(std::move(log_to)) {
  Start();
}

void Registry::Start() {
  port_ = std::make_unique<Ports>(1);
  StartOn(absl::StrCat("127.0.0.1:", (*port_)[0]));
}
void Registry::StartOnSamePort() { StartOn(absl::StrCat("127.0.0.1:", grpc_port_)); }

void Registry::StartOn(const std::string& listen) {
  std::filesystem::remove(ready_file());
  const DirectoryEvents events(dir_.path());
  std::vector<std::string> command = {Program(), "--data", data_, "--ready-file", ready_file()};
  const std::vector<std::pair<std::string, std::string>> standard = {{"--listen", listen},
                                                                     {"--http", "127.0.0.1:0"}};
  for (const auto& [flag, value] : standard) {
    const bool given = std::find(flags_.begin(), flags_.end(), flag) != flags_.end();
    if (!given) command.insert(command.end(), {flag, value});
  }
  command.insert(command.end(), flags_.begin(), flags_.end());
  if (!log_to_.empty()) {
    command.insert(command.begin(), {"/bin/sh", "-c", "exec \"$@\" 2>\"$0\"", log_to_});
  }
  process_.reset();
  process_ = std::make_unique<Process>(std::move(command));
  const Stopwatch watch;
  while (!std::filesystem::exists(ready_file())) {
    if (!events.Await(*process_, watch.LeftOf(kSoon))) {
      Fail(absl::StrCat("rollcalld did not become ready:\n", process_->err(), process_->out()));
    }
  }
  ReadReadyFile();
}

void Registry::ReadReadyFile() {
  const nlohmann::json ready = nlohmann::json::parse(ReadFile(ready_file()));
  grpc_port_ = ready.at("grpc_port");
  http_port_ = ready.at("http_port");
  store_id_ = ready.at("store_id");
}

std::string Registry::address() const { return absl::StrCat("127.0.0.1:", grpc_port_); }

std::shared_ptr<grpc::Channel> Registry::Connect(grpc::ChannelArguments arguments) const {
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address(), grpc::InsecureChannelCredentials(), arguments);
}

Outcome Registry::Cli(std::vector<std::string> arguments, absl::Duration limit) const {
  arguments.insert(arguments.begin(), {CliProgram(), "--server", address()});
  return RunToEnd(std::move(arguments), limit);
}

std::unique_ptr<Process> StartInstance(const std::string& server, const std::string& service,
                                       const std::string& id, absl::Duration ttl, Flags more) {
  std::vector<std::string> command = {ROLLCALL_TEST_INSTANCE, server, service, id,
                                      absl::FormatDuration(ttl)};
  command.insert(command.end(), more.begin(), more.end());
  auto process = std::make_unique<Process>(std::move(command));
  process->AwaitOutput("registered");
  return process;
}

}  // namespace rollcall::integration
