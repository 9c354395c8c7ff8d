// Keyspace: etcd's MVCC: every version of every key since the last compaction, and the events in
// between.
//
// What is written between Begin and End shares one new revision; a pair that writes nothing makes
// none. Reads in between see what was written. Begins empty, at revision 1. Thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "etcd/rpc.pb.h"

namespace rollcall::etcd {

namespace pb = etcdserverpb;

// Whether `key` lies in etcd's notation of a range: `end` empty: one key; "\0": all from there on.
bool InRange(const std::string& key, const std::string& begin, const std::string& end);

class Keyspace {
 public:
  // Of the newest finished change.
  int64_t revision() const { return revision_; }
  // Reads below it are refused; 0: never compacted.
  int64_t compacted() const { return compacted_ < 0 ? 0 : compacted_; }
  // Of keys, values and their places.
  int64_t bytes() const { return bytes_; }

  absl::Status CheckRevision(int64_t revision) const;
  absl::StatusOr<pb::RangeResponse> Range(const pb::RangeRequest& request) const;
  std::optional<pb::KeyValue> Get(const std::string& key) const;

  void Begin();
  // Both answer with what stood there.
  std::optional<pb::KeyValue> Put(const std::string& key, const std::string& value, int64_t lease);
  std::vector<pb::KeyValue> Delete(const std::string& key, const std::string& range_end);
  // Of the change under way: what its writes, and reads after them, tell.
  int64_t pending_revision() const { return revision_ + (pending_.empty() ? 0 : 1); }
  // True if something was written.
  bool End();

  absl::Status Compact(int64_t revision);

  // The events of the revisions from `first` on, oldest first, until `sink` says false. As with
  // etcd 3.4, deletions at exactly the compacted revision are lost without a word.
  using EventSink = absl::FunctionRef<bool(int64_t revision, const std::vector<pb::Event>& events)>;
  void EventsFrom(int64_t first, EventSink sink) const;

 private:
  struct Version {
    pb::KeyValue kv;
    bool deleted = false;
  };
  using Versions = std::vector<Version>;

  // Of the key at `revision`; null if there was none.
  static const Version* At(const Versions& versions, int64_t revision);
  static int64_t BytesOf(const Version& version);
  void Add(Versions& versions, Version version);
  void CompactKey(Versions& versions, int64_t revision);

  std::map<std::string, Versions> keys_;
  std::map<int64_t, std::vector<pb::Event>> events_;
  std::vector<pb::Event> pending_;
  int64_t revision_ = 1;
  // Before the first compaction even revision 0 can be compacted, once.
  int64_t compacted_ = -1;
  int64_t bytes_ = 0;
  bool writing_ = false;
};

}  // namespace rollcall::etcd
