#include "server/backup/contents.h"

#include <cstring>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/backup/sha256.h"

namespace rollcall::backup {

void Contents::Add(absl::string_view key, absl::string_view value) {
  Sha256 hash;
  // The length keeps the key and the value apart.
  hash.Add(absl::StrCat(key.size(), ":"));
  hash.Add(key);
  hash.Add(value);
  const std::string digest = hash.Finish();
  std::array<uint64_t, 4> lanes;
  static_assert(sizeof(lanes) == Sha256::kBytes);
  std::memcpy(lanes.data(), digest.data(), sizeof(lanes));
  for (size_t i = 0; i < lanes.size(); ++i) sum_[i] += lanes[i];
  ++records_;
}

}  // namespace rollcall::backup
