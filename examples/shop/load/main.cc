// shop_load: a steady caller. Calls the gateway so many times a second and reports what came of it.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "examples/shop/common/flags.h"
#include "examples/shop/common/stop_signals.h"
#include "examples/shop/load/worker.h"

namespace shop {
namespace {

using nlohmann::json;

struct LoadOptions {
  std::string url = "http://127.0.0.1:8080";
  double rate = 100;
  absl::Duration length = absl::Seconds(10);
  absl::Duration every = absl::Seconds(1);
  size_t workers = 32;
  bool json_lines = false;
};

void AddFlags(CLI::App& app, LoadOptions& options) {
  app.add_option("--url", options.url, "The gateway")->capture_default_str();
  app.add_option("--rate", options.rate, "Calls a second")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  AddDuration(app, "--duration", options.length, "How long");
  AddDuration(app, "--progress", options.every, "How often to say how it goes");
  app.add_option("--workers", options.workers, "Calls at one time, at most")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_flag("--json-lines", options.json_lines,
               "Progress and report on stdout as JSON, one object a line");
}

void SayProgress(const json& progress, double seconds) {
  const json& latency = progress.at("latency_ms");
  std::fprintf(stderr, "%6.1f s  %8llu made  %4llu failed", seconds,
               progress.at("made").get<unsigned long long>(),
               progress.at("failed").get<unsigned long long>());
  if (latency.is_object()) {
    std::fprintf(stderr, "  p50 %.1f ms  p99 %.1f ms", latency.at("p50").get<double>(),
                 latency.at("p99").get<double>());
  }
  std::fprintf(stderr, "\n");
}

// Reports progress until the schedule's end or a signal.
void Watch(const LoadOptions& options, const StopSignals& stop, Schedule& schedule,
           Ledger& ledger) {
  const auto elapsed = [&] {
    return std::chrono::duration<double>(Schedule::Clock::now() - schedule.start()).count();
  };
  const double length = absl::ToDoubleSeconds(options.length);
  while (elapsed() < length) {
    if (stop.WaitFor(std::min(options.every, absl::Seconds(length - elapsed())))) break;
    json progress = ledger.Progress();
    if (!options.json_lines) {
      SayProgress(progress, elapsed());
      continue;
    }
    progress["seconds"] = elapsed();
    std::cout << progress.dump() << std::endl;
  }
  schedule.Stop();
}

int Run(const LoadOptions& options) {
  const StopSignals stop;
  Ledger ledger;
  Schedule schedule(Schedule::Clock::now(), options.rate,
                    absl::ToChronoNanoseconds(options.length));
  // Each worker may sleep until the call that it took is due: no more of them than calls a second.
  const size_t count = std::min<size_t>(options.workers, std::ceil(options.rate));
  std::vector<std::thread> workers;
  for (size_t i = 0; i < count; ++i) {
    workers.emplace_back([&] { Work(options.url, schedule, ledger); });
  }
  Watch(options, stop, schedule, ledger);
  for (std::thread& worker : workers) worker.join();
  const json report = ledger.Report();
  std::cout << (options.json_lines ? json{{"report", report}}.dump() : report.dump(2)) << std::endl;
  return report.at("failed") == 0 ? 0 : 1;
}

}  // namespace
}  // namespace shop

int main(int argc, char** argv) {
  shop::LoadOptions options;
  CLI::App app("A steady caller of the shop; ends with a report, early on SIGINT");
  shop::AddFlags(app, options);
  CLI11_PARSE(app, argc, argv);
  return shop::Run(options);
}
