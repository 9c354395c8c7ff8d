#include "server/node/change_log.h"

#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "server/model/standing.h"

namespace rollcall::node {
namespace {

absl::string_view WordOf(v1::Standing standing) {
  return standing == v1::STANDING_UNSPECIFIED ? absl::string_view("-") : StandingWord(standing);
}

absl::string_view VerbOf(const catalog::StandingChange& change) {
  if (change.to == v1::STANDING_UNSPECIFIED) return "instance removed";
  if (change.from == v1::STANDING_UNSPECIFIED) return "instance registered";
  return "instance changed";
}

}  // namespace

void ChangeLog::Write(const catalog::Happened& happened) {
  if (!log_.enabled(observe::LogLevel::kInfo)) return;
  if (happened.standings.size() > kMaxLines) {
    WriteSums(happened);
    return;
  }
  for (const catalog::StandingChange& change : happened.standings) WriteOne(change);
}

void ChangeLog::WriteOne(const catalog::StandingChange& change) {
  log_.Info(VerbOf(change), {{"namespace", change.name.service.ns},
                             {"service", change.name.service.service},
                             {"instance", change.name.id},
                             {"from", WordOf(change.from)},
                             {"to", WordOf(change.to)},
                             {"cause", CauseWord(change.stamp.cause())},
                             {"actor", change.stamp.actor()},
                             {"evidence", change.stamp.evidence()},
                             {"revision", change.revision}});
}

void ChangeLog::WriteSums(const catalog::Happened& happened) {
  std::map<std::tuple<ServiceName, v1::Standing, v1::Cause>, size_t> sums;
  for (const catalog::StandingChange& change : happened.standings) {
    ++sums[{change.name.service, change.to, change.stamp.cause()}];
    if (sums.size() > kMaxLines) return WriteTotals(happened);
  }
  for (const auto& [what, count] : sums) {
    const auto& [service, to, cause] = what;
    log_.Info("instances changed", {{"namespace", service.ns},
                                    {"service", service.service},
                                    {"to", WordOf(to)},
                                    {"cause", CauseWord(cause)},
                                    {"count", static_cast<uint64_t>(count)},
                                    {"revision", happened.revision}});
  }
}

void ChangeLog::WriteTotals(const catalog::Happened& happened) {
  struct Total {
    uint64_t count = 0;
    uint64_t services = 0;
    const ServiceName* last = nullptr;
  };
  std::map<std::pair<v1::Standing, v1::Cause>, Total> totals;
  for (const catalog::StandingChange& change : happened.standings) {
    Total& total = totals[{change.to, change.stamp.cause()}];
    ++total.count;
    const ServiceName& service = change.name.service;
    if (total.last == nullptr || *total.last != service) ++total.services;
    total.last = &service;
  }
  for (const auto& [what, total] : totals) {
    log_.Info("instances changed", {{"services", total.services},
                                    {"to", WordOf(what.first)},
                                    {"cause", CauseWord(what.second)},
                                    {"count", total.count},
                                    {"revision", happened.revision}});
  }
}

}  // namespace rollcall::node
