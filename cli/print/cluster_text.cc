#include "cli/print/cluster_text.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "cli/print/table.h"
#include "cli/print/times.h"
#include "cli/print/words.h"

namespace rollcall::cli {
namespace {

Cell StateCell(const v1::Node& node) {
  if (node.draining()) return {"draining", Colour::kYellow};
  if (!node.ready()) return {"starting", Colour::kYellow};
  return {"ready", Colour::kGreen};
}

Cell AuditCell(const v1::Node& node) {
  switch (node.audit()) {
    case v1::NODE_AUDIT_AGREES:
      return {"agrees", Colour::kGreen};
    case v1::NODE_AUDIT_DIFFERS:
      return {"DIFFERS", Colour::kRed};
    default:
      return {"-", Colour::kDim};
  }
}

std::string Marks(const v1::Node& node) {
  std::vector<std::string> marks;
  if (node.is_sweeper()) marks.push_back("sweeper");
  if (node.is_self()) marks.push_back("asked");
  return absl::StrJoin(marks, ", ");
}

Cell AlarmsCell(const v1::StoreMember& member) {
  if (!member.reachable()) return {absl::StrCat("unreachable: ", member.error()), Colour::kRed};
  std::string alarms = absl::StrJoin(member.alarms(), ", ");
  if (alarms.empty()) return {OrDash(member.error()), Colour::kNone};
  return {alarms, Colour::kRed};
}

}  // namespace

std::string NodesText(const v1::ListNodesResponse& nodes, const Look& look) {
  if (nodes.nodes().empty()) return "No nodes.\n";
  std::vector<Table::Column> columns = {
      "ID",    "ADDRESS", "VERSION", "UPTIME", {"SESSIONS", true}, {"WATCHERS", true},
      "STATE", "AUDIT"};
  if (look.wide) {
    columns.insert(columns.end(), {"HTTP", {"STREAMS", true}, "SEEN", {"AUDITED AT", true}});
  }
  columns.push_back("");
  Table table(std::move(columns));
  for (const v1::Node& node : nodes.nodes()) {
    std::vector<Cell> row = {node.id(),
                             OrDash(node.grpc_address()),
                             OrDash(node.version()),
                             node.has_started() ? AgeText(look.now - ToTime(node.started())) : "-",
                             absl::StrCat(node.sessions()),
                             absl::StrCat(node.watchers()),
                             StateCell(node),
                             AuditCell(node)};
    if (look.wide) {
      row.insert(row.end(),
                 {OrDash(node.http_address()), absl::StrCat(node.streams()),
                  AgoText(look.now - ToSpan(node.load_age()), look.now),
                  node.audit_revision() == 0 ? "-" : absl::StrCat(node.audit_revision())});
    }
    row.push_back({Marks(node), Colour::kDim});
    table.Add(std::move(row));
  }
  return table.Text(look.colours);
}

std::string StoreMembersText(const v1::GetStatusResponse& status, const Look& look) {
  if (status.store_members().empty()) return "";
  Table table({"STORE MEMBER", "VERSION", {"SIZE", true}, {"IN USE", true}, "ROLE", "ALARMS"});
  for (const v1::StoreMember& member : status.store_members()) {
    const bool known = member.reachable();
    table.Add({member.endpoint(), OrDash(member.version()),
               known ? BytesText(member.db_size()) : "-",
               known ? BytesText(member.db_size_in_use()) : "-",
               !known            ? "-"
               : member.leader() ? "leader"
                                 : "follower",
               AlarmsCell(member)});
  }
  std::string text = table.Text(look.colours);
  if (status.store_quota() > 0) {
    absl::StrAppend(&text, "The store refuses writes at ", BytesText(status.store_quota()), ".\n");
  }
  return text;
}

std::string UnreachableText(const v1::UnreachableNode& node) {
  const std::string gone =
      node.has_gone_for()
          ? absl::StrCat(", gone for ", SpanText(ToSpan(node.gone_for())), " without having left")
          : "";
  return absl::StrCat(node.id(), node.address().empty() ? "" : " (", node.address(),
                      node.address().empty() ? "" : ")", gone, ": ", node.why());
}

std::string BytesText(uint64_t bytes) {
  constexpr std::array kUnits = {"KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return absl::StrCat(bytes, " B");
  double value = static_cast<double>(bytes) / 1024;
  size_t unit = 0;
  while (value >= 1024 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  return absl::StrFormat("%.*f %s", value < 10 ? 1 : 0, value, kUnits[unit]);
}

}  // namespace rollcall::cli
