#include "server/replica/control_keys.h"

#include <utility>

#include "absl/strings/match.h"
#include "server/model/keys.h"

namespace rollcall::replica {

void ControlKeys::Note(std::string key, Revision revision, std::optional<std::string> value) {
  noted_[std::move(key)] = {revision, std::move(value)};
}

void ControlKeys::NoteAll(Revision revision, std::vector<store::Record> standing,
                          bool leased_only) {
  for (const auto& [key, since] : standing_) {
    if (leased_only && KindOf(key) != KeyKind::kLeased) continue;
    Note(key, revision, std::nullopt);
  }
  for (store::Record& record : standing) {
    const auto known = standing_.find(record.key);
    if (known != standing_.end() && known->second == record.revision) {
      noted_.erase(record.key);
    } else {
      Note(std::move(record.key), record.revision, std::move(record.value));
    }
  }
}

void ControlKeys::TellCatalog() {
  for (const auto& [key, noted] : noted_) {
    if (!absl::StartsWith(key, kNodePrefix)) continue;
    catalog_.SetNodePresent(NodeId(key.substr(sizeof(kNodePrefix) - 1)), noted.value.has_value());
  }
}

void ControlKeys::TellListeners() {
  for (const auto& [key, noted] : std::exchange(noted_, {})) {
    if (noted.value) {
      standing_[key] = noted.revision;
    } else {
      standing_.erase(key);
    }
    for (const ControlListener& listener : listeners_) listener(key, noted.revision, noted.value);
  }
}

}  // namespace rollcall::replica
