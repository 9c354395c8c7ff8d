// Certificates: a certificate authority in a temporary directory, and what it signs, made with the
// openssl tool. Throws when the tool fails.
#pragma once

#include <string>

#include "tests/integration/support/temp_dir.h"

namespace rollcall::integration {

struct KeyPair {
  std::string cert;
  std::string key;
};

class Certificates {
 public:
  Certificates();

  std::string ca() const { return dir_.File("ca.pem"); }
  // Signed for this machine's loopback, with `name` as its common name.
  KeyPair Issue(const std::string& name) const;
  // The two files under names that stay: Point() swaps both for another pair's at once.
  KeyPair Current() const;
  void Point(const KeyPair& pair) const;

 private:
  TempDir dir_;
};

// The subject of the certificate that a port shows in a TLS handshake.
std::string SubjectShownBy(int port);

}  // namespace rollcall::integration
