// ServerList: which registry server to talk to.
//
// All of a client's traffic goes to one preferred server for as long as that works; when it fails,
// another one is chosen at random among those that have not failed since they last worked. Seeds
// stay for ever; learned servers are replaced by each newer list.
//
// Thread-compatible; belongs to the core's executor.
#pragma once

#include <set>
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
  void Worked(const std::string& server);
  void Failed(const std::string& server);
  void Prefer(const std::string& server);
  void Learn(std::vector<std::string> servers) { learned_ = std::move(servers); }
  size_t size() const { return All().size(); }

 private:
  std::vector<std::string> All() const;

  const std::vector<std::string> seeds_;
  base::Random& random_;
  std::vector<std::string> learned_;
  std::set<std::string> failed_;
  std::string preferred_;
};

}  // namespace rollcall::sdk
