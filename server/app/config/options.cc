#include "server/app/config/options.h"

#include <algorithm>
#include <numeric>
#include <type_traits>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "client-sdk/base/check.h"
#include "client-sdk/base/status_macros.h"
#include "server/app/config/parse_values.h"

namespace rollcall::config {
namespace {

const Option kOptions[] = {
    {"Where it stands", "listen", &Config::listen, "127.0.0.1:7400", "", "", "",
     "Addresses of the gRPC API, comma-separated. Port 0 picks a free one."},
    {"Where it stands", "http", &Config::http, "127.0.0.1:7401", "", "", "",
     "Address of /healthz, /readyz and /metrics: an IP address, or localhost. Port 0 picks a free "
     "one. Plain HTTP, never TLS, and it only reads: off loopback it needs insecure."},
    {"Where it stands", "node-id", &Config::node_id, "", "", "", "",
     "Name of this node. Empty: made at the first start and kept in the data directory."},
    {"Where it stands", "ready-file", &Config::ready_file, "", "", "", "",
     "A file that appears when the node is ready, with its ports as JSON, and goes when it ends. "
     "Its directory must exist, or be the data directory."},

    {"Data", "store", &Config::store, "embedded", "", "", "embedded,etcd",
     "Where the records live. embedded: RocksDB on this machine, one node. etcd: an etcd cluster "
     "that any number of nodes share; each keeps a copy in its data directory."},
    {"Data", "data", &Config::data, "./data", "", "", "",
     "Directory of everything that is kept. One process at a time."},
    {"Data", "history-keep", &Config::history_keep, "7d", "0", "3650d", "",
     "How long changes are kept for history and explain."},
    {"Data", "history-size", &Config::history_bytes, "1GiB", "1MiB", "1TiB", "",
     "How much disk changes may take; the oldest go first."},
    {"Data", "resume-window", &Config::resume_window, "10m", "1s", "7d", "",
     "How long removals and ended sessions are remembered, so that a watcher that was away can "
     "resume and a delayed request is recognised."},
    {"Data", "disk-reserve", &Config::disk_reserve_bytes, "128MiB", "0", "1TiB", "",
     "Free disk space below which writes are refused with RESOURCE_EXHAUSTED. Reads go on."},

    {"Cluster (store etcd)", "etcd", &Config::etcd, "", "", "", "",
     "The etcd members, comma-separated: http://host:port or https://host:port."},
    {"Cluster (store etcd)", "etcd-prefix", &Config::etcd_prefix, "/rollcall/", "", "", "",
     "What every key begins with; nothing else in etcd is read or written. It ends with / and is "
     "more than that."},
    {"Cluster (store etcd)", "etcd-user", &Config::etcd_user, "", "", "", "",
     "User, where etcd has authentication turned on."},
    {"Cluster (store etcd)", "etcd-password-file", &Config::etcd_password_file, "", "", "", "",
     "A file whose first line is that user's password."},
    {"Cluster (store etcd)", "etcd-ca", &Config::etcd_ca, "", "", "", "",
     "Certificates that etcd's are checked against, a PEM file. Empty: the system's."},
    {"Cluster (store etcd)", "etcd-cert", &Config::etcd_cert, "", "", "", "",
     "This node's certificate for etcd, a PEM file."},
    {"Cluster (store etcd)", "etcd-key", &Config::etcd_key, "", "", "", "",
     "Private key of that certificate, a PEM file."},
    {"Cluster (store etcd)", "etcd-quota", &Config::etcd_quota_bytes, "2GiB", "1MiB", "64GiB", "",
     "etcd's --quota-backend-bytes, for the warnings before it is full. etcd does not tell it."},
    {"Cluster (store etcd)", "etcd-shared", &Config::etcd_shared, "false", "", "", "",
     "Others use this etcd too: never compact it. Otherwise revisions older than resume-window are "
     "forgotten."},
    {"Cluster (store etcd)", "advertise", &Config::advertise, "", "", "", "",
     "host:port at which clients and other nodes reach this one. Empty: the first address of "
     "listen, with this machine's name where that is a wildcard."},
    {"Cluster (store etcd)", "presence-lease", &Config::presence_lease, "5s", "2s", "60s", "",
     "How long after a node's last sign of life the others take it for gone."},
    {"Cluster (store etcd)", "audit-interval", &Config::audit_interval, "1m", "6s", "24h", "",
     "How often the nodes compare what they hold. Not below 6s, for the answers to one comparison "
     "are gathered for 5s."},

    {"Sessions", "min-ttl", &Config::min_ttl, "1s", "1s", "10m", "",
     "Shortest time without a heartbeat after which a session may ask to be ended."},
    {"Sessions", "max-ttl", &Config::max_ttl, "10m", "1s", "10m", "", "Longest."},
    {"Sessions", "default-ttl", &Config::default_ttl, "10s", "1s", "10m", "",
     "What a session gets that asks for nothing."},

    {"Security", "tls-cert", &Config::tls_cert, "", "", "", "",
     "Certificate chain, a PEM file; turns TLS on for the gRPC API. Read again when it changes."},
    {"Security", "tls-key", &Config::tls_key, "", "", "", "",
     "Private key of the certificate, a PEM file."},
    {"Security", "tls-ca", &Config::tls_ca, "", "", "", "",
     "Certificates that clients are checked against, a PEM file."},
    {"Security", "tls-client-auth", &Config::tls_client_auth, "false", "", "", "",
     "Refuse clients without a certificate signed by tls-ca."},
    {"Security", "insecure", &Config::insecure, "false", "", "", "",
     "Serve off loopback without TLS. Anyone who reaches the gRPC port can change anything, unless "
     "it has TLS; anyone who reaches the HTTP port can read the metrics."},

    {"Log", "log-level", &Config::log_level, "info", "", "", "debug,info,warning,error",
     "The least important lines that are written."},
    {"Log", "log-format", &Config::log_format, "auto", "", "", "auto,text,json",
     "auto: text on a terminal, JSON lines otherwise."},

    {"Running", "publishers", &Config::publishers, "0", "0", "64", "",
     "Threads that deliver to watchers. 0: chosen by the number of processors."},
    {"Running", "drain-time", &Config::drain_time, "2s", "0", "5m", "",
     "After SIGTERM, how long clients are given to go elsewhere before their streams are closed."},
};

template <typename T>
absl::StatusOr<T> ParseAs(absl::string_view text) {
  if constexpr (std::is_same_v<T, std::string>) {
    return std::string(text);
  } else if constexpr (std::is_same_v<T, bool>) {
    return ParseBool(text);
  } else if constexpr (std::is_same_v<T, uint32_t>) {
    return ParseNumber(text);
  } else if constexpr (std::is_same_v<T, uint64_t>) {
    return ParseSize(text);
  } else if constexpr (std::is_same_v<T, absl::Duration>) {
    return ParseDuration(text);
  } else if constexpr (std::is_same_v<T, Address>) {
    return ParseAddress(text);
  } else {
    return ParseAddresses(text);
  }
}

absl::Status CheckChoice(const Option& option, absl::string_view text) {
  if (*option.choices == '\0') return absl::OkStatus();
  for (const absl::string_view choice : absl::StrSplit(option.choices, ',')) {
    if (text == choice) return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("is not one of ", RangeText(option)));
}

template <typename T>
absl::Status CheckRange(const Option& option, const T& value) {
  if constexpr (std::is_same_v<T, uint32_t> || std::is_same_v<T, uint64_t> ||
                std::is_same_v<T, absl::Duration>) {
    const bool low = *option.least != '\0' && value < *ParseAs<T>(option.least);
    const bool high = *option.most != '\0' && *ParseAs<T>(option.most) < value;
    if (low || high) {
      return absl::InvalidArgumentError(absl::StrCat("is not within ", RangeText(option)));
    }
  }
  return absl::OkStatus();
}

// Levenshtein's, one row at a time.
size_t EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

}  // namespace

absl::Span<const Option> AllOptions() { return kOptions; }

const Option* FindOption(absl::string_view name) {
  for (const Option& option : kOptions) {
    if (name == option.name) return &option;
  }
  return nullptr;
}

std::string NearestOption(absl::string_view name) {
  const std::string typed = absl::StrReplaceAll(absl::AsciiStrToLower(name), {{"_", "-"}});
  std::string best;
  size_t least = std::max<size_t>(2, typed.size() / 3) + 1;
  for (const Option& option : kOptions) {
    const size_t distance = EditDistance(typed, option.name);
    if (distance >= least) continue;
    least = distance;
    best = option.name;
  }
  return best;
}

std::string TypeWord(const Option& option) {
  static constexpr const char* kWords[] = {"text",     "true or false", "number",   "size",
                                           "duration", "address",       "addresses"};
  return kWords[option.member.index()];
}

std::string RangeText(const Option& option) {
  if (*option.choices != '\0') return absl::StrReplaceAll(option.choices, {{",", ", "}});
  if (*option.least == '\0') return "";
  return absl::StrCat(option.least, " to ", option.most);
}

std::string EnvironmentName(const Option& option) {
  return absl::StrCat("ROLLCALL_",
                      absl::AsciiStrToUpper(absl::StrReplaceAll(option.name, {{"-", "_"}})));
}

absl::Status SetOption(const Option& option, absl::string_view text, Config& config) {
  RETURN_IF_ERROR(CheckChoice(option, text));
  return std::visit(
      [&](auto member) -> absl::Status {
        using T = std::decay_t<decltype(config.*member)>;
        ASSIGN_OR_RETURN(T value, ParseAs<T>(text));
        RETURN_IF_ERROR(CheckRange<T>(option, value));
        config.*member = std::move(value);
        return absl::OkStatus();
      },
      option.member);
}

std::string ShowOption(const Option& option, const Config& config) {
  return std::visit(
      [&](auto member) -> std::string {
        using T = std::decay_t<decltype(config.*member)>;
        const T& value = config.*member;
        if constexpr (std::is_same_v<T, std::string>) {
          return value;
        } else if constexpr (std::is_same_v<T, bool>) {
          return value ? "true" : "false";
        } else if constexpr (std::is_same_v<T, uint32_t>) {
          return absl::StrCat(value);
        } else if constexpr (std::is_same_v<T, uint64_t>) {
          return ShowSize(value);
        } else if constexpr (std::is_same_v<T, absl::Duration>) {
          return ShowDuration(value);
        } else if constexpr (std::is_same_v<T, Address>) {
          return ShowAddress(value);
        } else {
          return ShowAddresses(value);
        }
      },
      option.member);
}

Config DefaultConfig() {
  Config config;
  for (const Option& option : kOptions) {
    const absl::Status set = SetOption(option, option.default_text, config);
    ROLLCALL_CHECK(set.ok(), option.name);
  }
  return config;
}

}  // namespace rollcall::config
