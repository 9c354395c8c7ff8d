#include "cli/print/instances_text.h"

#include <algorithm>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/print/table.h"
#include "cli/print/times.h"
#include "cli/print/words.h"

namespace rollcall::cli {
namespace {

std::string SinceText(const v1::Instance& instance, const Look& look) {
  if (!instance.last_change().has_time()) return "-";
  return AgoText(ToTime(instance.last_change().time()), look.now);
}

std::string MetadataText(const v1::InstanceSpec& spec) {
  const std::map<std::string, std::string> sorted(spec.metadata().begin(), spec.metadata().end());
  return OrDash(absl::StrJoin(sorted, ",", absl::PairFormatter("=")));
}

std::string LifetimeText(const v1::InstanceSpec& spec) {
  return spec.lifetime() == v1::LIFETIME_STATIC ? "static" : "ephemeral";
}

Cell StandingCell(const v1::Instance& instance) {
  return {StandingWord(instance.standing()), ColourOf(instance.standing())};
}

Cell CountCell(uint32_t n, Colour colour) {
  return {absl::StrCat(n), n == 0 ? Colour::kDim : colour};
}

std::string WhyOf(const v1::Instance& instance) {
  const v1::Change& change = instance.last_change();
  return OrDash(WhyText(change.cause(), change.evidence(), ""));
}

}  // namespace

std::string InstancesText(const Instances& instances, const Look& look) {
  std::vector<Table::Column> columns = {"ID",   "STANDING", {"WEIGHT", true}, "ENDPOINTS",
                                        "ZONE", "VERSION",  "SINCE"};
  if (look.wide) {
    columns.insert(columns.end(), {"LIFETIME", {"EPOCH", true}, {"REVISION", true}, "METADATA"});
  }
  columns.push_back("WHY");
  Table table(std::move(columns));
  for (const v1::Instance& instance : instances) {
    const v1::InstanceSpec& spec = instance.spec();
    std::vector<Cell> row = {
        spec.id(),
        StandingCell(instance),
        absl::StrCat(instance.effective_weight()),
        EndpointsText(spec),
        look.wide ? LocalityText(spec.locality()) : OrDash(spec.locality().zone()),
        OrDash(spec.version()),
        SinceText(instance, look)};
    if (look.wide) {
      row.insert(row.end(), {Cell(LifetimeText(spec)), Cell(absl::StrCat(instance.lease_epoch())),
                             Cell(absl::StrCat(instance.revision())), Cell(MetadataText(spec))});
    }
    row.emplace_back(WhyOf(instance));
    table.Add(std::move(row));
  }
  return table.Text(look.colours);
}

std::string InstanceText(const v1::Instance& instance, const Look& look) {
  const v1::InstanceSpec& spec = instance.spec();
  const uint32_t own = spec.has_weight() ? spec.weight() : 100;
  Facts facts;
  facts.Add("instance", KeyText(KeyOf(spec)));
  facts.Add("standing", StandingCell(instance));
  facts.Add("since", SinceText(instance, look));
  facts.Add("why", WhyText(instance.last_change().cause(), instance.last_change().evidence(),
                           instance.last_change().actor()));
  facts.Add("endpoints", EndpointsText(spec));
  facts.Add("weight", own == instance.effective_weight()
                          ? absl::StrCat(own)
                          : absl::StrCat(instance.effective_weight(), " (its own: ", own, ")"));
  facts.Add("locality", LocalityText(spec.locality()));
  facts.Add("version", OrDash(spec.version()));
  facts.Add("metadata", MetadataText(spec));
  facts.Add("lifetime", LifetimeText(spec));
  facts.Add("lease epoch", absl::StrCat(instance.lease_epoch()));
  facts.Add("revision",
            absl::StrCat(instance.revision(), " (created at ", instance.create_revision(), ")"));
  return facts.Text(look.colours);
}

std::string ResolvedText(const v1::ResolveResponse& resolved, const Look& look) {
  std::string text = InstancesText(resolved.instances(), look);
  const bool any_failed_open =
      std::any_of(resolved.instances().begin(), resolved.instances().end(),
                  [](const auto& i) { return i.standing() != v1::STANDING_PASSING; });
  if (any_failed_open) {
    absl::StrAppend(&text,
                    "Too few instances are passing, so others are given out too (fail open); "
                    "--strict leaves them out.\n");
  }
  if (!resolved.store_reachable()) {
    absl::StrAppend(&text, "The registry cannot reach its store; this was last confirmed ",
                    SpanText(ToSpan(resolved.age())), " ago.\n");
  }
  return text;
}

std::string ServicesText(const v1::ListServicesResponse& services, const Look& look) {
  const bool namespaces = std::any_of(
      services.services().begin(), services.services().end(),
      [&](const auto& s) { return s.namespace_() != services.services(0).namespace_(); });
  std::vector<Table::Column> columns;
  if (namespaces || look.wide) columns.push_back("NAMESPACE");
  columns.insert(columns.end(), {"SERVICE",
                                 {"INSTANCES", true},
                                 {"PASSING", true},
                                 {"SUSPECT", true},
                                 {"CRITICAL", true},
                                 {"STARTING", true},
                                 {"DRAINING", true},
                                 {"OUT_OF_SERVICE", true}});
  if (look.wide) columns.push_back({"REVISION", true});
  Table table(std::move(columns));
  for (const v1::ServiceSummary& s : services.services()) {
    std::vector<Cell> row;
    if (namespaces || look.wide) row.emplace_back(s.namespace_());
    row.insert(
        row.end(),
        {Cell(s.service()), Cell(absl::StrCat(s.instances())),
         CountCell(s.passing(), Colour::kGreen), CountCell(s.suspect(), Colour::kYellow),
         CountCell(s.critical(), Colour::kRed), CountCell(s.starting(), Colour::kYellow),
         CountCell(s.draining(), Colour::kYellow), CountCell(s.out_of_service(), Colour::kNone)});
    if (look.wide) row.emplace_back(absl::StrCat(s.revision()));
    table.Add(std::move(row));
  }
  return table.Text(look.colours);
}

}  // namespace rollcall::cli
