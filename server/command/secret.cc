#include "server/command/secret.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

namespace rollcall::command {

std::string HashSecret(const std::string& secret) {
  std::string hash(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(secret.data()), secret.size(),
         reinterpret_cast<unsigned char*>(hash.data()));
  return hash;
}

bool SecretMatches(const std::string& secret, const std::string& hash) {
  const std::string own = HashSecret(secret);
  return own.size() == hash.size() && CRYPTO_memcmp(own.data(), hash.data(), own.size()) == 0;
}

}  // namespace rollcall::command
