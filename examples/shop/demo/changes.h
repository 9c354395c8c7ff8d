// Changes: what a subscriber of the registry hears, and when.
//
// Takes the lines of `rollcall watch -o json`, which is a process of its own: the times are those
// at which another process knew, not those at which the registry decided.
//
// Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client-sdk/base/mutex.h"
#include "examples/shop/demo/moment.h"
#include "nlohmann/json.hpp"

namespace shop::demo {

// What standing the removed have.
inline constexpr char kGone[] = "GONE";

struct Change {
  Moment heard;
  std::string service;
  std::string instance;
  // "PASSING" and so on, or kGone.
  std::string standing;
  // "STREAM_BROKEN" and so on.
  std::string cause;
  std::string evidence;
};

class Changes {
 public:
  void Take(const std::string& line, Moment heard);

  // The first change of `instance` to `standing` heard after `since`. DEADLINE_EXCEEDED if none is
  // heard within `limit` of now.
  absl::StatusOr<Change> Await(const std::string& instance, const std::string& standing,
                               Moment since, absl::Duration limit) const;
  std::vector<Change> Since(Moment since) const;
  // "address:port" of the instance's first endpoint, or "".
  std::string AddressOf(const std::string& instance) const;

 private:
  void Updated(const nlohmann::json& instance, Moment heard) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Removed(const nlohmann::json& removed, Moment heard) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  const Change* Find(const std::string& instance, const std::string& standing, Moment since) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  mutable rollcall::base::Mutex mu_;
  mutable rollcall::base::CondVar more_;
  std::vector<Change> changes_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, std::string> addresses_ ABSL_GUARDED_BY(mu_);
};

}  // namespace shop::demo
