// KeyPrefix: where in etcd's keys a store stands: all of it under one prefix, which nobody above
// sees. Pure.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "server/store/etcd/etcd_api.h"
#include "server/store/store.h"

namespace rollcall::etcd {

class KeyPrefix {
 public:
  // Ends in '/' whether `prefix` does or not: else "/a" would hold what stands under "/ab".
  explicit KeyPrefix(std::string prefix);

  const std::string& value() const { return prefix_; }
  std::string Full(absl::string_view key) const;
  // Without the prefix. `full` must have it.
  std::string Plain(absl::string_view full) const;

  // etcd's range of all keys that begin with `start` ("": every key of the store).
  struct Span {
    std::string begin;
    std::string end;
  };
  Span Under(absl::string_view start) const;

  // A record as etcd told it.
  store::Record ToRecord(pb::KeyValue kv) const;

 private:
  std::string prefix_;
};

}  // namespace rollcall::etcd
