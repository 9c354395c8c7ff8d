// Asker: a client and an operator in one, on a thread of its own: registers, deregisters, removes,
// overrides and reads a few instances that others do, too, at any of the servers, and records what
// it is answered. It speaks the registry's API as it is: nothing is repeated for it.
#pragma once

#include <grpcpp/grpcpp.h>

#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "client-sdk/base/random.h"
#include "tests/integration/linearizability/recorder.h"
#include "tests/integration/support/raw_client.h"
#include "tests/integration/support/stopping.h"

namespace rollcall::integration {

class Asker {
 public:
  static constexpr char kService[] = "shared";
  static constexpr size_t kInstances = 4;
  using Channels = std::vector<std::shared_ptr<grpc::Channel>>;

  // Begins at once.
  Asker(std::string name, const Channels& servers, uint64_t seed, Recorders& recorders);
  ~Asker() { Stop(); }
  void Stop();

  // A read of the newest of everything, at this server; recorded. False if one was not answered.
  static bool ReadAll(RawClient& server, Recorders& recorders);

 private:
  // Which it has of an instance; it loses it when it is refused.
  struct Session {
    std::string id;
    std::string secret;
    // Nobody beats for it, and it ends soon.
    bool brief;
    bool end_noted = false;
    v1::InstanceSpec said = {};
  };

  void Run();
  void AskSomething();
  void Register(const std::string& id);
  Session Open();
  void Deregister(const std::string& id);
  void Remove(const std::string& id);
  void Override(const std::string& id);
  static bool Get(RawClient& server, const std::string& id, Recorders& recorders);
  static bool List(RawClient& server, Recorders& recorders);
  // The system may end the session, but not before its time.
  void NoteEnd(const std::string& id, Session& session);
  RawClient& Any() { return servers_[random_.Below(servers_.size())]; }

  const std::string name_;
  Recorders& recorders_;
  std::vector<RawClient> servers_;
  base::SeededRandom random_;
  std::map<std::string, Session> sessions_;  // by instance
  int said_ = 0;
  Stopping stopping_;
  std::thread thread_;
};

}  // namespace rollcall::integration
