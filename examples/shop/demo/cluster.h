// Cluster: three etcd members and three registry nodes on the loopback, each of which can be killed
// and started again on its own data and ports.
//
// Thread-compatible; owned by the main thread.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "examples/shop/demo/child.h"
#include "examples/shop/demo/command_line.h"

namespace shop::demo {

class Cluster {
 public:
  static constexpr int kSize = 3;

  Cluster(std::string programs, std::string etcd, std::string directory)
      : programs_(std::move(programs)), etcd_(std::move(etcd)), directory_(std::move(directory)) {}

  // Returns when all members and all nodes are ready.
  absl::Status Start();

  void KillNode(int i) { nodes_[i].process.reset(); }
  // Returns when it is ready.
  absl::Status StartNode(int i);
  void KillMember(int i) { members_[i].process.reset(); }
  // Does not wait.
  absl::Status StartMember(int i);
  // Returns when a majority of the members follows a leader.
  absl::Status AwaitQuorum() const;
  // The member that says that it leads; nullopt while none does.
  std::optional<int> Leader() const;
  bool MemberRuns(int i) const { return members_[i].process != nullptr; }

  const std::string& address(int node) const { return nodes_[node].address; }
  // Of all nodes, comma-separated, as clients are told.
  std::string addresses() const;
  // The tool, asking this node.
  CommandLine rollcall(int node) const;
  // Asks all nodes to stop. Says of those that did not end well how they ended.
  std::vector<std::string> Close();

 private:
  struct Process {
    std::string address;
    int port = 0;
    int peer_port = 0;  // members
    std::unique_ptr<Child> process;
  };
  absl::Status StartNodeOnce(int i);
  std::string LogOf(const std::string& name) const;
  std::string NameOfMember(int i) const;

  const std::string programs_;
  const std::string etcd_;
  const std::string directory_;
  std::array<Process, kSize> members_;
  std::array<Process, kSize> nodes_;
};

}  // namespace shop::demo
