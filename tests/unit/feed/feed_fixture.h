// FeedTest: a feed over services made by hand, under virtual time.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/catalog/view_table.h"
#include "server/feed/publisher_pool.h"
#include "server/model/limits.h"
#include "tests/support/fake_clock.h"
#include "tests/support/manual_executor.h"
#include "tests/unit/feed/fake_service.h"
#include "tests/unit/feed/fake_watch.h"

namespace rollcall::feed {

class FeedTest : public ::testing::Test {
 protected:
  using Watch = std::shared_ptr<FakeWatch>;

  FeedTest() { views_.SetApplied(last_); }

  // Commits at a revision of its own, with a gap, and publishes.
  Revision Put(const std::string& service, const std::string& id, const Content& content = {}) {
    return Commit(service, [&](FakeService& s, Revision r) { s.Put(id, r, content); });
  }
  Revision Remove(const std::string& service, const std::string& id,
                  v1::Cause cause = v1::CAUSE_DEREGISTERED) {
    return Commit(service, [&](FakeService& s, Revision r) { s.Remove(id, r, cause); });
  }
  template <typename Change>
  Revision Commit(const std::string& service, Change change) {
    last_ = Revision(last_.value() + 3);
    const ServiceName name{"default", service};
    FakeService& s = services_.try_emplace(service, name).first->second;
    change(s, last_);
    views_.Publish(s.Snapshot(last_));
    views_.SetApplied(last_);
    pool_.OnPublished({{name}}, last_);
    return last_;
  }
  // Raises the horizon to `horizon` by a commit of its own, and purges.
  void PurgeUpTo(Revision horizon) {
    last_ = Revision(last_.value() + 3);
    views_.SetHorizon(horizon);
    for (auto& [service, s] : services_) {
      s.Purge(horizon);
      const ServiceName name{"default", service};
      if (s.empty()) {
        views_.Erase(name);
      } else {
        views_.Publish(s.Snapshot(views_.Find(name)->revision));
      }
    }
    views_.SetApplied(last_);
    pool_.OnPublished({}, last_);
  }

  Watch Connect(const std::string& peer = "peer") {
    auto watch = std::make_shared<FakeWatch>(pool_, peer);
    watch->id = pool_.Add(watch);
    Settle();
    return watch;
  }
  struct Wish {
    uint32_t id = 1;
    std::string service = "user";
    std::string selector;
    uint64_t resume = 0;
    std::string store = "store";
    bool will_ack = false;
    std::string client_name = "caller";
    std::string ns;
    bool accept_stale = false;
  };
  void Subscribe(const Watch& watch, const Wish& wish) {
    v1::WatchRequest request;
    auto& subscribe = *request.mutable_subscribe();
    subscribe.set_id(wish.id);
    subscribe.set_namespace_(wish.ns);
    subscribe.set_service(wish.service);
    subscribe.set_selector(wish.selector);
    subscribe.set_resume_revision(wish.resume);
    subscribe.set_store_id(wish.store);
    subscribe.set_will_ack(wish.will_ack);
    subscribe.set_client_name(wish.client_name);
    subscribe.set_accept_stale(wish.accept_stale);
    pool_.OnRequest(watch->id, request);
    Settle();
  }
  Watch Watching(const std::string& service, const std::string& peer = "peer") {
    Watch watch = Connect(peer);
    Subscribe(watch, {.service = service});
    return watch;
  }
  void Unsubscribe(const Watch& watch, uint32_t id) {
    v1::WatchRequest request;
    request.mutable_unsubscribe()->set_id(id);
    pool_.OnRequest(watch->id, request);
    Settle();
  }
  void Ack(const Watch& watch, uint32_t id, Revision revision) {
    v1::WatchRequest request;
    request.mutable_ack()->set_id(id);
    request.mutable_ack()->set_revision(revision.value());
    pool_.OnRequest(watch->id, request);
    Settle();
  }
  v1::GetDrainStatusResponse Drain(const std::string& service, Revision revision) {
    v1::GetDrainStatusResponse status;
    pool_.DrainStatus({"default", service}, revision,
                      [&](v1::GetDrainStatusResponse answer) { status = std::move(answer); });
    Settle();
    return status;
  }

  // Everything posted runs; merge windows pass.
  void Settle() { executor_.AdvanceBy(kMaxMergeWindow); }
  void AdvanceBy(absl::Duration d) { executor_.AdvanceBy(d); }

  // "service/id" → revision, of live instances; of all services if `service` is empty.
  std::map<std::string, uint64_t> Truth(const std::string& service = "") const {
    std::map<std::string, uint64_t> truth;
    for (const auto& [name, s] : services_) {
      if (!service.empty() && service != name) continue;
      for (const auto& [id, revision] : s.Live()) truth[absl::StrCat(name, "/", id)] = revision;
    }
    return truth;
  }
  static std::vector<std::string> Ids(const v1::WatchResponse& message) {
    std::vector<std::string> ids;
    for (const auto& instance : message.updated()) ids.push_back(instance.spec().id());
    return ids;
  }

  testing::FakeClock clock_;
  catalog::ViewTable views_{StoreId("store")};
  base::SeededRandom random_{1};
  Revision last_{10};
  std::map<std::string, FakeService> services_;
  std::vector<std::string> told_;  // of cut-offs
  ServerNames servers_;
  absl::Duration making_;  // how long each frame takes to make
  testing::ManualExecutor executor_{clock_};
  base::Executor* executors_[1] = {&executor_};
  PublisherPool pool_{
      executors_,
      {views_, clock_,
       [this](std::string bytes) {
         clock_.AdvanceBy(making_);
         return std::make_shared<StringFrame>(std::move(bytes));
       },
       [] { return absl::ZeroDuration(); },
       [this](const std::string& client, const std::string& peer, const std::string& reason) {
         told_.push_back(client + " " + peer + ": " + reason);
       },
       [this] { return servers_; }},
      random_};
};

}  // namespace rollcall::feed
