// History over any versions that a store may have kept: what is told of one instance is the same
// whether it is asked for alone or with all others, and in order.
#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "server/history/past_reader.h"
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/pool.h"

namespace rollcall::fuzz {
namespace {

class Versions final : public store::VersionView {
 public:
  void Add(const std::string& key, Revision revision, std::optional<std::string> value) {
    versions_[{key, revision}] = std::move(value);
    newest_ = std::max(newest_, revision);
  }

  Revision revision() const override { return newest_; }
  store::HistoryFloor floor() const override { return {Revision(0), absl::UnixEpoch()}; }
  absl::Status ScanPrefix(absl::string_view prefix, Sink sink) const override {
    for (const auto& [at, value] : versions_) {
      if (absl::StartsWith(at.first, prefix)) sink({at.first, at.second, value});
    }
    return absl::OkStatus();
  }
  absl::Status ScanKey(absl::string_view key, Sink sink) const override {
    for (const auto& [at, value] : versions_) {
      if (at.first == key) sink({at.first, at.second, value});
    }
    return absl::OkStatus();
  }
  absl::StatusOr<absl::Time> TimeOf(Revision) const override { return absl::UnixEpoch(); }
  absl::StatusOr<Revision> RevisionAt(absl::Time) const override { return newest_; }

 private:
  std::map<std::pair<std::string, Revision>, std::optional<std::string>> versions_;
  Revision newest_;
};

using PerInstance = std::map<InstanceName, std::vector<std::string>>;

absl::StatusOr<PerInstance> Read(const Versions& versions, const history::Scope& scope) {
  PerInstance told;
  history::PastReader reader(versions);
  const absl::Status status = reader.Read(scope, [&](const history::InstancePast& past) {
    const auto [at, fresh] = told.try_emplace(past.name);
    Expect(fresh, "each instance is told once");
    uint64_t last = 2;
    for (const v1::Change& change : past.Changes(Revision(last))) {
      Expect(change.revision() >= last && change.revision() > 2, "changes come in order");
      last = change.revision();
      at->second.push_back(BytesOf(change));
    }
    static_cast<void>(past.At(versions.revision()));
  });
  if (!status.ok()) {
    ExpectRefusal(status, absl::StatusCode::kDataLoss);
    return status;
  }
  return told;
}

}  // namespace

FUZZ_TARGET(history) {
  Bytes bytes(input.substr(0, 1024));
  Versions versions;
  uint64_t revision = 1;
  while (!bytes.empty()) {
    const std::string key = KeyIn(bytes.Byte());
    std::optional<std::string> value;
    if (bytes.Byte() % 8 != 0) value = ValueIn(key, bytes);
    versions.Add(key, Revision(revision), std::move(value));
    revision += bytes.Byte() % 4 != 0 ? 1 : 0;
  }
  const auto all = Read(versions, {"*", "", ""});
  if (!all.ok()) return;
  for (const auto& [name, changes] : *all) {
    const auto one = Read(versions, {name.service.ns, name.service.service, name.id});
    Expect(one.ok() && one->size() == 1 && one->begin()->second == changes,
           "an instance's past is its own");
  }
  history::PastReader reader(versions);
  const absl::Status services = reader.ReadServices({"ns", "", ""}, Revision(0), [](v1::Change) {});
  Expect(services.ok() || absl::IsDataLoss(services), "services are told or do not parse");
}

}  // namespace rollcall::fuzz
