// DiscoveryTest: an SdkTest whose client watches, and what the registry tells it.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/sdk/sdk_fixture.h"

namespace rollcall::testing {

class DiscoveryTest : public SdkTest {
 protected:
  FakeWatch& Stream() { return *transport_.watches().back(); }
  // The newest request to subscribe on the newest stream.
  v1::WatchRequest::Subscribe Asked() {
    v1::WatchRequest::Subscribe asked;
    for (const auto& request : Stream().sent) {
      if (request.has_subscribe()) asked = request.subscribe();
    }
    return asked;
  }
  v1::WatchResponse Message(uint64_t revision, std::vector<std::string> updated = {}) {
    v1::WatchResponse message;
    message.set_id(Asked().id());
    message.set_service("web");
    message.set_revision(revision);
    message.set_store_id(transport_.store_id);
    message.set_caught_up(true);
    for (const std::string& id : updated) {
      v1::Instance& instance = *message.add_updated();
      instance.mutable_spec()->set_service("web");
      instance.mutable_spec()->set_id(id);
      instance.set_standing(v1::STANDING_PASSING);
      instance.set_effective_weight(100);
    }
    return message;
  }
  v1::WatchResponse Snapshot(uint64_t revision, std::vector<std::string> ids) {
    v1::WatchResponse message = Message(revision, std::move(ids));
    message.set_snapshot(true);
    return message;
  }
  void Deliver(const v1::WatchResponse& message) {
    Stream().Deliver(message);
    Settle();
  }
  static std::vector<std::string> Ids(const ViewPtr& view) {
    std::vector<std::string> ids;
    for (const InstancePtr& instance : view->instances()) ids.push_back(instance->id);
    return ids;
  }
  std::shared_ptr<sdk::SubscriptionCell> Watch(const std::string& service = "web") {
    return core_->Watch(service, {});
  }
  size_t Acks() {
    return std::count_if(Stream().sent.begin(), Stream().sent.end(),
                         [](const auto& m) { return m.has_ack(); });
  }
};

}  // namespace rollcall::testing
