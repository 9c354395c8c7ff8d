// WatchSource: the server's side of one watch: which responses it makes of what was written.
//
// Up with the keys, it answers each revision by itself. Behind them, it catches up as etcd does: up
// to a thousand revisions in one response whose header tells the newest revision of all, although
// the events end before it; over the limit of bytes in fragments, which may part a revision.
// Thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "etcd/rpc.pb.h"
#include "server/store/etcd/testing/keyspace.h"

namespace rollcall::etcd {

class WatchSource {
 public:
  WatchSource(pb::WatchCreateRequest request, const Keyspace& keys, size_t fragment_bytes);

  pb::WatchResponse Created() const;
  // What has not been told, up to the newest revision; empty if nothing of it matters here. After a
  // canceled response: nothing more.
  std::vector<pb::WatchResponse> Take();
  // Tells how far everything was told, if progress was asked for and nothing else was told since
  // the last call.
  std::vector<pb::WatchResponse> Progress();

 private:
  pb::WatchResponse Canceled() const;
  // Adds the events of some revisions from next_ on, and moves it on.
  void Collect(pb::WatchResponse& response);
  void Split(pb::WatchResponse whole, std::vector<pb::WatchResponse>& out) const;

  const pb::WatchCreateRequest request_;
  const Keyspace& keys_;
  const size_t fragment_bytes_;
  // The first revision not told.
  int64_t next_;
  bool canceled_ = false;
  bool told_ = false;
};

}  // namespace rollcall::etcd
