#include "tests/sim/oracles/truth.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/model/keys.h"
#include "tests/sim/oracles/content.h"

namespace rollcall::sim {
namespace {

using etcd::pb::Event;
using internal::v1::InstanceRecord;
using internal::v1::OverrideRecord;
using internal::v1::SessionRecord;

constexpr absl::string_view kPrefix = "/rollcall/";
constexpr uint32_t kOwnWeight = 100;

uint64_t Mix(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * 0x9e37'79b9'7f4a'7c15u;
  return hash ^ (hash >> 31);
}

v1::Standing StandingFrom(const InstanceRecord& instance, const SessionRecord* session,
                          const OverrideRecord* over) {
  const bool decided = over != nullptr && !over->removed();
  const bool ephemeral = !instance.session_id().empty();
  const auto state = session != nullptr ? session->state() : internal::v1::SESSION_STATE_ENDED;
  if (decided && over->mode() == v1::OVERRIDE_MODE_OUT_OF_SERVICE) {
    return v1::STANDING_OUT_OF_SERVICE;
  }
  if (decided && over->mode() == v1::OVERRIDE_MODE_DRAINING) return v1::STANDING_DRAINING;
  if (ephemeral && state == internal::v1::SESSION_STATE_LEAVING) return v1::STANDING_DRAINING;
  if (ephemeral && state != internal::v1::SESSION_STATE_LIVE) return v1::STANDING_SUSPECT;
  return instance.spec().start_unready() ? v1::STANDING_STARTING : v1::STANDING_PASSING;
}

template <typename Value>
std::optional<Value> At(const std::deque<std::pair<uint64_t, Value>>& past, uint64_t revision) {
  auto after = std::upper_bound(past.begin(), past.end(), revision,
                                [](uint64_t r, const auto& entry) { return r < entry.first; });
  if (after == past.begin()) return std::nullopt;
  return std::prev(after)->second;
}

template <typename Value>
void Remember(std::deque<std::pair<uint64_t, Value>>& past, int64_t revision, Value value,
              size_t most) {
  past.emplace_back(static_cast<uint64_t>(revision), value);
  if (past.size() > most) past.pop_front();
}

}  // namespace

uint64_t Seen::Hash() const {
  uint64_t hash = 0;
  for (const char c : id) hash = Mix(hash, static_cast<unsigned char>(c));
  for (const uint64_t part :
       {revision, static_cast<uint64_t>(standing), lease_epoch, uint64_t{weight}, content}) {
    hash = Mix(hash, part);
  }
  return hash;
}

Seen SeenIn(const v1::Instance& instance) {
  return {instance.spec().id(),   instance.revision(),         instance.standing(),
          instance.lease_epoch(), instance.effective_weight(), ContentOf(instance.spec())};
}

void Truth::Read() {
  keys_.EventsFrom(read_ + 1, [this](int64_t revision, const std::vector<Event>& events) {
    for (const Event& event : events) Take(revision, event);
    Settle(revision);
    read_ = revision;
    return true;
  });
  read_ = std::max(read_, keys_.revision());
}

void Truth::Take(int64_t revision, const Event& event) {
  TruthChange change{revision, event.kv().key().substr(kPrefix.size())};
  change.purged = event.type() == Event::DELETE;
  CountRecord(revision, change.key, event);
  switch (change.key[0]) {
    case 's':
      return TakeSession(std::move(change), event);
    case 'i':
      return TakeInstance(std::move(change), event);
    case 'o':
      return TakeOverride(std::move(change), event);
    case 'n':
      if (change.purged) {
        gone_[change.key.substr(2)] = clock_.Steady();
      } else {
        gone_.erase(change.key.substr(2));
      }
      return;
    case 'm': {
      internal::v1::HorizonRecord record;
      if (change.key == kHorizonKey && record.ParseFromString(event.kv().value())) {
        horizon_ = record.revision();
      }
      return;
    }
    default:
      return;
  }
}

// Nodes leave out what cannot be read; what stood there before stands on for them.
template <typename Record>
bool Truth::Reads(const TruthChange& change, const Event& event, Record& record,
                  bool nothing_stood) {
  unreadable_.erase(change.key);
  if (change.purged) return !nothing_stood;
  if (record.ParseFromString(event.kv().value())) return true;
  unreadable_.insert(change.key);
  return false;
}

void Truth::TakeSession(TruthChange change, const Event& event) {
  const std::string id = change.key.substr(2);
  const auto at = sessions_.find(id);
  change.session_before = at == sessions_.end() ? nullptr : &at->second;
  SessionRecord record;
  if (!Reads(change, event, record, at == sessions_.end())) return;
  change.session = change.purged ? &change.session_before->record : &record;
  sink_(change);
  if (const auto held = held_.find(id); held != held_.end()) {
    touched_.insert(held->second.begin(), held->second.end());
  }
  if (change.purged) {
    sessions_.erase(at);
  } else {
    sessions_[id] = {std::move(record), change.revision, clock_.Steady()};
  }
}

void Truth::TakeInstance(TruthChange change, const Event& event) {
  const std::optional<RecordName> parsed = ParseKey(change.key);
  const InstanceName& instance = std::get<InstanceName>(*parsed);
  const std::string name = absl::StrCat(instance.service.service, "/", instance.id);
  const auto at = instances_.find(name);
  change.instance_before = at == instances_.end() ? nullptr : &at->second;
  InstanceRecord record;
  if (!Reads(change, event, record, at == instances_.end())) return;
  change.instance = change.purged ? &change.instance_before->record : &record;
  sink_(change);
  if (change.instance_before != nullptr) {
    held_[change.instance_before->record.session_id()].erase(name);
  }
  touched_.insert(name);
  if (change.purged) {
    instances_.erase(at);
    return;
  }
  if (!record.removed()) held_[record.session_id()].insert(name);
  instances_[name] = {std::move(record), change.revision, clock_.Steady()};
}

void Truth::TakeOverride(TruthChange change, const Event& event) {
  const std::optional<RecordName> parsed = ParseKey(change.key);
  const InstanceName& instance = std::get<OverrideName>(*parsed).instance;
  const std::string name = absl::StrCat(instance.service.service, "/", instance.id);
  const auto at = overrides_.find(name);
  change.override_before = at == overrides_.end() ? nullptr : &at->second;
  OverrideRecord record;
  if (!Reads(change, event, record, at == overrides_.end())) return;
  change.over = change.purged ? &change.override_before->record : &record;
  sink_(change);
  touched_.insert(name);
  if (change.purged) {
    overrides_.erase(at);
  } else {
    overrides_[name] = {std::move(record), change.revision, clock_.Steady()};
  }
}

void Truth::CountRecord(int64_t revision, const std::string& key, const Event& event) {
  if (KindOf(key) != KeyKind::kRecord) return;
  if (const auto at = record_hashes_.find(key); at != record_hashes_.end()) {
    records_.hash -= at->second;
    --records_.records;
    record_hashes_.erase(at);
  }
  if (event.type() == Event::DELETE) return;
  const uint64_t hash =
      store::RecordHash(key, Revision(static_cast<uint64_t>(revision)), event.kv().value());
  records_.hash += hash;
  ++records_.records;
  record_hashes_.emplace(key, hash);
}

std::optional<Seen> Truth::SeenNow(const std::string& name) const {
  const auto at = instances_.find(name);
  if (at == instances_.end() || at->second.record.removed()) return std::nullopt;
  const InstanceRecord& instance = at->second.record;
  const auto session = sessions_.find(instance.session_id());
  const auto over = overrides_.find(name);
  const bool known = session != sessions_.end();
  const bool decided = over != overrides_.end();
  Seen seen{instance.spec().id(),
            static_cast<uint64_t>(at->second.revision),
            StandingFrom(instance, known ? &session->second.record : nullptr,
                         decided ? &over->second.record : nullptr),
            instance.lease_epoch(),
            instance.spec().has_weight() ? instance.spec().weight() : kOwnWeight,
            ContentOf(instance.spec())};
  if (known) {
    const uint64_t own = session->second.record.state_revision();
    seen.revision =
        std::max(seen.revision, own != 0 ? own : static_cast<uint64_t>(session->second.revision));
  }
  if (decided) {
    seen.revision = std::max(seen.revision, static_cast<uint64_t>(over->second.revision));
    const OverrideRecord& record = over->second.record;
    if (!record.removed() && record.has_weight()) seen.weight = record.weight();
  }
  return seen;
}

void Truth::Settle(int64_t revision) {
  for (const std::string& name : touched_) {
    Service& service = services_[name.substr(0, name.find('/'))];
    uint64_t& was = service.seen[name];
    service.sum -= was;
    const std::optional<Seen> now = SeenNow(name);
    was = now ? now->Hash() : 0;
    service.sum += was;
    if (!now) service.seen.erase(name);
    if (service.past.empty() || service.past.back().first != static_cast<uint64_t>(revision)) {
      Remember(service.past, revision, service.sum, kRemembered);
    }
    service.past.back().second = service.sum;
  }
  touched_.clear();
  Remember(records_past_, revision, records_, kRemembered);
}

std::optional<base::Instant> Truth::GoneSince(const std::string& node) const {
  const auto at = gone_.find(node);
  if (at == gone_.end()) return std::nullopt;
  return at->second;
}

std::optional<store::RecordsHash> Truth::RecordsAt(uint64_t revision) const {
  return At(records_past_, revision);
}

std::optional<uint64_t> Truth::ViewAt(const std::string& service, uint64_t revision) const {
  const auto at = services_.find(service);
  if (at == services_.end()) return 0;
  const auto found = At(at->second.past, revision);
  if (found) return found;
  // From before anything was known of it.
  if (at->second.past.size() < kRemembered) return 0;
  return std::nullopt;
}

std::vector<Seen> Truth::View(const std::string& service) const {
  std::vector<Seen> view;
  for (auto at = instances_.lower_bound(service + "/");
       at != instances_.end() && absl::StartsWith(at->first, service + "/"); ++at) {
    if (std::optional<Seen> seen = SeenNow(at->first)) view.push_back(*std::move(seen));
  }
  return view;
}

}  // namespace rollcall::sim
