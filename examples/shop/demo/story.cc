#include "examples/shop/demo/story.h"

#include <algorithm>
#include <csignal>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client-sdk/base/status_macros.h"
#include "examples/shop/demo/lease_epochs.h"
#include "examples/shop/demo/moment.h"
#include "examples/shop/demo/plan.h"
#include "examples/shop/demo/shares.h"
#include "nlohmann/json.hpp"

namespace shop::demo {
namespace {

using nlohmann::json;

}  // namespace

absl::Status Story::Tell() {
  RETURN_IF_ERROR(Open());
  RETURN_IF_ERROR(KillOne());
  RETURN_IF_ERROR(FreezeOne());
  RETURN_IF_ERROR(RestartRegistry());
  return Close();
}

absl::Status Story::Open() {
  screen_.Chapter("A registry, two services, a gateway, and a caller who never stops");
  RETURN_IF_ERROR(shop_.StartRegistry());
  screen_.Say(absl::StrCat("rollcalld is ready on ", shop_.registry(), "."));
  RETURN_IF_ERROR(shop_.StartWatch());
  for (const InstancePlan& plan : kPlan) RETURN_IF_ERROR(shop_.StartInstance(plan));
  RETURN_IF_ERROR(shop_.StartGateway());
  RETURN_IF_ERROR(shop_.StartCaller(kCallsPerSecond));
  opened_ = Now();
  screen_.Say(absl::StrCat("The gateway is on ", shop_.gateway_url(), "; ", kCallsPerSecond,
                           " calls a second ask it for users and orders, from now to the end."));
  RETURN_IF_ERROR(shop_.rollcall().Show(screen_, {"services"}));
  RETURN_IF_ERROR(shop_.rollcall().Show(screen_, {"instances", "user"}));
  return MeasureShares("all three", {"user-1", "user-2", "user-3"});
}

absl::Status Story::KillOne() {
  screen_.Chapter(absl::StrCat("SIGKILL for ", kVictim));
  claims_.Section("Detection");
  ASSIGN_OR_RETURN(const Fault fault, Strike(kVictim, SIGKILL));
  RETURN_IF_ERROR(Judge(fault, "SIGKILL", kKillSuspectLimit));
  RETURN_IF_ERROR(MeasureShares(absl::StrCat("without ", kVictim), {"user-1", "user-3"}));
  RETURN_IF_ERROR(shop_.rollcall().Show(screen_, {"explain", absl::StrCat("user/", kVictim)}));

  const Moment restarted = Now();
  RETURN_IF_ERROR(shop_.StartInstance(PlanOf(kVictim)));
  screen_.Say(absl::StrCat("\nStarted again, ", kVictim, " is there after ",
                           Text(Between(restarted, Now())), "."));
  return absl::OkStatus();
}

absl::Status Story::FreezeOne() {
  screen_.Chapter(
      absl::StrCat("SIGSTOP for ", kFrozen, ": its connections stay open, it is silent"));
  ASSIGN_OR_RETURN(const Fault fault, Strike(kFrozen, SIGSTOP));
  RETURN_IF_ERROR(Judge(fault, "SIGSTOP", kTtl));
  RETURN_IF_ERROR(MeasureShares(absl::StrCat("without ", kFrozen), {"user-1", "user-2"}));

  const Moment thawed = Now();
  shop_.Signal(kFrozen, SIGCONT);
  ASSIGN_OR_RETURN(const Change back,
                   shop_.changes().Await(kFrozen, "PASSING", thawed, kBackLimit * 3));
  const absl::Duration took = Between(thawed, back.heard);
  screen_.Say(absl::StrCat("Thawed (SIGCONT), it registered again by itself and was PASSING after ",
                           Text(took), "."));
  claims_.AtMost("SIGCONT → registered again by itself", took, kBackLimit);
  return absl::OkStatus();
}

absl::StatusOr<Story::Fault> Story::Strike(const std::string& id, int signal) {
  Fault fault{.instance = id};
  ASSIGN_OR_RETURN(fault.before, FetchStats(shop_.gateway_url()));
  fault.done = Now();
  shop_.Signal(id, signal);
  ASSIGN_OR_RETURN(fault.suspect, shop_.changes().Await(id, "SUSPECT", fault.done, kPatience));
  ASSIGN_OR_RETURN(fault.gone, shop_.changes().Await(id, kGone, fault.done, kPatience));
  faults_.push_back(fault);
  return fault;
}

absl::Status Story::Judge(const Fault& fault, const std::string& name,
                          absl::Duration suspect_limit) {
  ASSIGN_OR_RETURN(const GatewayStats after, FetchStats(shop_.gateway_url()));
  const InstanceStats& then = fault.before.at("user").at(fault.instance);
  const InstanceStats& now = after.at("user").at(fault.instance);
  const absl::Duration suspect = Between(fault.done, fault.suspect.heard);
  const absl::Duration gone = Between(fault.done, fault.gone.heard);
  const absl::Duration avoided =
      std::max(absl::ZeroDuration(), Between(fault.done, now.last_attempt));
  const uint64_t met = now.failed - then.failed;

  std::map<absl::Duration, std::string> events = {
      {suspect, absl::StrCat("SUSPECT  ", fault.suspect.cause, ": ", fault.suspect.evidence)},
      {gone, absl::StrCat("evicted  ", fault.gone.cause, ": ", fault.gone.evidence)}};
  events[avoided] =
      absl::StrCat("avoided  no call sent to it from here on; attempts that met it: ", met,
                   ", each repeated elsewhere");
  for (const auto& [after_fault, event] : events) {
    screen_.Say(absl::StrFormat("%8s  %s", Text(after_fault), event));
  }
  claims_.AtMost(absl::StrCat(name, " → suspect"), suspect, suspect_limit);
  claims_.AtMost(absl::StrCat(name, " → avoided by the gateway"), avoided, kAvoidedLimit);
  claims_.Within(absl::StrCat(name, " → evicted"), gone, kEvictedEarliest, kEvictedLatest);
  return absl::OkStatus();
}

absl::Status Story::MeasureShares(const std::string& when,
                                  const std::vector<std::string>& present) {
  ASSIGN_OR_RETURN(const GatewayStats before, FetchStats(shop_.gateway_url()));
  Sleep(kShareWindow);
  ASSIGN_OR_RETURN(const GatewayStats after, FetchStats(shop_.gateway_url()));
  const auto expected = ExpectedShares(present);
  const auto seen = SharesBetween(before, after, "user");
  shares_.push_back({when, SharesText(seen, expected), SharesText(expected, expected),
                     LargestGap(seen, expected) <= kShareTolerance});
  screen_.Say(absl::StrCat("\nCalls to ", absl::StrJoin(present, ", "), " over ",
                           Text(kShareWindow), ": ", shares_.back().seen, " %; by weight ",
                           shares_.back().expected, " %."));
  return absl::OkStatus();
}

absl::Status Story::AwaitSessions() {
  const Moment end = Now() + absl::ToChronoNanoseconds(kPatience);
  // One for each instance, and the gateway's.
  const size_t wanted = std::size(kPlan) + 1;
  for (;;) {
    const auto status = shop_.rollcall().Ask({"status"});
    if (status.ok() && status->at("connected_sessions") == absl::StrCat(wanted)) {
      return absl::OkStatus();
    }
    if (Now() > end) return absl::DeadlineExceededError("not all sessions came back");
    Sleep(absl::Milliseconds(50));
  }
}

absl::Status Story::RestartRegistry() {
  screen_.Chapter(
      absl::StrCat("SIGKILL for the registry itself, and a restart after ", Text(kRegistryAway)));
  ASSIGN_OR_RETURN(const auto held_before, ReadLeaseEpochs(shop_.rollcall()));
  ASSIGN_OR_RETURN(const CallCounts calls_before, shop_.caller().Counts());
  const Moment killed = Now();
  shop_.KillRegistry();
  Sleep(kRegistryAway);
  ASSIGN_OR_RETURN(const CallCounts calls_away, shop_.caller().Counts());
  screen_.Say(absl::StrCat("Away: ", calls_away.made - calls_before.made, " calls made, ",
                           calls_away.failed - calls_before.failed, " failed."));
  const Moment started = Now();
  RETURN_IF_ERROR(shop_.StartRegistry());
  const absl::Duration ready = Between(started, Now());
  RETURN_IF_ERROR(AwaitSessions());
  screen_.Say(absl::StrCat("Ready after ", Text(ready), "; all sessions were back after ",
                           Text(Between(started, Now())), "."));
  // Whoever is not back by its deadline is evicted by then.
  Sleep(kTtl + absl::Seconds(1));
  ASSIGN_OR_RETURN(const auto held_after, ReadLeaseEpochs(shop_.rollcall()));
  ASSIGN_OR_RETURN(const CallCounts calls_after, shop_.caller().Counts());
  claims_.Section("The registry, killed and restarted");
  claims_.Note("time away", Text(Between(killed, started) + ready));
  claims_.Note("calls made from the kill on", absl::StrCat(calls_after.made - calls_before.made));
  claims_.Zero("calls failed from the kill on", calls_after.failed - calls_before.failed);
  claims_.Zero("registrations lost or made anew", CountLost(held_before, held_after));
  RETURN_IF_ERROR(shop_.rollcall().Show(screen_, {"instances", "user"}));
  return MeasureShares("all three again", {"user-1", "user-2", "user-3"});
}

void Story::ClaimNoFalseAlarm() {
  const auto deserved = [this](const Change& change) {
    return std::any_of(faults_.begin(), faults_.end(), [&](const Fault& fault) {
      return fault.instance == change.instance && fault.done <= change.heard &&
             change.heard <= fault.gone.heard;
    });
  };
  uint64_t alarms = 0;
  for (const Change& change : shop_.changes().Since(opened_)) {
    const bool alarm = change.standing == "SUSPECT" || change.standing == kGone;
    if (alarm && !deserved(change)) ++alarms;
  }
  claims_.Zero("healthy instances suspected or evicted", alarms);
}

absl::Status Story::Close() {
  claims_.Section("Calls by weight to user-1 : user-2 : user-3, %");
  for (const ShareRow& row : shares_) {
    claims_.Claim(row.when, row.seen, row.expected, row.holds);
  }
  claims_.Section("All in all");
  ClaimNoFalseAlarm();
  ASSIGN_OR_RETURN(const json report, shop_.caller().Finish());
  claims_.Note("calls made", absl::StrCat(report.at("made").get<uint64_t>()));
  const json& latency = report.at("latency_ms");
  claims_.Note("latency p50, p99, max",
               absl::StrFormat("%.1f, %.0f, %.0f ms", latency.at("p50").get<double>(),
                               latency.at("p99").get<double>(), latency.at("max").get<double>()));
  claims_.Zero("calls failed", report.at("failed"));
  const std::vector<std::string> ended_badly = shop_.Close();
  claims_.Zero("processes that did not stop when asked", ended_badly.size());
  for (const std::string& ending : ended_badly) screen_.Say(screen_.Bad(ending));
  for (const auto& [error, times] : report.at("errors").items()) {
    screen_.Say(screen_.Bad(absl::StrCat(times.get<uint64_t>(), " × ", error)));
  }
  return absl::OkStatus();
}

}  // namespace shop::demo
