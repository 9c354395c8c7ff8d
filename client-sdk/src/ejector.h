// Ejector: sets aside instances that keep failing, and lets them back.
//
//   state     calls                          leaves by
//   working   all                            `consecutive_failures` in a row → aside
//   aside     none                           its time is over → half-open
//   half-open one at a time                  success → working; failure → aside, for twice as long
//
// Time, chance and the number of instances are arguments. A new lease epoch is a new process and
// begins anew. Pure; thread-compatible.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "client-sdk/base/instant.h"
#include "client-sdk/base/random.h"
#include "rollcall/call.h"

namespace rollcall::sdk {

class Ejector {
 public:
  explicit Ejector(const EjectionOptions& options) : options_(options) {}

  // True if a call may go there now. In half-open state that reserves the one call, whose outcome
  // must be reported.
  bool Admit(const Instance& instance, base::Instant now);
  // `serving`: how many instances the view serves; the share that may be aside is of these.
  void OnSuccess(const Instance& instance);
  void OnFailure(const Instance& instance, size_t serving, base::Instant now, base::Random& random);
  // The call came to nothing that speaks for or against the instance.
  void OnNeutral(const Instance& instance);
  // Forgets instances that are gone, and processes that another one has followed.
  void Retain(const std::vector<InstancePtr>& instances);
  std::vector<std::string> Aside(base::Instant now) const;

 private:
  struct Record {
    uint64_t lease_epoch = 0;
    int failures = 0;    // In a row.
    int ejections = 0;   // Without a success in between.
    bool aside = false;  // Or half-open, when `until` has passed.
    bool trying = false;
    base::Instant until;
    base::Instant try_until;
  };
  Record& For(const Instance& instance);
  bool RoomFor(size_t serving) const;

  const EjectionOptions options_;
  std::map<std::string, Record> records_;
};

}  // namespace rollcall::sdk
