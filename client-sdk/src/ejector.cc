#include "client-sdk/src/ejector.h"

#include <algorithm>
#include <cmath>

#include "client-sdk/base/mutant.h"

namespace rollcall::sdk {
namespace {

constexpr double kJitter = 0.1;
constexpr int kMostDoublings = 20;
// If the trying call's outcome is never reported, another one may try after this.
constexpr absl::Duration kTryTime = absl::Seconds(30);

}  // namespace

Ejector::Record& Ejector::For(const Instance& instance) {
  Record& record = records_[instance.id];
  if (record.lease_epoch != instance.lease_epoch) record = {.lease_epoch = instance.lease_epoch};
  return record;
}

bool Ejector::Admit(const Instance& instance, base::Instant now) {
  const auto at = records_.find(instance.id);
  if (at == records_.end()) return true;
  Record& record = For(instance);
  if (!record.aside) return true;
  if (MUTANT(set_aside_for_good)) return false;
  if (now < record.until || (record.trying && now < record.try_until)) return false;
  record.trying = true;
  record.try_until = now + kTryTime;
  return true;
}

void Ejector::OnSuccess(const Instance& instance) {
  const auto at = records_.find(instance.id);
  if (at == records_.end() || at->second.lease_epoch != instance.lease_epoch) return;
  Record& record = at->second;
  // A late answer from before says nothing about now.
  if (record.aside && !record.trying) return;
  records_.erase(at);
}

void Ejector::OnNeutral(const Instance& instance) {
  const auto at = records_.find(instance.id);
  if (at != records_.end()) at->second.trying = false;
}

bool Ejector::RoomFor(size_t serving) const {
  if (serving < 2) return false;
  const size_t most = std::max<size_t>(
      1, static_cast<size_t>(static_cast<double>(serving) * options_.largest_share));
  const size_t aside =
      std::count_if(records_.begin(), records_.end(), [](const auto& r) { return r.second.aside; });
  return aside < most;
}

void Ejector::OnFailure(const Instance& instance, size_t serving, base::Instant now,
                        base::Random& random) {
  if (options_.consecutive_failures <= 0) return;
  Record& record = For(instance);
  if (record.aside) {
    if (!record.trying) return;  // A late answer from before.
    record.trying = false;
  } else {
    if (++record.failures < options_.consecutive_failures || !RoomFor(serving)) return;
    record.aside = true;
  }
  const int doublings = std::min(record.ejections++, kMostDoublings);
  const absl::Duration time =
      std::min(options_.first_time * std::exp2(doublings), options_.longest_time);
  record.until = now + random.Between(time, time * (1 + kJitter));
}

void Ejector::Retain(const std::vector<InstancePtr>& instances) {
  if (records_.empty()) return;
  std::map<std::string, uint64_t> epochs;
  for (const InstancePtr& instance : instances) epochs[instance->id] = instance->lease_epoch;
  std::erase_if(records_, [&](const auto& r) {
    const auto at = epochs.find(r.first);
    return at == epochs.end() || at->second != r.second.lease_epoch;
  });
}

std::vector<std::string> Ejector::Aside(base::Instant now) const {
  std::vector<std::string> ids;
  for (const auto& [id, record] : records_) {
    if (record.aside && now < record.until) ids.push_back(id);
  }
  return ids;
}

}  // namespace rollcall::sdk
