// Config: what the operator has decided, typed and checked. options.cc says what each option is
// called, means and may be; docs/config.md is made from it.
//
// A plain value. The defaults are those of the table, so Config{} is not one: use DefaultConfig().
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/app/config/address.h"

namespace rollcall::config {

struct Config {
  std::string store;
  std::string data;
  bool cluster() const { return store == "etcd"; }
  std::vector<Address> listen;
  Address http;
  std::string node_id;     // empty: made once and kept in the data directory
  std::string ready_file;  // empty: none

  // The cluster's store; see store/etcd/grpc for what an endpoint is.
  std::string etcd;  // comma-separated URLs
  std::string etcd_prefix;
  std::string etcd_user;
  std::string etcd_password_file;
  std::string etcd_ca;
  std::string etcd_cert;
  std::string etcd_key;
  uint64_t etcd_quota_bytes = 0;
  bool etcd_shared = false;
  std::string advertise;  // host:port; empty: the first listen address
  absl::Duration presence_lease;
  absl::Duration audit_interval;

  bool insecure = false;
  std::string tls_cert;  // empty: no TLS
  std::string tls_key;
  std::string tls_ca;
  bool tls_client_auth = false;
  bool tls() const { return !tls_cert.empty(); }

  std::string log_level;   // for observe::ParseLogLevel
  std::string log_format;  // for observe::ChooseLogFormat

  absl::Duration history_keep;
  uint64_t history_bytes = 0;
  absl::Duration resume_window;
  uint64_t disk_reserve_bytes = 0;

  absl::Duration min_ttl;
  absl::Duration max_ttl;
  absl::Duration default_ttl;

  uint32_t publishers = 0;  // 0: chosen by the number of processors
  absl::Duration drain_time;
};

}  // namespace rollcall::config
