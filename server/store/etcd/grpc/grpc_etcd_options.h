// Options of GrpcEtcdApi, with the reason for each default.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/observe/log.h"
#include "server/store/etcd/grpc/endpoint.h"

namespace rollcall::etcd {

// For https endpoints. PEM files, read again when they change.
struct EtcdTls {
  // Who signed the members' certificates; empty: the system's authorities.
  std::string ca_file;
  // Our own certificate and its key, both or neither. etcd may take its common name as the user.
  std::string cert_file;
  std::string key_file;
};

struct EtcdUser {
  std::string name;
  std::string password;
};

// How long what may take. The defaults suit one data centre.
struct EtcdTiming {
  // A member that answers nothing for so long while something is expected from it is asked for a
  // sign of life …
  absl::Duration silence = absl::Milliseconds(750);
  // … and its connection is given up when none comes in this time: 2 to 2.75 s in all. Asked by a
  // call of our own: etcd as configured by default punishes HTTP/2 pings more frequent than one in
  // 5 s by closing the connection (an idle watch with a ping each second was cut after 3 s).
  absl::Duration sign_of_life = absl::Milliseconds(1250);
  // One attempt of a read, or a third of what the read has, if that is more: a member may live but
  // be cut off from the others.
  absl::Duration attempt = absl::Seconds(2);
  // Until a connection attempt to a silent host is given up.
  absl::Duration connect = absl::Seconds(1);
  // The member used last may connect again for so long before another is used.
  absl::Duration head_start = absl::Milliseconds(300);
  // A watch for which no member can be reached ends after this time.
  absl::Duration watch_connect = absl::Seconds(5);
  // Between attempts, doubling, with jitter.
  absl::Duration backoff_first = absl::Milliseconds(20);
  absl::Duration backoff_most = absl::Milliseconds(500);
};

struct GrpcEtcdOptions {
  // See ParseEndpoints.
  std::vector<Endpoint> endpoints;
  EtcdTls tls;
  std::optional<EtcdUser> user;
  // Nodes begin with different members; false: with the first.
  bool spread = true;
  EtcdTiming timing;
  // Hears of connections that come and go; may be null, else it outlives the api.
  observe::Log* log = nullptr;
};

}  // namespace rollcall::etcd
