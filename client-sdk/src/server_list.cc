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

std::vector<std::string> ServerList::OthersThan(const std::string& server) {
  std::vector<std::string> others = All();
  std::erase(others, server);
  for (size_t i = 0; i + 1 < others.size(); ++i) {
    std::swap(others[i], others[i + random_.Below(others.size() - i)]);
  }
  const auto failed = [this](const std::string& s) {
    const auto at = failed_.find(s);
    return at == failed_.end() ? 0 : at->second;
  };
  std::stable_sort(others.begin(), others.end(), [&](const std::string& a, const std::string& b) {
    return failed(a) < failed(b);
  });
  return others;
}

std::string ServerList::AnotherThan(const std::string& server) {
  std::vector<std::string> others = OthersThan(server);
  return others.empty() ? "" : std::move(others.front());
}

void ServerList::Worked(const std::string& server) { failed_.erase(server); }

void ServerList::Failed(const std::string& server) {
  failed_[server] = ++failures_;
  if (server != preferred_) return;  // The rest has moved on already.
  std::string other = AnotherThan(server);
  if (!other.empty()) preferred_ = std::move(other);
}

void ServerList::Learn(std::vector<std::string> servers) {
  if (servers.empty()) return;
  std::vector<std::string> added;
  const std::vector<std::string>& before = learned_.empty() ? seeds_ : learned_;
  for (const std::string& server : servers) {
    if (std::find(before.begin(), before.end(), server) == before.end()) added.push_back(server);
  }
  learned_ = std::move(servers);
  // They were away, or are new: what is remembered of them is of another time.
  for (const std::string& server : added) failed_.erase(server);
  std::erase_if(failed_, [all = All()](const auto& failed) {
    return std::find(all.begin(), all.end(), failed.first) == all.end();
  });
  if (added.empty() || random_.Below(size()) >= added.size()) return;
  const std::string& chosen = added[random_.Below(added.size())];
  if (chosen == preferred_) return;
  preferred_ = chosen;
  if (spread_) spread_();
}

void ServerList::Prefer(const std::string& server) { preferred_ = server; }

}  // namespace rollcall::sdk
