// Log: the program's log, one structured line at a time.
//
//   log.Info("instance suspect", {{"instance", "a1"}, {"cause", "STREAM_BROKEN"}});
//
// Create() writes to stderr from a thread of its own ("rc-log") through a bounded queue: a slow
// terminal or pipe never holds up a caller; when the queue is full the oldest lines are dropped and
// counted. The other constructor hands each line to a function at once, for tests. There is no
// global log: whoever speaks is handed one.
//
// Thread-safe. Destruction writes out what is queued.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client-sdk/base/clock.h"
#include "server/observe/log_format.h"

namespace spdlog {
class logger;
namespace details {
class thread_pool;
}
}  // namespace spdlog

namespace rollcall::observe {

// Lines that wait for stderr at most.
inline constexpr size_t kMaxQueuedLogLines = 8192;

struct LogOptions {
  LogFormat format = LogFormat::kText;
  LogLevel level = LogLevel::kInfo;
};

// "text" or "json"; "auto" is text when stderr is a terminal, else JSON.
absl::StatusOr<LogFormat> ChooseLogFormat(absl::string_view word);

class Log {
 public:
  // Gets each finished line, without the newline; calls come one at a time.
  using Sink = std::function<void(absl::string_view line)>;

  static std::unique_ptr<Log> Create(const LogOptions& options, const base::Clock& clock);
  Log(const LogOptions& options, const base::Clock& clock, Sink sink);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void Debug(absl::string_view message, LogFields fields = {}) {
    Write(LogLevel::kDebug, message, fields);
  }
  void Info(absl::string_view message, LogFields fields = {}) {
    Write(LogLevel::kInfo, message, fields);
  }
  void Warning(absl::string_view message, LogFields fields = {}) {
    Write(LogLevel::kWarning, message, fields);
  }
  void Error(absl::string_view message, LogFields fields = {}) {
    Write(LogLevel::kError, message, fields);
  }
  void Write(LogLevel level, absl::string_view message, LogFields fields);

  bool enabled(LogLevel level) const { return level >= level_.load(std::memory_order_relaxed); }
  void set_level(LogLevel level) { level_.store(level, std::memory_order_relaxed); }
  // Lines dropped because the queue was full.
  uint64_t dropped() const;

 private:
  Log(const LogOptions& options, const base::Clock& clock,
      std::shared_ptr<spdlog::details::thread_pool> writer);

  const LogFormat format_;
  const base::Clock& clock_;
  std::atomic<LogLevel> level_;
  // Null when the lines are handed over at once. Destroyed last: it writes out the rest.
  std::shared_ptr<spdlog::details::thread_pool> writer_;
  std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace rollcall::observe
