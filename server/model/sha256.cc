#include "server/model/sha256.h"

#include <openssl/evp.h>

#include "client-sdk/base/check.h"

namespace rollcall {

std::array<uint8_t, 32> Sha256(absl::string_view bytes) {
  // Looked up once: OpenSSL's own SHA256() does so at each call, which takes longer than the hash
  // of a record (4 % of a registration in all).
  static const EVP_MD* const kAlgorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  std::array<uint8_t, 32> hash;
  ROLLCALL_CHECK(
      EVP_Digest(bytes.data(), bytes.size(), hash.data(), nullptr, kAlgorithm, nullptr) == 1,
      "there is SHA-256");
  return hash;
}

}  // namespace rollcall
