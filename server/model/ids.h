// Numbers and names that must not be mixed up: each is a type of its own.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace rollcall {

// A value of type T that converts into no other; Tag makes the type.
template <typename T, typename Tag>
class Strong {
 public:
  constexpr Strong() = default;
  explicit constexpr Strong(T value) : value_(std::move(value)) {}
  constexpr const T& value() const { return value_; }

  friend constexpr bool operator==(const Strong&, const Strong&) = default;
  friend constexpr auto operator<=>(const Strong&, const Strong&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const Strong& s) {
    return H::combine(std::move(h), s.value_);
  }
  friend std::string ToString(const Strong& s) { return absl::StrCat(s.value_); }

 private:
  T value_{};
};

// A point in the store's one order of changes; 0 is before everything. Grows, with gaps.
using Revision = Strong<uint64_t, struct RevisionTag>;
// Fencing number, new at each registration of an instance; never repeats.
using LeaseEpoch = Strong<uint64_t, struct LeaseEpochTag>;
// Names the store that revisions belong to.
using StoreId = Strong<std::string, struct StoreIdTag>;
using SessionId = Strong<std::string, struct SessionIdTag>;
using NodeId = Strong<std::string, struct NodeIdTag>;

struct ServiceName {
  std::string ns;
  std::string service;
  friend bool operator==(const ServiceName&, const ServiceName&) = default;
  friend auto operator<=>(const ServiceName&, const ServiceName&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const ServiceName& s) {
    return H::combine(std::move(h), s.ns, s.service);
  }
};

struct InstanceName {
  ServiceName service;
  std::string id;
  friend bool operator==(const InstanceName&, const InstanceName&) = default;
  friend auto operator<=>(const InstanceName&, const InstanceName&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const InstanceName& s) {
    return H::combine(std::move(h), s.service, s.id);
  }
};

inline constexpr char kDefaultNamespace[] = "default";

}  // namespace rollcall
