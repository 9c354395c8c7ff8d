#include "server/observe/log.h"

#include <pthread.h>
#include <unistd.h>

#include <mutex>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "spdlog/async_logger.h"
#include "spdlog/details/thread_pool.h"
#include "spdlog/logger.h"
#include "spdlog/pattern_formatter.h"
#include "spdlog/sinks/base_sink.h"
#include "spdlog/sinks/stdout_color_sinks.h"

namespace rollcall::observe {
namespace {

class FunctionSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit FunctionSink(Log::Sink sink) : sink_(std::move(sink)) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    sink_(absl::string_view(line.data(), line.size()));
  }
  void flush_() override {}

 private:
  Log::Sink sink_;
};

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

// JSON lines carry time and level inside.
void SetPattern(spdlog::logger& logger, LogFormat format, const std::string& line_end) {
  const char* pattern = format == LogFormat::kJson ? "%v" : "%Y-%m-%dT%H:%M:%S.%eZ %^%-7l%$ %v";
  logger.set_formatter(std::make_unique<spdlog::pattern_formatter>(
      pattern, spdlog::pattern_time_type::utc, line_end));
  logger.set_level(spdlog::level::trace);  // Log itself decides.
}

}  // namespace

absl::StatusOr<LogFormat> ChooseLogFormat(absl::string_view word) {
  if (word == "text") return LogFormat::kText;
  if (word == "json") return LogFormat::kJson;
  if (word == "auto") return isatty(STDERR_FILENO) == 1 ? LogFormat::kText : LogFormat::kJson;
  return absl::InvalidArgumentError(absl::StrCat("\"", word, "\" is not one of auto, text, json"));
}

std::unique_ptr<Log> Log::Create(const LogOptions& options, const base::Clock& clock) {
  auto writer = std::make_shared<spdlog::details::thread_pool>(
      kMaxQueuedLogLines, 1, [] { pthread_setname_np(pthread_self(), "rc-log"); });
  return std::unique_ptr<Log>(new Log(options, clock, std::move(writer)));
}

Log::Log(const LogOptions& options, const base::Clock& clock,
         std::shared_ptr<spdlog::details::thread_pool> writer)
    : format_(options.format), clock_(clock), level_(options.level), writer_(std::move(writer)) {
  const bool colours = getenv("NO_COLOR") == nullptr;
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>(
      colours ? spdlog::color_mode::automatic : spdlog::color_mode::never);
  logger_ = std::make_shared<spdlog::async_logger>("rollcall", std::move(sink), writer_,
                                                   spdlog::async_overflow_policy::overrun_oldest);
  SetPattern(*logger_, format_, "\n");
}

Log::Log(const LogOptions& options, const base::Clock& clock, Sink sink)
    : format_(options.format), clock_(clock), level_(options.level) {
  logger_ =
      std::make_shared<spdlog::logger>("rollcall", std::make_shared<FunctionSink>(std::move(sink)));
  SetPattern(*logger_, format_, "");
}

// The writer's thread first: it ends with the last line, and then nobody else holds the logger.
Log::~Log() { writer_ = nullptr; }

void Log::Write(LogLevel level, absl::string_view message, LogFields fields) {
  if (!enabled(level)) return;
  const absl::Time now = clock_.Wall();
  const std::string line = format_ == LogFormat::kJson ? FormatJson(now, level, message, fields)
                                                       : FormatText(message, fields);
  logger_->log(absl::ToChronoTime(now), spdlog::source_loc{}, ToSpdlog(level),
               spdlog::string_view_t(line.data(), line.size()));
}

uint64_t Log::dropped() const { return writer_ == nullptr ? 0 : writer_->overrun_counter(); }

}  // namespace rollcall::observe
