// FakeWatch: a WatchStream whose far end is a client that keeps views as the SDK does, and checks
// on the way what every client may rely on.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rollcall/v1/discovery.pb.h"
#include "server/feed/publisher_pool.h"
#include "server/feed/watch_stream.h"

namespace rollcall::feed {

class StringFrame final : public Frame {
 public:
  explicit StringFrame(std::string bytes) : bytes_(std::move(bytes)) {}
  size_t size() const override { return bytes_.size(); }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// What a client knows under one subscription id.
struct ClientView {
  // "service/id" → revision; of removed ones too, to catch anything older.
  std::map<std::string, uint64_t> live;
  std::map<std::string, uint64_t> newest;
  std::map<std::string, uint64_t> building;  // of the snapshot under way
  bool in_snapshot = false;
  uint64_t revision = 0;  // of the last caught_up
  uint64_t snapshots = 0;
};

class FakeWatch final : public WatchStream {
 public:
  FakeWatch(PublisherPool& pool, std::string peer) : pool_(pool), peer_(std::move(peer)) {}

  void Write(std::string prefix, std::shared_ptr<const Frame> body) override {
    EXPECT_FALSE(in_flight) << "a second write before the first was done";
    EXPECT_FALSE(closed) << "a write after the end";
    if (body) prefix += static_cast<const StringFrame&>(*body).bytes();
    v1::WatchResponse message;
    ASSERT_TRUE(message.ParseFromString(prefix));
    frames.push_back(std::move(body));
    if (order != nullptr) order->push_back(peer_);
    Take(message);
    messages.push_back(std::move(message));
    in_flight = true;
    if (reads) Finish();
  }
  void Close(absl::Status status) override {
    EXPECT_FALSE(closed) << "closed twice";
    closed = std::move(status);
  }
  const std::string& peer() const override { return peer_; }

  // The write in flight is done.
  void Finish(bool ok = true) {
    ASSERT_TRUE(in_flight);
    in_flight = false;
    pool_.OnWritten(id, ok);
  }
  std::vector<v1::WatchResponse> TakeMessages() { return std::exchange(messages, {}); }

  WatcherId id;
  bool reads = true;  // writes are done at once
  bool acks = false;  // acknowledges every caught_up
  bool in_flight = false;
  std::optional<absl::Status> closed;
  std::vector<v1::WatchResponse> messages;
  std::vector<std::shared_ptr<const Frame>> frames;
  std::map<uint32_t, ClientView> views;
  std::vector<std::string>* order = nullptr;  // told the peer of each write

 private:
  void Take(const v1::WatchResponse& m) {
    if (m.has_error()) return;
    EXPECT_TRUE(m.has_age());
    EXPECT_EQ(m.store_id(), "store");
    ClientView& view = views[m.id()];
    if (m.snapshot() && !view.in_snapshot) {
      view.in_snapshot = true;
      view.building.clear();
    }
    EXPECT_EQ(m.snapshot(), view.in_snapshot) << "a delta amid a snapshot";
    for (const v1::Instance& instance : m.updated()) {
      const std::string key = instance.spec().service() + "/" + instance.spec().id();
      NotOlder(view, key, instance.revision());
      (view.in_snapshot ? view.building : view.live)[key] = instance.revision();
    }
    for (const v1::Removed& removed : m.removed()) {
      const std::string key = removed.key().service() + "/" + removed.key().id();
      NotOlder(view, key, removed.revision());
      view.live.erase(key);
    }
    if (m.caught_up()) CaughtUp(view, m);
  }
  void NotOlder(ClientView& view, const std::string& key, uint64_t revision) {
    EXPECT_GE(revision, view.newest[key]) << key << ": an older state after a newer one";
    view.newest[key] = revision;
  }
  void CaughtUp(ClientView& view, const v1::WatchResponse& m) {
    EXPECT_GE(m.revision(), view.revision) << "the revision went back";
    view.revision = m.revision();
    if (std::exchange(view.in_snapshot, false)) {
      view.live = view.building;
      ++view.snapshots;
    }
    if (!acks) return;
    v1::WatchRequest request;
    request.mutable_ack()->set_id(m.id());
    request.mutable_ack()->set_revision(m.revision());
    pool_.OnRequest(id, request);
  }

  PublisherPool& pool_;
  const std::string peer_;
};

}  // namespace rollcall::feed
