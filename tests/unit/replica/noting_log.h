// NotingLog: a ReplicaLog in memory that notes what it is told, and is as well as the test says.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/store/replica_log.h"

namespace rollcall::replica {

class NotingLog final : public store::ReplicaLog {
 public:
  absl::StatusOr<std::optional<Position>> position() const override { return held; }
  absl::Status Load(const std::function<void(store::Record)>& sink) const override {
    for (const auto& [key, record] : records) sink(record);
    return load_status;
  }
  void Append(store::ChangeSet change) override {
    std::string line = absl::StrCat("append ", change.revision.value());
    for (const auto& [key, value] : change.entries) {
      absl::StrAppend(&line, " ", key, value ? "" : "-");
    }
    told.push_back(std::move(line));
  }
  void Restart(StoreId store, Revision revision, absl::Time,
               std::vector<store::Record> all) override {
    std::string line = absl::StrCat("restart ", store.value(), "@", revision.value());
    for (const store::Record& record : all) {
      absl::StrAppend(&line, " ", record.key, "@", record.revision.value());
    }
    told.push_back(std::move(line));
  }
  absl::Status health() const override { return status; }
  bool needs_restart() const override { return restart_needed; }
  size_t backlog_bytes() const override { return 0; }
  void OnChanged(std::function<void()> changed) override { on_changed = std::move(changed); }

  std::vector<std::string> TakeTold() { return std::exchange(told, {}); }

  std::optional<Position> held;
  std::map<std::string, store::Record> records;
  absl::Status load_status;
  absl::Status status;
  bool restart_needed = false;
  std::function<void()> on_changed;
  std::vector<std::string> told;
};

}  // namespace rollcall::replica
