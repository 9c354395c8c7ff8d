// WatchView: what one subscription of `watch` knows, and what an answer changes about it.
//
// Holds the instances by name, so that a change can say from what; a snapshot replaces them when
// it is complete, and after the first one only the differences are told. Pure; thread-compatible.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "absl/time/time.h"
#include "cli/print/changes_text.h"
#include "rollcall/v1/discovery.pb.h"

namespace rollcall::cli {

class WatchView {
 public:
  // What `response` teaches, in the order of its parts. `now` stands for times it does not tell.
  std::vector<WatchEvent> Apply(const v1::WatchResponse& response, absl::Time now);

  // Where to resume: the last complete view; 0 and "" before the first.
  uint64_t revision() const { return revision_; }
  const std::string& store_id() const { return store_id_; }
  // The next subscription starts from nothing; the view is kept to tell the differences.
  void ForgetRevision();

 private:
  using Name = std::tuple<std::string, std::string, std::string>;
  static Name NameOf(const v1::InstanceKey& key);

  void ApplyUpdate(const v1::Instance& instance, absl::Time now, std::vector<WatchEvent>& events);
  void ApplyRemoval(const v1::Removed& removed, absl::Time now, std::vector<WatchEvent>& events);
  void AdoptSnapshot(absl::Time now, std::vector<WatchEvent>& events);

  std::map<Name, v1::Instance> view_;
  // The parts of a snapshot that is not complete yet.
  std::map<Name, v1::Instance> incoming_;
  bool in_snapshot_ = false;
  bool complete_once_ = false;
  uint64_t revision_ = 0;
  std::string store_id_;
};

}  // namespace rollcall::cli
