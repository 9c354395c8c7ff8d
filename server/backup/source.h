// Source: a place that records can be read from as they stood at one revision: a store's disk, a
// backup file. Reading: one such state, being read.
//
// Calls block. A Reading is thread-compatible and unchanged by what is written meanwhile; it must
// not outlive its source.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "server/backup/record.h"

namespace rollcall::backup {

class Reading {
 public:
  virtual ~Reading() = default;
  virtual const Header& header() const = 0;
  // The next records in key order, of about `bytes` together and at least one; none: that was all.
  // After an error nothing more may be read, and what was read may be wrong.
  virtual absl::StatusOr<std::vector<Record>> Next(size_t bytes) = 0;
};

class Source {
 public:
  virtual ~Source() = default;
  virtual absl::StatusOr<std::unique_ptr<Reading>> Open() const = 0;
};

}  // namespace rollcall::backup
