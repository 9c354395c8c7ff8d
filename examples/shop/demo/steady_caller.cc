#include "examples/shop/demo/steady_caller.h"

#include <csignal>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"

namespace shop::demo {
namespace {

using nlohmann::json;
using rollcall::base::MutexLock;

constexpr char kProgressEvery[] = "100ms";
// It is ended long before.
constexpr char kLongest[] = "10m";

}  // namespace

absl::StatusOr<std::unique_ptr<SteadyCaller>> SteadyCaller::Start(const std::string& program,
                                                                  const std::string& url, int rate,
                                                                  const std::string& log) {
  std::unique_ptr<SteadyCaller> caller(new SteadyCaller());
  ASSIGN_OR_RETURN(caller->process_,
                   Child::Start({program, "--url", url, "--rate", absl::StrCat(rate), "--duration",
                                 kLongest, "--progress", kProgressEvery, "--json-lines"},
                                log, [raw = caller.get()](const std::string& line, Moment) {
                                  raw->Take(line);
                                }));
  return caller;
}

void SteadyCaller::Take(const std::string& line) {
  json parsed = json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_object()) return;
  const MutexLock lock(mu_);
  if (parsed.contains("report")) {
    report_ = std::move(parsed["report"]);
  } else {
    progress_ = std::move(parsed);
  }
  more_.NotifyAll();
}

// Forgets the line and waits for the next one of its kind.
absl::StatusOr<json> SteadyCaller::Await(const std::string& what, absl::Duration limit,
                                         json SteadyCaller::*line) {
  const Moment end = Now() + absl::ToChronoNanoseconds(limit);
  const MutexLock lock(mu_);
  while ((this->*line).is_null()) {
    const absl::Duration left = Between(Now(), end);
    if (left <= absl::ZeroDuration()) {
      return absl::DeadlineExceededError(absl::StrCat("the steady caller gave no ", what));
    }
    more_.WaitFor(mu_, left);
  }
  return this->*line;
}

absl::StatusOr<CallCounts> SteadyCaller::Counts() {
  {
    const MutexLock lock(mu_);
    progress_ = nullptr;
  }
  ASSIGN_OR_RETURN(const json progress,
                   Await("progress", absl::Seconds(5), &SteadyCaller::progress_));
  return CallCounts{progress.at("made"), progress.at("failed")};
}

absl::StatusOr<json> SteadyCaller::Finish() {
  process_->Signal(SIGTERM);
  return Await("report", absl::Seconds(10), &SteadyCaller::report_);
}

}  // namespace shop::demo
