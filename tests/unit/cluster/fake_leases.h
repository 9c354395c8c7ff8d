// FakeLeases: a store's lease as a test says it is.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "server/store/leases.h"

namespace rollcall::cluster {

class FakeLeases final : public store::Leases {
 public:
  void Keep(const std::string& key, std::string value) override {
    kept[key] = std::move(value);
    ++puts;
  }
  void Take(const std::string& key, std::string value, TakeDone done) override {
    takes.push_back({key, std::move(value), std::move(done)});
  }
  void Drop(const std::string& key, absl::AnyInvocable<void(absl::Status)> done) override {
    kept.erase(key);
    if (done) done(absl::OkStatus());
  }
  void End(absl::AnyInvocable<void(absl::Status)> done) override {
    kept.clear();
    if (done) done(absl::OkStatus());
  }
  void OnLost(std::function<void()> lost) override { on_lost = std::move(lost); }
  base::Instant confirmed() const override { return confirmed_at; }
  absl::Duration ttl() const override { return lease; }

  struct Taking {
    std::string key;
    std::string value;
    TakeDone done;
  };
  std::map<std::string, std::string> kept;
  int puts = 0;
  std::vector<Taking> takes;
  std::function<void()> on_lost;
  base::Instant confirmed_at = base::Instant::FromOrigin(-absl::InfiniteDuration());
  absl::Duration lease = absl::Seconds(5);
};

}  // namespace rollcall::cluster
