// Callers at ZooKeeper.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/bench/peers/zookeeper_session.h"

namespace rollcall::bench {

// Where and how: the side's.
struct ZooKeeperAddress {
  Loop& loop;
  Sockets& sockets;
  int port;
};

// Open when this returns.
std::unique_ptr<ZooKeeperSession> OpenSession(const ZooKeeperAddress& at, absl::Duration timeout);
// The paths above the instances: who registers must have them. Those that are there stay.
void MakePaths(const ZooKeeperAddress& at, const std::vector<std::string>& services);
// All are there when this returns.
void RegisterNow(const ZooKeeperAddress& at, ZooKeeperSession& session,
                 const std::vector<std::string>& paths);

// Sessions that register something and are then left alone.
class ZooKeeperSessions {
 public:
  // So many of the newest keep their connections; those before are as if their process had died.
  ZooKeeperSessions(const ZooKeeperAddress& at, size_t most_kept)
      : at_(at), most_kept_(most_kept) {}

  void Register(uint64_t n, absl::Duration timeout, std::vector<std::string> paths, size_t bytes,
                Done done);

 private:
  void Keep(uint64_t n);

  const ZooKeeperAddress at_;
  const size_t most_kept_;
  std::unordered_map<uint64_t, std::unique_ptr<ZooKeeperSession>> registering_;
  std::deque<std::unique_ptr<ZooKeeperSession>> kept_;
};

class ZooKeeperRegisterCaller final : public Caller {
 public:
  ZooKeeperRegisterCaller(const ZooKeeperAddress& at, const RegisterShape& shape);
  void Call(uint64_t n, Done done) override;

 private:
  ZooKeeperSessions sessions_;
  const RegisterShape shape_;
};

// ZooKeeper looks for ended sessions at each tick (2 s): they end up to one tick after `end`.
class ZooKeeperExpiringCaller final : public Caller {
 public:
  ZooKeeperExpiringCaller(const ZooKeeperAddress& at, absl::Time end);
  void Call(uint64_t n, Done done) override;

 private:
  ZooKeeperSessions sessions_;
  const absl::Time end_;
};

// The names of a service's instances, then the data of all of them by one request: the least that
// ZooKeeper can be asked for it. Its users' libraries ask for each by itself.
class ZooKeeperResolveCaller final : public Caller {
 public:
  ZooKeeperResolveCaller(const ZooKeeperAddress& at, int instances, int connections);
  void Call(uint64_t n, Done done) override;

 private:
  std::vector<std::unique_ptr<ZooKeeperSession>> sessions_;
};

// Sets other data of the instances of the watched service.
class ZooKeeperChangeCaller final : public Caller {
 public:
  ZooKeeperChangeCaller(const ZooKeeperAddress& at, int instances);
  void Call(uint64_t n, Done done) override;

 private:
  const std::vector<std::string> paths_;
  const std::unique_ptr<ZooKeeperSession> session_;
};

}  // namespace rollcall::bench
