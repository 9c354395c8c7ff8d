// DataFolder: the directory of one node: its id, its store, its private socket.
//
//   <data>/node_id    made once
//   <data>/store/     the embedded store
//   <data>/replica/   this node's copy of a cluster's store
//   <data>/self.sock  the node's own gRPC socket, while it runs
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "client-sdk/base/random.h"
#include "server/model/ids.h"

namespace rollcall::app {

class DataFolder {
 public:
  // Makes the directory (mode 0700) if it is absent. Blocks.
  static absl::StatusOr<DataFolder> Open(const std::string& path);

  std::string store() const { return path_ + "/store"; }
  // One that a restore is making, and did not finish.
  std::string unfinished_store() const { return store() + ".restoring"; }
  std::string replica() const { return path_ + "/replica"; }
  const std::string& path() const { return path_; }
  // In the directory, or, if that name is too long for a socket, in a private one under /tmp.
  absl::StatusOr<std::string> SelfSocket() const;
  // After the last use of that socket: leaves nothing under /tmp.
  void RemoveSelfSocket(const std::string& socket) const;
  // `wish` if it is not empty, else the one kept here, else a new one; kept from then on.
  absl::StatusOr<NodeId> Identity(const std::string& wish, base::Random& random) const;

 private:
  explicit DataFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace rollcall::app
