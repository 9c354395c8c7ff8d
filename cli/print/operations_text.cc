#include "cli/print/operations_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "cli/print/cluster_text.h"
#include "cli/print/table.h"
#include "cli/print/times.h"
#include "cli/print/words.h"

namespace rollcall::cli {
namespace {

std::string Place(const v1::BrakeInfo& brake) {
  v1::InstanceKey key;
  key.set_namespace_(brake.namespace_());
  key.set_service(brake.service());
  return absl::StrCat(KeyText(key), brake.zone().empty() ? "" : " in zone ", brake.zone());
}

std::string ReleaseCommand(const v1::BrakeInfo& brake) {
  const bool other = !brake.namespace_().empty() && brake.namespace_() != "default";
  return absl::StrCat("rollcall ", other ? "-n " : "", other ? brake.namespace_() : "",
                      other ? " " : "", "brake release ", brake.service());
}

std::string Expiry(const v1::Override& override, const Look& look) {
  if (!override.has_expires()) return "until cleared";
  return absl::StrCat("for another ", SpanText(ToTime(override.expires()) - look.now));
}

std::string YesNo(bool yes) { return yes ? "yes" : "no"; }

}  // namespace

std::string BrakeLine(const v1::BrakeInfo& brake, const Look& look) {
  return absl::StrFormat(
      "Eviction brake engaged for %s since %s: %u of %u (%.0f%%) would go within the window, "
      "%s held as SUSPECT until %s at the latest. Lift it: %s",
      Place(brake), AgoText(ToTime(brake.since()), look.now), brake.would_go(),
      brake.at_window_start(), brake.share() * 100, Count(brake.held(), "eviction"),
      DateText(ToTime(brake.until()), look.zone), ReleaseCommand(brake));
}

std::string BrakesText(const v1::ListBrakesResponse& brakes, const Look& look) {
  if (brakes.brakes().empty()) return "No eviction brake is engaged.\n";
  Table table({"SERVICE",
               "ZONE",
               "SINCE",
               "ENDS BY",
               {"WOULD GO", true},
               {"OF", true},
               {"SHARE", true},
               {"HELD", true},
               "NODE",
               "LIFT IT"});
  for (const v1::BrakeInfo& brake : brakes.brakes()) {
    v1::InstanceKey key;
    key.set_namespace_(brake.namespace_());
    key.set_service(brake.service());
    table.Add({KeyText(key), brake.zone().empty() ? "-" : brake.zone(),
               AgoText(ToTime(brake.since()), look.now), DateText(ToTime(brake.until()), look.zone),
               absl::StrCat(brake.would_go()), absl::StrCat(brake.at_window_start()),
               absl::StrFormat("%.0f%%", brake.share() * 100),
               Cell(absl::StrCat(brake.held()), Colour::kYellow),
               brake.node_id().empty() ? "-" : brake.node_id(), ReleaseCommand(brake)});
  }
  return table.Text(look.colours);
}

std::string OverridePhrase(const v1::Override& override, const Look& look) {
  std::string text =
      override.mode() == v1::OVERRIDE_MODE_UNSPECIFIED ? "" : OverrideWord(override.mode());
  if (override.has_weight()) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", "weight ", override.weight());
  }
  if (!override.actor().empty()) absl::StrAppend(&text, " by ", override.actor());
  if (!override.reason().empty()) absl::StrAppend(&text, ", \"", override.reason(), "\"");
  return absl::StrCat(text, ", ", Expiry(override, look));
}

std::string OverridesText(const v1::ListOverridesResponse& overrides, const Look& look) {
  if (overrides.overrides().empty()) return "No overrides.\n";
  Table table({"INSTANCE", "OVERRIDE", {"WEIGHT", true}, "BY", "SET", "ENDS", "REASON"});
  for (const v1::Override& o : overrides.overrides()) {
    table.Add({KeyText(o.key()), OverrideWord(o.mode()),
               o.has_weight() ? absl::StrCat(o.weight()) : "-", o.actor().empty() ? "-" : o.actor(),
               o.has_set_at() ? AgoText(ToTime(o.set_at()), look.now) : "-",
               o.has_expires() ? absl::StrCat("in ", SpanText(ToTime(o.expires()) - look.now))
                               : "when cleared",
               o.reason().empty() ? "-" : o.reason()});
  }
  return table.Text(look.colours);
}

std::string WatcherName(const v1::DrainWatcher& watcher) {
  const std::string where =
      watcher.node_id().empty() ? "" : absl::StrCat(" on ", watcher.node_id());
  if (watcher.client_name().empty()) return absl::StrCat(watcher.peer(), where);
  return absl::StrCat(watcher.client_name(), " (", watcher.peer(), ")", where);
}

std::string DrainText(const v1::InstanceKey& key, const v1::GetDrainStatusResponse& drain) {
  std::string text = absl::StrCat(
      KeyText(key), drain.complete() ? " is drained: " : " is not drained everywhere: ",
      Count(drain.applied(), "watcher"), " applied it");
  if (!drain.laggards().empty()) {
    absl::StrAppend(
        &text, ", waiting for ",
        absl::StrJoin(drain.laggards(), ", ", [](std::string* out, const v1::DrainWatcher& w) {
          absl::StrAppend(out, WatcherName(w), " ", SpanText(ToSpan(w.behind())), " behind");
        }));
  }
  if (!drain.unreachable().empty()) {
    absl::StrAppend(
        &text, "; nodes that do not answer: ",
        absl::StrJoin(drain.unreachable(), ", ", [](std::string* out, const auto& node) {
          out->append(UnreachableText(node));
        }));
  }
  if (drain.silent() > 0) {
    absl::StrAppend(&text, "; not waited for: ", Count(drain.silent(), "silent watcher"));
  }
  return text;
}

std::string ServiceSpecText(const v1::ServiceSpec& spec, const Look& look) {
  const v1::EvictionBrake& brake = spec.eviction_brake();
  const auto or_default = [](bool set, std::string value, absl::string_view fallback) {
    return set ? value : absl::StrCat(fallback, " (default)");
  };
  v1::InstanceKey key;
  key.set_namespace_(spec.namespace_());
  key.set_service(spec.service());
  Facts facts;
  facts.Add("service", KeyText(key));
  facts.Add("brake enabled", or_default(brake.has_enabled(), YesNo(brake.enabled()), "yes"));
  facts.Add("brake share",
            or_default(brake.has_share(), absl::StrFormat("%g", brake.share()), "0.4"));
  facts.Add("brake more than",
            or_default(brake.has_more_than(), absl::StrCat(brake.more_than()), "3"));
  facts.Add("brake window", or_default(brake.has_window_seconds(),
                                       SpanText(absl::Seconds(brake.window_seconds())), "1m"));
  facts.Add("brake max hold", or_default(brake.has_max_hold_seconds(),
                                         SpanText(absl::Seconds(brake.max_hold_seconds())), "15m"));
  return facts.Text(look.colours);
}

std::string StatusText(const v1::GetStatusResponse& status, const Look& look) {
  Facts facts;
  facts.Add("node", status.node_id());
  facts.Add("version", status.version());
  facts.Add("up for", SpanText(ToSpan(status.uptime())));
  facts.Add("store", absl::StrCat(status.store(), " ", status.store_id()));
  facts.Add("store reachable", {YesNo(status.store_reachable()),
                                status.store_reachable() ? Colour::kGreen : Colour::kRed});
  if (!status.writes_refused().empty()) {
    facts.Add("writes", Cell(absl::StrCat("refused: ", status.writes_refused()), Colour::kRed));
  }
  facts.Add("ready", status.draining() ? Cell("draining", Colour::kYellow)
                     : status.ready()  ? Cell("yes", Colour::kGreen)
                                       : Cell("no, catching up with the store", Colour::kYellow));
  facts.Add("revision", absl::StrCat(status.revision()));
  facts.Add("services", absl::StrCat(status.services()));
  facts.Add("instances", absl::StrCat(status.instances()));
  facts.Add("sessions",
            absl::StrCat(status.sessions(), " (", status.connected_sessions(), " connected)"));
  facts.Add("watchers", absl::StrCat(status.watchers()));
  if (status.has_history_since()) {
    facts.Add("history since", DateText(ToTime(status.history_since()), look.zone));
  }
  facts.Add("gRPC", status.grpc_address());
  facts.Add("HTTP", status.http_address());
  facts.Add("eviction brakes",
            status.brakes().empty() ? "none" : absl::StrCat(status.brakes_size()));
  std::string text = facts.Text(look.colours);
  absl::StrAppend(&text, StoreMembersText(status, look));
  for (const v1::BrakeInfo& brake : status.brakes()) {
    absl::StrAppend(&text, Painted(BrakeLine(brake, look), Colour::kYellow, look.colours), "\n");
  }
  return text;
}

}  // namespace rollcall::cli
