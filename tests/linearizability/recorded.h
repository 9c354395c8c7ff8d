// Recorded: operations of one kind of object, by key, while they are under way and after; and which
// failures leave it open whether they were carried out.
//
// Pure: who records says what time it is. Thread-compatible.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/linearizability/operation.h"

namespace rollcall::linearizability {

// By the code of a status, absl's or gRPC's. docs/guarantees.md (8): an outcome that is not known
// is never answered with a failure that did not happen, so all others had no effect.
inline bool MayBeDone(int code) {
  constexpr int kCancelled = 1;
  constexpr int kUnknown = 2;
  constexpr int kDeadlineExceeded = 4;
  constexpr int kInternal = 13;
  constexpr int kUnavailable = 14;
  return code == kCancelled || code == kUnknown || code == kDeadlineExceeded || code == kInternal ||
         code == kUnavailable;
}

template <typename Model>
class Recorded {
 public:
  using Call = typename Model::Call;
  struct Id {
    std::string key;
    size_t at;
  };

  Id Ask(const std::string& key, Call call, Instant now) {
    std::vector<Entry>& entries = all_[key];
    entries.push_back({{std::move(call), now}});
    return {key, entries.size() - 1};
  }
  // To be completed by what was answered.
  Call& At(const Id& id) { return all_[id.key][id.at].operation.call; }
  void Return(const Id& id, Instant now) { all_[id.key][id.at].operation.returned = now; }
  // It had no effect.
  void Drop(const Id& id) { all_[id.key][id.at].dropped = true; }

  // Those of unknown outcome of which `idle(key, call)` says that they had none.
  template <typename Idle>
  void DropIdle(const Idle& idle) {
    for (auto& [key, entries] : all_) {
      for (Entry& entry : entries) {
        if (!entry.operation.known() && idle(key, entry.operation.call)) entry.dropped = true;
      }
    }
  }

  std::vector<std::string> Keys() const {
    std::vector<std::string> keys;
    for (const auto& [key, entries] : all_) keys.push_back(key);
    return keys;
  }
  // Without what says nothing.
  linearizability::History<Call> History() const {
    linearizability::History<Call> history;
    for (const auto& [key, entries] : all_) {
      for (const Entry& entry : entries) {
        const bool silent = !entry.operation.known() && Model::Reads(entry.operation.call);
        if (!entry.dropped && !silent) history[key].push_back(entry.operation);
      }
    }
    return history;
  }

 private:
  struct Entry {
    Operation<Call> operation;
    bool dropped = false;
  };
  std::map<std::string, std::vector<Entry>> all_;
};

}  // namespace rollcall::linearizability
