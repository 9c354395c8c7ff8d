#include "server/store/record_hash.h"

#include <string>

#include "server/model/sha256.h"

namespace rollcall::store {
namespace {

void Append(uint64_t number, std::string& out) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(number >> shift));
}

}  // namespace

uint64_t RecordHash(absl::string_view key, Revision revision, absl::string_view value) {
  std::string bytes;
  bytes.reserve(2 * sizeof(uint64_t) + key.size() + value.size());
  // The length tells where the key ends.
  Append(key.size(), bytes);
  bytes.append(key.data(), key.size());
  Append(revision.value(), bytes);
  bytes.append(value.data(), value.size());
  const auto digest = Sha256(bytes);
  uint64_t hash = 0;
  for (size_t i = 0; i < sizeof(hash); ++i) hash = hash << 8 | digest[i];
  return hash;
}

}  // namespace rollcall::store
