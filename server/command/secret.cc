#include "server/command/secret.h"

#include <openssl/crypto.h>

#include "server/model/sha256.h"

namespace rollcall::command {

std::string HashSecret(const std::string& secret) {
  const auto hash = Sha256(secret);
  return std::string(hash.begin(), hash.end());
}

bool SecretMatches(const std::string& secret, const std::string& hash) {
  const auto own = Sha256(secret);
  return own.size() == hash.size() && CRYPTO_memcmp(own.data(), hash.data(), own.size()) == 0;
}

}  // namespace rollcall::command
