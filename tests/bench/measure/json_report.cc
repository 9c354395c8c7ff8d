#include "nlohmann/json.hpp"
#include "tests/bench/measure/reports.h"

namespace rollcall::bench {
namespace {

using nlohmann::json;

json ToJson(const Samples& samples) {
  return {{"median", samples.median()},
          {"min", samples.min()},
          {"max", samples.max()},
          {"values", samples.values()}};
}

json ToJson(const Histogram& latencies) {
  json percentiles = json::object();
  for (const double share : {0.5, 0.9, 0.99, 0.999, 1.0}) {
    percentiles["p" + json(100 * share).dump()] =
        absl::ToDoubleMilliseconds(latencies.Percentile(share));
  }
  return {{"count", latencies.count()},
          {"mean_ms", absl::ToDoubleMilliseconds(latencies.mean())},
          {"percentiles_ms", percentiles}};
}

json ToJson(const Verdict& verdict) {
  json target = {{"target", verdict.text}, {"reached", nullptr}, {"seen", nullptr}};
  if (verdict.seen) {
    target["seen"] = *verdict.seen;
    target["reached"] = verdict.reached;
  }
  return target;
}

json ToJson(const WorkReport& report) {
  const WorkResult& result = report.result;
  json work = {{"name", result.name},       {"title", result.title},
               {"sides", result.sides},     {"seconds", absl::ToDoubleSeconds(result.took)},
               {"failure", result.failure}, {"notes", result.notes},
               {"figures", json::array()},  {"latencies", json::object()},
               {"targets", json::array()}};
  for (const Figure& figure : result.figures) {
    json sides = json::object();
    for (const auto& [side, samples] : result.values.at(figure.name)) {
      sides[side] = ToJson(samples);
    }
    work["figures"].push_back({{"name", figure.name}, {"unit", figure.unit}, {"sides", sides}});
  }
  for (const auto& [side, latencies] : result.latencies) {
    work["latencies"][side] = ToJson(latencies);
  }
  for (const Verdict& verdict : report.verdicts) work["targets"].push_back(ToJson(verdict));
  return work;
}

}  // namespace

std::string Json(const RunReport& report) {
  const MachineFacts& machine = report.machine;
  json run = {{"machine",
               {{"processor", machine.processor},
                {"kernel", machine.kernel},
                {"cores", machine.cores},
                {"load_average_before", machine.load_before},
                {"cores_used_by_others_before", machine.others_before},
                {"stolen_share", machine.stolen},
                {"at", machine.at},
                {"build", machine.build},
                {"complaints", machine.complaints}}},
              {"effort", report.effort},
              {"works", json::array()}};
  for (const WorkReport& work : report.works) run["works"].push_back(ToJson(work));
  return run.dump(2) + "\n";
}

}  // namespace rollcall::bench
