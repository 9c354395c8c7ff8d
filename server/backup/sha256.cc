#include "server/backup/sha256.h"

#include <openssl/evp.h>

#include "client-sdk/base/check.h"

namespace rollcall::backup {

struct Sha256::Context {
  EVP_MD_CTX* const evp = EVP_MD_CTX_new();
  ~Context() { EVP_MD_CTX_free(evp); }
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  ROLLCALL_CHECK(EVP_DigestInit_ex(context_->evp, EVP_sha256(), nullptr) == 1, "there is SHA-256");
}

Sha256::~Sha256() = default;

void Sha256::Add(absl::string_view bytes) {
  ROLLCALL_CHECK(EVP_DigestUpdate(context_->evp, bytes.data(), bytes.size()) == 1,
                 "a digest takes bytes");
}

std::string Sha256::Finish() {
  std::string digest(kBytes, '\0');
  ROLLCALL_CHECK(EVP_DigestFinal_ex(context_->evp, reinterpret_cast<unsigned char*>(digest.data()),
                                    nullptr) == 1,
                 "a digest ends");
  return digest;
}

}  // namespace rollcall::backup
