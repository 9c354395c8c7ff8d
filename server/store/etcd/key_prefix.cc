#include "server/store/etcd/key_prefix.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client-sdk/base/check.h"

namespace rollcall::etcd {

KeyPrefix::KeyPrefix(std::string prefix) : prefix_(std::move(prefix)) {
  if (!absl::EndsWith(prefix_, "/")) prefix_ += '/';
}

std::string KeyPrefix::Full(absl::string_view key) const { return absl::StrCat(prefix_, key); }

std::string KeyPrefix::Plain(absl::string_view full) const {
  ROLLCALL_CHECK(absl::StartsWith(full, prefix_), "etcd tells only what was asked for");
  return std::string(full.substr(prefix_.size()));
}

KeyPrefix::Span KeyPrefix::Under(absl::string_view start) const {
  Span span{Full(start), Full(start)};
  // The first string behind all that begin so. The last byte of ours is never 0xff.
  span.end.back() = static_cast<char>(span.end.back() + 1);
  return span;
}

store::Record KeyPrefix::ToRecord(pb::KeyValue kv) const {
  return {Plain(kv.key()), std::move(*kv.mutable_value()),
          Revision(static_cast<uint64_t>(kv.mod_revision()))};
}

}  // namespace rollcall::etcd
