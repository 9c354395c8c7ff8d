// ChangeLog: one log line for each committed change of standing; none for heartbeats.
//
// A revision that changes more than kMaxLines is told as one line for each service, standing and
// cause, with the number, and if these are more than kMaxLines as one for each standing and cause:
// a mass event must not drown the log, nor the core in formatting.
//
// Lives on the core executor.
#pragma once

#include <cstddef>

#include "server/catalog/catalog.h"
#include "server/observe/log.h"

namespace rollcall::node {

class ChangeLog {
 public:
  static constexpr size_t kMaxLines = 20;

  explicit ChangeLog(observe::Log& log) : log_(log) {}
  void Write(const catalog::Happened& happened);

 private:
  void WriteOne(const catalog::StandingChange& change);
  void WriteSums(const catalog::Happened& happened);
  void WriteTotals(const catalog::Happened& happened);

  observe::Log& log_;
};

}  // namespace rollcall::node
