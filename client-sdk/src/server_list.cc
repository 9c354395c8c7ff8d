#include "client-sdk/src/server_list.h"

#include <algorithm>
#include <utility>

namespace rollcall::sdk {

ServerList::ServerList(std::vector<std::string> seeds, base::Random& random)
    : seeds_(std::move(seeds)), random_(random), preferred_(seeds_[random_.Below(seeds_.size())]) {}

std::vector<std::string> ServerList::All() const {
  std::vector<std::string> all = seeds_;
  for (const std::string& server : learned_) {
    if (std::find(all.begin(), all.end(), server) == all.end()) all.push_back(server);
  }
  return all;
}

std::string ServerList::AnotherThan(const std::string& server) {
  std::vector<std::string> others = All();
  std::erase(others, server);
  if (others.empty()) return "";
  std::vector<std::string> good = others;
  std::erase_if(good, [this](const std::string& s) { return failed_.contains(s); });
  if (good.empty()) {  // All have failed: begin a new round.
    failed_.clear();
    good = std::move(others);
  }
  return good[random_.Below(good.size())];
}

void ServerList::Worked(const std::string& server) { failed_.erase(server); }

void ServerList::Failed(const std::string& server) {
  failed_.insert(server);
  if (server != preferred_) return;  // The rest has moved on already.
  std::string other = AnotherThan(server);
  if (!other.empty()) preferred_ = std::move(other);
}

void ServerList::Prefer(const std::string& server) { preferred_ = server; }

}  // namespace rollcall::sdk
