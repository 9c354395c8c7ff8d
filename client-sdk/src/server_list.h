// ServerList: which registry server to talk to.
//
// All of a client's traffic goes to one preferred server for as long as that works; when it fails,
// another one is chosen at random among those that have not failed since they last worked; when all
// have, the one that failed first, so that each has its turn. Seeds stay for ever; learned servers
// are replaced by each newer list.
//
// Clients spread over the servers: each begins at a random seed, and when a newer list brings
// servers that the last one lacked, a client prefers one of them with the chance that keeps all
// servers equally loaded (n new ones among m: n/m), and no other client moves.
//
// Thread-compatible; belongs to the core's executor.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "client-sdk/base/random.h"

namespace rollcall::sdk {

class ServerList {
 public:
  // At least one seed.
  ServerList(std::vector<std::string> seeds, base::Random& random);

  const std::string& preferred() const { return preferred_; }
  // Any server but this one; empty if there is none.
  std::string AnotherThan(const std::string& server);
  // All others than this one, in the order in which they are to be tried.
  std::vector<std::string> OthersThan(const std::string& server);
  void Worked(const std::string& server);
  void Failed(const std::string& server);
  void Prefer(const std::string& server);
  // An empty list says nothing.
  void Learn(std::vector<std::string> servers);
  // Called when Learn has made another server the preferred one: who stays on a stream elsewhere is
  // to move there without haste.
  void OnSpread(std::function<void()> spread) { spread_ = std::move(spread); }
  size_t size() const { return All().size(); }

 private:
  std::vector<std::string> All() const;

  const std::vector<std::string> seeds_;
  base::Random& random_;
  std::function<void()> spread_;
  std::vector<std::string> learned_;
  // Since they last worked; by when, as a count.
  std::map<std::string, uint64_t> failed_;
  uint64_t failures_ = 0;
  std::string preferred_;
};

}  // namespace rollcall::sdk
