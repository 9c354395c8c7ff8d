// rollcall bench [--rate 50] [--for 10s] [--connections 4] [--ttl 10s] [--force]
#include "cli/bench/bench.h"
#include "absl/strings/str_cat.h"
#include "cli/print/times.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/verb.h"
#include "client-sdk/base/status_macros.h"

namespace rollcall::cli {
namespace {

struct BenchArguments {
  uint32_t rate = Plan().rate;
  std::string time = SpanText(Plan().time);
  uint32_t connections = Plan().connections;
  std::string ttl = SpanText(Plan().ttl);
  bool force = false;
};

absl::StatusOr<Plan> PlanOf(const BenchArguments& arguments, Context& context) {
  if (context.ns != "default") {
    return absl::InvalidArgumentError(
        "-n: bench makes a namespace of its own and touches no other; leave -n out");
  }
  Plan plan;
  plan.rate = arguments.rate;
  plan.connections = arguments.connections;
  ASSIGN_OR_RETURN(plan.time, ParseSpan("--for", arguments.time));
  ASSIGN_OR_RETURN(plan.ttl, ParseSpan("--ttl", arguments.ttl));
  RETURN_IF_ERROR(CheckPlan(plan, arguments.force));
  plan.ns = absl::StrCat("rollcall-bench-", context.random.Hex128().substr(0, 8));
  return plan;
}

absl::StatusOr<ExitCode> RunBench(const BenchArguments& arguments, Context& context) {
  ASSIGN_OR_RETURN(const Plan plan, PlanOf(arguments, context));
  // From here on an interrupt ends it in order.
  const Interrupt::Listener listener(context.interrupt, [] {});
  ASSIGN_OR_RETURN(Connections connections, ConnectAll(context.registry, plan.connections));
  for (const std::string& line : Announcement(plan, connections.target)) {
    context.printer.Remark(line);
  }
  Bench bench({context.interrupt, context.clock, context.random, context.registry.options().timeout,
               absl::StrCat("rollcall bench ", context.actor)},
              plan, std::move(connections),
              [&](absl::Duration passed, uint64_t calls, uint64_t failed) {
                context.printer.ShowProgress(BenchProgress(passed, plan, calls, failed));
              });
  const auto report = bench.Run();
  context.printer.ShowProgress("");
  if (!report.ok()) return report.status();
  context.printer.Show(BenchMessage(*report),
                       [&](const Look& look) { return BenchText(*report, look); });
  RETURN_IF_ERROR(Outcome(*report));
  return ExitCode::kDone;
}

}  // namespace

Action ConfigureBench(CLI::App& app) {
  auto a = std::make_shared<BenchArguments>();
  app.add_option("--rate", a->rate,
                 absl::StrCat("Registrations a second, and as many deregistrations; ",
                              kReadsPerRegistration,
                              " times as many resolves and heartbeats; at "
                              "most ",
                              kMaxRate))
      ->capture_default_str();
  app.add_option("--for", a->time, absl::StrCat("How long; at most ", SpanText(kMaxTime)))
      ->capture_default_str();
  app.add_option("--connections", a->connections,
                 absl::StrCat("Connections that share the calls; at most ", kMaxConnections))
      ->capture_default_str();
  app.add_option("--ttl", a->ttl,
                 "Of its sessions: how long something stays if it is killed and cannot clear away")
      ->capture_default_str();
  app.add_flag("--force", a->force, "More than these limits: not gentle any more");
  return [a](Context& context) { return RunBench(*a, context); };
}

}  // namespace rollcall::cli
