#include "server/history/past_reader.h"

#include <optional>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"
#include "server/model/keys.h"
#include "server/model/state_revision.h"

namespace rollcall::history {
namespace {

using internal::v1::InstanceRecord;
using internal::v1::OverrideRecord;
using internal::v1::ServiceRecord;
using internal::v1::SessionRecord;
using store::Version;

// What the keys of a kind of record begin with; a name that is given whole ends it with '/'.
std::string PrefixOf(const char* kind, const Scope& scope) {
  if (scope.ns == "*") return kind;
  if (scope.service.empty()) return absl::StrCat(kind, scope.ns, "/");
  return absl::StrCat(kind, scope.ns, "/", scope.service);
}

template <typename R>
absl::StatusOr<Versioned<R>> Parse(const Version& version) {
  Versioned<R> parsed{std::nullopt, version.revision};
  if (!version.value) return parsed;
  if (!parsed.record.emplace().ParseFromString(*version.value)) {
    return absl::DataLossError(
        absl::StrCat("version ", version.revision.value(), " of ", version.key, " does not parse"));
  }
  return parsed;
}

// Calls `sink` with each version that `scope` covers, parsed; `whole` is the key of the one record
// it names, or empty.
template <typename R, typename S>
absl::Status ScanParsed(const store::VersionView& view, const std::string& prefix,
                        const std::string& whole, S sink) {
  absl::Status status;
  const auto visit = [&](Version version) {
    if (!status.ok()) return;
    absl::StatusOr<Versioned<R>> parsed = Parse<R>(version);
    if (!parsed.ok()) {
      status = parsed.status();
    } else if (const std::optional<RecordName> name = ParseKey(version.key)) {
      sink(*name, *std::move(parsed));
    }
  };
  RETURN_IF_ERROR(whole.empty() ? view.ScanPrefix(prefix, visit) : view.ScanKey(whole, visit));
  return status;
}

InstanceName NameOf(const Scope& scope) { return {{scope.ns, scope.service}, scope.id}; }

std::string InstancePrefix(const char* kind, const Scope& scope) {
  std::string prefix = PrefixOf(kind, scope);
  if (!scope.service.empty()) prefix += "/";
  return prefix;
}

}  // namespace

absl::Status PastReader::Read(const Scope& scope, Sink sink) {
  ASSIGN_OR_RETURN(Overrides overrides, ReadOverrides(scope));
  absl::Status status;
  RETURN_IF_ERROR(ReadInstances(scope, [&](InstancePast past) {
    if (!status.ok()) return;
    if (auto own = overrides.extract(past.name)) past.overrides = std::move(own.mapped());
    status = AddSessions(past);
    if (status.ok()) sink(past);
  }));
  RETURN_IF_ERROR(status);
  for (auto& [name, timeline] : overrides) {
    sink(InstancePast{name, {}, std::move(timeline), {}});
  }
  return absl::OkStatus();
}

absl::StatusOr<PastReader::Overrides> PastReader::ReadOverrides(const Scope& scope) const {
  Overrides overrides;
  const std::string whole = scope.id.empty() ? "" : OverrideKeyOf(NameOf(scope));
  RETURN_IF_ERROR(ScanParsed<OverrideRecord>(view_, InstancePrefix("o/", scope), whole,
                                             [&](const RecordName& name, auto version) {
                                               const auto* of = std::get_if<OverrideName>(&name);
                                               if (of != nullptr)
                                                 overrides[of->instance].Add(std::move(version));
                                             }));
  return overrides;
}

absl::Status PastReader::ReadInstances(const Scope& scope,
                                       absl::FunctionRef<void(InstancePast)> sink) const {
  std::optional<InstancePast> past;
  const std::string whole = scope.id.empty() ? "" : InstanceKeyOf(NameOf(scope));
  RETURN_IF_ERROR(ScanParsed<InstanceRecord>(view_, InstancePrefix("i/", scope), whole,
                                             [&](const RecordName& name, auto version) {
                                               const auto* of = std::get_if<InstanceName>(&name);
                                               if (of == nullptr) return;
                                               if (past && past->name != *of)
                                                 sink(*std::exchange(past, std::nullopt));
                                               if (!past) past = InstancePast{*of, {}, {}, {}};
                                               past->instance.Add(std::move(version));
                                             }));
  if (past) sink(*std::move(past));
  return absl::OkStatus();
}

absl::Status PastReader::AddSessions(InstancePast& past) {
  for (const auto& version : past.instance.versions()) {
    if (!version.exists() || version->session_id().empty()) continue;
    if (past.sessions.contains(version->session_id())) continue;
    ASSIGN_OR_RETURN(past.sessions[version->session_id()], Session(version->session_id()));
  }
  return absl::OkStatus();
}

absl::StatusOr<PastReader::SharedSession> PastReader::Session(const std::string& id) {
  SharedSession& known = sessions_[id];
  if (known != nullptr) return known;
  auto timeline = std::make_shared<Timeline<SessionPoint>>();
  RETURN_IF_ERROR(ScanParsed<SessionRecord>(
      view_, "", SessionKeyOf(SessionId(id)), [&](const RecordName&, auto version) {
        Versioned<SessionPoint> point{std::nullopt, version.revision};
        if (version.exists()) {
          const Revision changed = StateRevisionOf(version);
          point.record =
              SessionPoint{version->state(), std::move(*version.record->mutable_stamp()), changed};
        }
        timeline->Add(std::move(point));
      }));
  known = std::move(timeline);
  return known;
}

absl::Status PastReader::ReadServices(const Scope& scope, Revision after,
                                      absl::FunctionRef<void(v1::Change)> sink) const {
  if (!scope.id.empty()) return absl::OkStatus();
  const bool one = !scope.service.empty() && scope.ns != "*";
  const std::string whole = one ? ServiceKeyOf({scope.ns, scope.service}) : "";
  return ScanParsed<ServiceRecord>(
      view_, PrefixOf("v/", scope), whole, [&](const RecordName& name, auto version) {
        const auto* of = std::get_if<ServiceName>(&name);
        if (of == nullptr || !version.exists() || version.revision <= after) return;
        v1::Change change;
        change.set_revision(version.revision.value());
        change.set_kind("service");
        change.mutable_key()->set_namespace_(of->ns);
        change.mutable_key()->set_service(of->service);
        const internal::v1::Stamp& stamp = version->stamp();
        if (stamp.has_time()) *change.mutable_time() = stamp.time();
        change.set_cause(stamp.cause());
        change.set_actor(stamp.actor());
        change.set_evidence(stamp.evidence());
        sink(std::move(change));
      });
}

}  // namespace rollcall::history
