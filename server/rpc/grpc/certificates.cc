#include "server/rpc/grpc/certificates.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"

namespace rollcall::rpc {
namespace {

template <auto kFree>
struct Freed {
  template <typename T>
  void operator()(T* owned) const {
    kFree(owned);
  }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;

// OpenSSL would ask on the terminal.
int NoPassphrase(char*, int, int, void*) { return 0; }

Bio Over(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}
Certificate Next(const Bio& bio) {
  return Certificate(PEM_read_bio_X509(bio.get(), nullptr, NoPassphrase, nullptr));
}
// One certificate, and whatever follows it are certificates too.
bool AreCertificates(const std::string& text) {
  const Bio bio = Over(text);
  bool any = false;
  while (Next(bio) != nullptr) any = true;
  return any && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
}
Key KeyOf(const std::string& text) {
  return Key(PEM_read_bio_PrivateKey(Over(text).get(), nullptr, NoPassphrase, nullptr));
}

absl::Status Refuse(absl::string_view option, absl::string_view path, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("--", option, ": \"", path, "\" ", why));
}

absl::StatusOr<std::string> ReadFile(const std::string& path, absl::string_view option) {
  std::ifstream file(path, std::ios::binary);
  if (file.good()) return std::string{std::istreambuf_iterator<char>(file), {}};
  return absl::InvalidArgumentError(
      absl::StrCat("--", option, ": cannot read \"", path, "\"; give a PEM file"));
}

absl::Status CheckTexts(const TlsFiles& files, const TlsTexts& texts) {
  if (!AreCertificates(texts.cert)) {
    return Refuse("tls-cert", files.cert, "holds no PEM certificate");
  }
  const Certificate certificate = Next(Over(texts.cert));
  const Key key = KeyOf(texts.key);
  if (key == nullptr || X509_check_private_key(certificate.get(), key.get()) != 1) {
    return Refuse("tls-key", files.key,
                  absl::StrCat("holds no PEM key for the certificate in \"", files.cert, "\""));
  }
  if (!files.ca.empty() && !AreCertificates(texts.ca)) {
    return Refuse("tls-ca", files.ca, "holds no PEM certificates");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TlsTexts> ReadTls(const TlsFiles& files) {
  TlsTexts texts;
  ASSIGN_OR_RETURN(texts.cert, ReadFile(files.cert, "tls-cert"));
  ASSIGN_OR_RETURN(texts.key, ReadFile(files.key, "tls-key"));
  if (!files.ca.empty()) {
    ASSIGN_OR_RETURN(texts.ca, ReadFile(files.ca, "tls-ca"));
  }
  const absl::Status checked = CheckTexts(files, texts);
  // What OpenSSL finds wrong it notes for this thread, where gRPC would read it.
  ERR_clear_error();
  RETURN_IF_ERROR(checked);
  return texts;
}

Certificates::Certificates(TlsFiles files, OnChange on_change)
    : files_(std::move(files)), on_change_(std::move(on_change)) {}

absl::StatusOr<std::unique_ptr<Certificates>> Certificates::Read(TlsFiles files,
                                                                 OnChange on_change) {
  auto all =
      std::unique_ptr<Certificates>(new Certificates(std::move(files), std::move(on_change)));
  base::MutexLock lock(all->mu_);
  // Before they are read: what is written meanwhile is read again.
  all->stamps_ = all->LookAtAll();
  ASSIGN_OR_RETURN(all->texts_, ReadTls(all->files_));
  return all;
}

std::optional<TlsTexts> Certificates::Take() {
  std::optional<absl::Status> changed;
  std::optional<TlsTexts> taken;
  {
    base::MutexLock lock(mu_);
    if (const Stamps now = LookAtAll(); now != stamps_) {
      stamps_ = now;
      changed = ReadAgain();
    }
    if (!std::exchange(taken_, true)) taken = texts_;
  }
  if (changed && on_change_) on_change_(*changed);
  return taken;
}

absl::Status Certificates::ReadAgain() {
  ASSIGN_OR_RETURN(TlsTexts texts, ReadTls(files_));
  if (texts != texts_) taken_ = false;
  texts_ = std::move(texts);
  return absl::OkStatus();
}

Certificates::Stamp Certificates::StampOf(const std::string& path) {
  struct stat found {};
  if (path.empty() || stat(path.c_str(), &found) != 0) return {};
  return {found.st_ino, found.st_size,
          int64_t{found.st_mtim.tv_sec} * 1'000'000'000 + found.st_mtim.tv_nsec};
}

Certificates::Stamps Certificates::LookAtAll() const {
  return {StampOf(files_.cert), StampOf(files_.key), StampOf(files_.ca)};
}

}  // namespace rollcall::rpc
