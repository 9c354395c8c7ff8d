#include "server/store/etcd/testing/keyspace.h"

#include <algorithm>
#include <utility>

#include "client-sdk/base/check.h"
#include "client-sdk/base/status_macros.h"
#include "server/store/etcd/testing/errors.h"

namespace rollcall::etcd {
namespace {

const std::string kToTheEnd(1, '\0');

// What a version costs beside its key and value.
constexpr int64_t kBytesPerVersion = 48;

}  // namespace

bool InRange(const std::string& key, const std::string& begin, const std::string& end) {
  if (end.empty()) return key == begin;
  return begin <= key && (end == kToTheEnd || key < end);
}

const Keyspace::Version* Keyspace::At(const Versions& versions, int64_t revision) {
  for (auto at = versions.rbegin(); at != versions.rend(); ++at) {
    if (at->kv.mod_revision() <= revision) return at->deleted ? nullptr : &*at;
  }
  return nullptr;
}

absl::Status Keyspace::CheckRevision(int64_t revision) const {
  if (revision <= 0) return absl::OkStatus();
  if (revision > pending_revision()) return errors::FutureRevision();
  if (revision < compacted_) return errors::Compacted();
  return absl::OkStatus();
}

absl::StatusOr<pb::RangeResponse> Keyspace::Range(const pb::RangeRequest& request) const {
  RETURN_IF_ERROR(CheckRevision(request.revision()));
  pb::RangeResponse response;
  response.mutable_header()->set_revision(pending_revision());
  const int64_t revision = request.revision() > 0 ? request.revision() : pending_revision();
  for (auto at = keys_.lower_bound(request.key());
       at != keys_.end() && InRange(at->first, request.key(), request.range_end()); ++at) {
    const Version* const version = At(at->second, revision);
    if (version == nullptr) continue;
    response.set_count(response.count() + 1);
    if (request.count_only()) continue;
    if (request.limit() > 0 && response.kvs_size() >= request.limit()) {
      response.set_more(true);
      continue;
    }
    *response.add_kvs() = version->kv;
    if (request.keys_only()) response.mutable_kvs()->rbegin()->clear_value();
  }
  return response;
}

std::optional<pb::KeyValue> Keyspace::Get(const std::string& key) const {
  const auto at = keys_.find(key);
  if (at == keys_.end()) return std::nullopt;
  const Version* const version = At(at->second, pending_revision());
  if (version == nullptr) return std::nullopt;
  return version->kv;
}

void Keyspace::Begin() {
  ROLLCALL_CHECK(!writing_, "one change at a time");
  writing_ = true;
}

int64_t Keyspace::BytesOf(const Version& version) {
  return kBytesPerVersion + static_cast<int64_t>(version.kv.key().size()) +
         static_cast<int64_t>(version.kv.value().size());
}

void Keyspace::Add(Versions& versions, Version version) {
  bytes_ += BytesOf(version);
  pb::Event event;
  event.set_type(version.deleted ? pb::Event::DELETE : pb::Event::PUT);
  *event.mutable_kv() = version.kv;
  pending_.push_back(std::move(event));
  versions.push_back(std::move(version));
}

std::optional<pb::KeyValue> Keyspace::Put(const std::string& key, const std::string& value,
                                          int64_t lease) {
  ROLLCALL_CHECK(writing_, "a put is part of a change");
  const std::optional<pb::KeyValue> before = Get(key);
  Version version;
  version.kv.set_key(key);
  version.kv.set_value(value);
  version.kv.set_lease(lease);
  version.kv.set_mod_revision(revision_ + 1);
  version.kv.set_create_revision(before ? before->create_revision() : revision_ + 1);
  version.kv.set_version(before ? before->version() + 1 : 1);
  Add(keys_[key], std::move(version));
  return before;
}

std::vector<pb::KeyValue> Keyspace::Delete(const std::string& key, const std::string& range_end) {
  ROLLCALL_CHECK(writing_, "a deletion is part of a change");
  std::vector<pb::KeyValue> deleted;
  for (auto at = keys_.lower_bound(key); at != keys_.end() && InRange(at->first, key, range_end);
       ++at) {
    const Version* const standing = At(at->second, revision_ + 1);
    if (standing == nullptr) continue;
    deleted.push_back(standing->kv);
    Version version{.kv = {}, .deleted = true};
    version.kv.set_key(at->first);
    version.kv.set_mod_revision(revision_ + 1);
    Add(at->second, std::move(version));
  }
  return deleted;
}

bool Keyspace::End() {
  ROLLCALL_CHECK(writing_, "no change is under way");
  writing_ = false;
  if (pending_.empty()) return false;
  events_.emplace(++revision_, std::move(pending_));
  pending_.clear();
  return true;
}

void Keyspace::CompactKey(Versions& versions, int64_t revision) {
  // The newest version at or below the revision stays, unless it is a deletion.
  auto keep = versions.begin();
  for (auto at = versions.begin(); at != versions.end(); ++at) {
    if (at->kv.mod_revision() <= revision) keep = at;
  }
  if (keep != versions.end() && keep->deleted && keep->kv.mod_revision() <= revision) ++keep;
  for (auto at = versions.begin(); at != keep; ++at) bytes_ -= BytesOf(*at);
  versions.erase(versions.begin(), keep);
}

absl::Status Keyspace::Compact(int64_t revision) {
  if (revision <= compacted_) return errors::Compacted();
  if (revision > revision_) return errors::FutureRevision();
  compacted_ = revision;
  for (auto at = keys_.begin(); at != keys_.end();) {
    CompactKey(at->second, revision);
    at = at->second.empty() ? keys_.erase(at) : std::next(at);
  }
  events_.erase(events_.begin(), events_.lower_bound(revision));
  if (const auto last = events_.find(revision); last != events_.end()) {
    std::erase_if(last->second,
                  [](const pb::Event& event) { return event.type() == pb::Event::DELETE; });
  }
  return absl::OkStatus();
}

void Keyspace::EventsFrom(int64_t first, EventSink sink) const {
  for (auto at = events_.lower_bound(first); at != events_.end(); ++at) {
    if (!sink(at->first, at->second)) return;
  }
}

}  // namespace rollcall::etcd
