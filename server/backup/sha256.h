// Sha256: the digest of bytes that come in pieces.
//
// Thread-compatible.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace rollcall::backup {

class Sha256 {
 public:
  static constexpr size_t kBytes = 32;

  Sha256();
  ~Sha256();

  void Add(absl::string_view bytes);
  // Of all that was added; nothing may be added afterwards.
  std::string Finish();

 private:
  struct Context;  // what knows OpenSSL
  std::unique_ptr<Context> context_;
};

}  // namespace rollcall::backup
