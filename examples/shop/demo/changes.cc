#include "examples/shop/demo/changes.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace shop::demo {
namespace {

using nlohmann::json;
using rollcall::base::MutexLock;

// The value of an enum without its prefix.
std::string Word(const json& object, const char* field, const char* prefix) {
  return std::string(absl::StripPrefix(object.value(field, std::string()), prefix));
}

}  // namespace

void Changes::Take(const std::string& line, Moment heard) {
  const json response = json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!response.is_object()) return;
  const MutexLock lock(mu_);
  for (const json& instance : response.value("updated", json::array())) Updated(instance, heard);
  for (const json& removed : response.value("removed", json::array())) Removed(removed, heard);
  more_.NotifyAll();
}

void Changes::Updated(const json& instance, Moment heard) {
  const json& spec = instance.at("spec");
  const json last_change = instance.value("last_change", json::object());
  changes_.push_back({heard, spec.at("service"), spec.at("id"),
                      Word(instance, "standing", "STANDING_"), Word(last_change, "cause", "CAUSE_"),
                      last_change.value("evidence", "")});
  for (const json& endpoint : spec.value("endpoints", json::array())) {
    addresses_[spec.at("id")] = absl::StrCat(endpoint.at("address").get<std::string>(), ":",
                                             endpoint.at("port").get<int>());
    break;
  }
}

void Changes::Removed(const json& removed, Moment heard) {
  const json& key = removed.at("key");
  changes_.push_back({heard, key.at("service"), key.at("id"), kGone,
                      Word(removed, "cause", "CAUSE_"), removed.value("evidence", "")});
}

const Change* Changes::Find(const std::string& instance, const std::string& standing,
                            Moment since) const {
  for (const Change& change : changes_) {
    if (change.heard > since && change.instance == instance && change.standing == standing) {
      return &change;
    }
  }
  return nullptr;
}

absl::StatusOr<Change> Changes::Await(const std::string& instance, const std::string& standing,
                                      Moment since, absl::Duration limit) const {
  const Moment end = Now() + absl::ToChronoNanoseconds(limit);
  const MutexLock lock(mu_);
  for (;;) {
    if (const Change* change = Find(instance, standing, since)) return *change;
    const absl::Duration left = Between(Now(), end);
    if (left <= absl::ZeroDuration()) break;
    more_.WaitFor(mu_, left);
  }
  return absl::DeadlineExceededError(
      absl::StrCat(instance, " did not become ", standing, " within ", Text(limit)));
}

std::vector<Change> Changes::Since(Moment since) const {
  const MutexLock lock(mu_);
  std::vector<Change> found;
  for (const Change& change : changes_) {
    if (change.heard > since) found.push_back(change);
  }
  return found;
}

std::string Changes::AddressOf(const std::string& instance) const {
  const MutexLock lock(mu_);
  const auto found = addresses_.find(instance);
  return found == addresses_.end() ? "" : found->second;
}

}  // namespace shop::demo
