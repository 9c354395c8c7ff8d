// What goes over the wire to Rollcall and to its limit: messages of the sizes that users send.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "rollcall/v1/registry.pb.h"

namespace rollcall::bench {

// The service whose instances change and die before watchers' eyes.
inline constexpr char kWatched[] = "watched";

// 32 hex digits: `kind` keeps the sessions of different callers apart.
std::string SessionId(char kind, uint64_t n);

// Opens session `n` of its kind; without instances yet.
v1::RegisterRequest OpenRequest(char kind, uint64_t n, absl::Duration ttl);

// An instance whose encoded spec takes about `bytes`.
v1::InstanceSpec Spec(const std::string& service, const std::string& id, size_t bytes);

// Ids end in a number, "crowd-17"; versions that mark a change do, "mark-4711". 0 without one.
uint64_t NumberAtEnd(absl::string_view text);

}  // namespace rollcall::bench
