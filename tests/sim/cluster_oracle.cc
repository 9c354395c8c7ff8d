#include "tests/sim/cluster_oracle.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/model/keys.h"

namespace rollcall::sim {
namespace {

constexpr absl::string_view kPrefix = "/rollcall/";

}  // namespace

void ClusterOracle::ReadOn() {
  keys_.EventsFrom(read_ + 1, [this](int64_t revision, const std::vector<etcd::pb::Event>& events) {
    read_ = revision;
    for (const etcd::pb::Event& event : events) {
      if (event.type() != etcd::pb::Event::PUT) continue;
      const absl::string_view key = absl::string_view(event.kv().key()).substr(kPrefix.size());
      internal::v1::SessionRecord session;
      internal::v1::InstanceRecord instance;
      if (absl::StartsWith(key, "s/") && session.ParseFromString(event.kv().value())) {
        OnSession(revision, session);
      }
      if (absl::StartsWith(key, "i/") && instance.ParseFromString(event.kv().value())) {
        OnInstance(revision, instance);
      }
    }
    return true;
  });
}

void ClusterOracle::OnSession(int64_t revision, const internal::v1::SessionRecord& now) {
  internal::v1::SessionRecord& before = sessions_[now.id()];
  const std::string what = absl::StrCat(revision, ": ", now.ShortDebugString());
  if (before.state() == internal::v1::SESSION_STATE_ENDED) {
    EXPECT_EQ(now.state(), internal::v1::SESSION_STATE_ENDED) << "an end is final\n" << what;
  } else if (now.state() == internal::v1::SESSION_STATE_ENDED) {
    const Client client = ask_(now.client_name());
    EXPECT_FALSE(client.alive && !client.superseded) << "a living client was ended\n" << what;
    if (now.stamp().cause() == v1::CAUSE_EXPIRED && !client.alive) {
      EXPECT_GE(client.silent, ttl_) << "a dead client was ended early\n" << what;
    }
  }
  before = now;
}

void ClusterOracle::OnInstance(int64_t revision, const internal::v1::InstanceRecord& now) {
  internal::v1::InstanceRecord& before = instances_[now.spec().id()];
  const std::string what =
      absl::StrCat(revision, ": ", now.ShortDebugString(), "\nbefore: ", before.ShortDebugString());
  EXPECT_GE(now.lease_epoch(), before.lease_epoch()) << "an older registration is back\n" << what;
  if (before.removed() && !now.removed()) {
    EXPECT_GT(now.lease_epoch(), before.lease_epoch()) << "it came back by itself\n" << what;
  }
  before = now;
}

size_t ClusterOracle::SessionsOf(const std::string& client) const {
  size_t count = 0;
  for (const auto& [id, session] : sessions_) count += session.client_name() == client;
  return count;
}

store::RecordsHash ClusterOracle::Truth() const {
  etcd::pb::RangeRequest all;
  all.set_key(std::string(kPrefix));
  all.set_range_end("/rollcall0");
  const auto range = keys_.Range(all);
  EXPECT_TRUE(range.ok());
  store::RecordsHash truth;
  for (const etcd::pb::KeyValue& kv : range->kvs()) {
    const std::string key = kv.key().substr(kPrefix.size());
    if (KindOf(key) != KeyKind::kRecord) continue;
    truth.hash +=
        store::RecordHash(key, Revision(static_cast<uint64_t>(kv.mod_revision())), kv.value());
    ++truth.records;
  }
  return truth;
}

}  // namespace rollcall::sim
