#include "server/app/etcd_options.h"

#include <fstream>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"

namespace rollcall::app {
namespace {

absl::StatusOr<std::string> ReadPassword(const std::string& file) {
  std::string line;
  if (std::ifstream in(file); std::getline(in, line)) return line;
  return absl::InvalidArgumentError(
      absl::StrCat("etcd-password-file: cannot read a line from \"", file, "\""));
}

}  // namespace

absl::StatusOr<etcd::GrpcEtcdOptions> EtcdOptionsOf(const config::Config& config) {
  etcd::GrpcEtcdOptions options;
  ASSIGN_OR_RETURN(options.endpoints, etcd::ParseEndpoints(config.etcd));
  options.tls = {config.etcd_ca, config.etcd_cert, config.etcd_key};
  if (!config.etcd_user.empty()) {
    ASSIGN_OR_RETURN(std::string password, ReadPassword(config.etcd_password_file));
    options.user = etcd::EtcdUser{config.etcd_user, std::move(password)};
  }
  return options;
}

}  // namespace rollcall::app
