// Changes as text for people: the table of `history`, and the lines of `watch`.
//
// Pure.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "cli/print/look.h"
#include "rollcall/v1/operations.pb.h"
#include "rollcall/v1/types.pb.h"

namespace rollcall::cli {

// "PASSING → SUSPECT", "new → PASSING", "SUSPECT → gone", "PASSING" if it stayed.
std::string TransitionText(v1::Standing from, v1::Standing to);
std::string HistoryText(const v1::GetHistoryResponse& history, const Look& look);

// One thing that a watcher learned.
struct WatchEvent {
  enum class Kind { kSnapshot, kChanged, kRemoved };
  Kind kind = Kind::kChanged;
  absl::Time time;
  v1::InstanceKey key;
  // UNSPECIFIED: unknown to the watcher before (from), or gone (to).
  v1::Standing from = v1::STANDING_UNSPECIFIED;
  v1::Standing to = v1::STANDING_UNSPECIFIED;
  std::string why;
};
// Time (or the word "snapshot"), instance, from → to, and why; with a newline.
std::string WatchLine(const WatchEvent& event, const Look& look);

}  // namespace rollcall::cli
