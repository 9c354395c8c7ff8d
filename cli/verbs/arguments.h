// Arguments as people type them, into what the API takes. Errors are INVALID_ARGUMENT and say what
// to write instead.
//
// Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "rollcall/v1/types.pb.h"

namespace rollcall::cli {

// Refuses "*", which stands for all namespaces; so do those below that take a namespace.
absl::Status CheckOneNamespace(absl::string_view ns);
// "user/u1"; here and below also "prod:user/u1", as it is printed, of another namespace than `ns`.
absl::StatusOr<v1::InstanceKey> ParseInstanceKey(absl::string_view ns, absl::string_view text);
// "user" or "user/u1" or "".
absl::StatusOr<v1::InstanceKey> ParsePartialKey(absl::string_view ns, absl::string_view text);
// "user": a name without a slash.
absl::StatusOr<v1::ServiceKey> ParseServiceKey(absl::string_view ns, absl::string_view text);
// "10.0.0.1:80", "grpc=host:80", "[::1]:80".
absl::StatusOr<v1::Endpoint> ParseEndpoint(absl::string_view text);
// "key=value".
absl::Status AddMetadata(absl::string_view text, v1::InstanceSpec& spec);
// "a:1,b:2" into its parts.
absl::StatusOr<std::vector<std::string>> ParseServers(absl::string_view text);
// The duration of an option; the error names the option.
absl::StatusOr<absl::Duration> ParseSpan(absl::string_view option, absl::string_view text);

}  // namespace rollcall::cli
