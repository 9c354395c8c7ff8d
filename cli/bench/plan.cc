#include "cli/bench/plan.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "cli/print/times.h"
#include "cli/print/words.h"

namespace rollcall::cli {
namespace {

// Connecting, registering what stays, and removing all of it.
constexpr absl::Duration kAround = absl::Seconds(1);

absl::Status TooMuch(absl::string_view option, absl::string_view limit) {
  return absl::InvalidArgumentError(
      absl::StrCat(option, ": at most ", limit,
                   ", to be gentle to a registry that serves others; --force lifts this"));
}

absl::Status CheckLimits(const Plan& plan) {
  if (plan.rate > kMaxRate) return TooMuch("--rate", absl::StrCat(kMaxRate, " a second"));
  if (plan.time > kMaxTime) return TooMuch("--for", SpanText(kMaxTime));
  if (plan.connections > kMaxConnections) {
    return TooMuch("--connections", absl::StrCat(kMaxConnections));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Duration Plan::stay() const { return std::min(kLongestStay, ttl / 5); }

uint64_t Plan::steady() const {
  const double four_beats_each = static_cast<double>(reads()) * absl::ToDoubleSeconds(ttl) / 4;
  if (four_beats_each >= static_cast<double>(kMostSteady)) return kMostSteady;
  return std::max<uint64_t>(1, static_cast<uint64_t>(four_beats_each));
}

uint64_t Plan::instances() const {
  return steady() + static_cast<uint64_t>(
                        std::ceil(static_cast<double>(rate) * absl::ToDoubleSeconds(stay())));
}

double Plan::calls() const {
  return static_cast<double>(rate) * (2 + 2 * kReadsPerRegistration) * absl::ToDoubleSeconds(time);
}

absl::Duration Plan::takes() const { return time + stay() + kAround; }

absl::Status CheckPlan(const Plan& plan, bool force) {
  if (plan.rate == 0) return absl::InvalidArgumentError("--rate: must be above 0");
  if (plan.connections == 0) return absl::InvalidArgumentError("--connections: must be above 0");
  if (!force) {
    const absl::Status within = CheckLimits(plan);
    if (!within.ok()) return within;
  }
  if (plan.connections > kMaxForcedConnections) {
    return absl::InvalidArgumentError(
        absl::StrCat("--connections: at most ", kMaxForcedConnections, ", also with --force"));
  }
  if (plan.calls() > static_cast<double>(kMaxCalls)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--rate, --for: more than ", kMaxCalls, " calls in all; lower one of them"));
  }
  return absl::OkStatus();
}

std::vector<std::string> Announcement(const Plan& plan, const Target& target) {
  std::vector<std::string> lines = {
      absl::StrCat("Measuring ", target.server,
                   target.node.empty() ? "" : absl::StrCat(" (", target.node, ")"), " for ",
                   SpanText(plan.time), " over ", Count(plan.connections, "connection"),
                   ", in namespace ", plan.ns, ", which nobody else uses."),
      absl::StrCat(
          "Each second ", Count(plan.rate, "registration"), ", as many deregistrations, ",
          plan.reads(), " resolves and ", plan.reads(), " heartbeats; a watch at this node",
          target.other_node.empty() ? "" : absl::StrCat(" and one at ", target.other_node), "."),
      absl::StrCat("At most about ", plan.instances(),
                   " instances at a time, each in a session with a TTL of ", SpanText(plan.ttl),
                   "; all are removed at the end, only the history tells of them."),
      absl::StrCat("It takes about ", SpanText(plan.takes()), "; interrupt to end it sooner.")};
  if (!target.no_other.empty()) lines.push_back(target.no_other);
  return lines;
}

}  // namespace rollcall::cli
