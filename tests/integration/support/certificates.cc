#include "tests/integration/support/certificates.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "tests/integration/support/process.h"

namespace rollcall::integration {
namespace {

namespace fs = std::filesystem;

std::string OpenSsl(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "/usr/bin/openssl");
  const Outcome outcome = RunToEnd(std::move(arguments));
  if (outcome.exit_code != 0) Fail(absl::StrCat("openssl failed: ", outcome.err));
  return outcome.out;
}

const std::vector<std::string>& NewKey() {
  static const auto& options = *new std::vector<std::string>{
      "req",    "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
      "-nodes", "-days", "2"};
  return options;
}

}  // namespace

Certificates::Certificates() {
  std::vector<std::string> command = NewKey();
  command.insert(command.end(),
                 {"-subj", "/CN=test authority", "-keyout", dir_.File("ca.key"), "-out", ca()});
  OpenSsl(std::move(command));
}

KeyPair Certificates::Issue(const std::string& name) const {
  const std::string folder = dir_.File(name);
  fs::create_directory(folder);
  KeyPair pair = {folder + "/cert.pem", folder + "/key.pem"};
  std::vector<std::string> command = NewKey();
  command.insert(command.end(),
                 {"-subj", "/CN=" + name, "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                  "-addext", "basicConstraints=critical,CA:FALSE", "-CA", ca(), "-CAkey",
                  dir_.File("ca.key"), "-keyout", pair.key, "-out", pair.cert});
  OpenSsl(std::move(command));
  return pair;
}

KeyPair Certificates::Current() const {
  return {dir_.File("current/cert.pem"), dir_.File("current/key.pem")};
}

void Certificates::Point(const KeyPair& pair) const {
  fs::create_directory_symlink(fs::path(pair.cert).parent_path(), dir_.File("next"));
  fs::rename(dir_.File("next"), dir_.File("current"));
}

std::string SubjectShownBy(int port) {
  const Outcome outcome = RunToEnd({"/usr/bin/openssl", "s_client", "-connect",
                                    absl::StrCat("127.0.0.1:", port), "-alpn", "h2"});
  const size_t at = outcome.out.find("subject=");
  if (at == outcome.out.npos) return "";
  return outcome.out.substr(at, outcome.out.find('\n', at) - at);
}

}  // namespace rollcall::integration
