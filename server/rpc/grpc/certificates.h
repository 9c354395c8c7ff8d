// Certificates: what a server shows and whom it trusts, from PEM files that are read again when
// they change.
//
// What is read is checked before it is used, and the very bytes that were checked are used: files
// that are half written, do not fit each other or are gone leave what was read before in use. They
// are looked at for each new connection, so a change is noticed with the first one after it.
//
// Blocks for as long as a few small files take. Thread-safe.
#pragma once

#include <sys/stat.h>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client-sdk/base/mutex.h"

namespace rollcall::rpc {

struct TlsFiles {
  std::string cert;
  std::string key;
  // Of those who sign clients' certificates; needed with client_auth.
  std::string ca;
  // Clients without a certificate are refused.
  bool client_auth = false;

  bool enabled() const { return !cert.empty(); }
};

// PEM texts that fit each other; `ca` empty: nobody is asked for a certificate.
struct TlsTexts {
  std::string cert;
  std::string key;
  std::string ca;
  friend bool operator==(const TlsTexts&, const TlsTexts&) = default;
};

// INVALID_ARGUMENT naming the option and the file that is missing, cannot be read, or does not fit
// the other.
absl::StatusOr<TlsTexts> ReadTls(const TlsFiles& files);

class Certificates {
 public:
  // `why` is for the log: what is wrong with files that changed, or that they were taken.
  using OnChange = std::function<void(const absl::Status& why)>;

  // As ReadTls. `on_change` is called on the thread of whoever takes.
  static absl::StatusOr<std::unique_ptr<Certificates>> Read(TlsFiles files, OnChange on_change);

  // What is to be used from now on, once: nullopt while that is what was taken last.
  std::optional<TlsTexts> Take();

 private:
  // Of each file, what changes when it is written or replaced.
  struct Stamp {
    ino_t inode = 0;
    off_t size = -1;
    int64_t changed = 0;  // nanoseconds
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  using Stamps = std::array<Stamp, 3>;

  Certificates(TlsFiles files, OnChange on_change);
  static Stamp StampOf(const std::string& path);
  Stamps LookAtAll() const;
  absl::Status ReadAgain() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const TlsFiles files_;
  const OnChange on_change_;
  base::Mutex mu_;
  Stamps stamps_ ABSL_GUARDED_BY(mu_);
  TlsTexts texts_ ABSL_GUARDED_BY(mu_);
  bool taken_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace rollcall::rpc
