#include "cli/print/changes_text.h"

#include "absl/strings/str_cat.h"
#include "cli/print/table.h"
#include "cli/print/times.h"
#include "cli/print/words.h"

namespace rollcall::cli {
namespace {

// Columns of `watch` cannot know what comes later, so they have fixed widths.
constexpr size_t kTimeWidth = 12;
constexpr size_t kKeyWidth = 20;
constexpr size_t kTransitionWidth = 24;

std::string Subject(const v1::Change& change) {
  const std::string key = KeyText(change.key());
  if (change.kind() == "instance" || change.kind().empty()) return key;
  if (change.kind() == "session" && key.empty()) {
    return absl::StrCat("session ", change.session_id().substr(0, 8));
  }
  return absl::StrCat(key, " (", change.kind(), ")");
}

Colour ColourOfTransition(v1::Standing to) {
  return to == v1::STANDING_UNSPECIFIED ? Colour::kRed : ColourOf(to);
}

}  // namespace

std::string TransitionText(v1::Standing from, v1::Standing to) {
  if (from == to) return StandingWord(to);
  return absl::StrCat(from == v1::STANDING_UNSPECIFIED ? "new" : StandingWord(from), " → ",
                      to == v1::STANDING_UNSPECIFIED ? "gone" : StandingWord(to));
}

std::string HistoryText(const v1::GetHistoryResponse& history, const Look& look) {
  std::string text;
  if (history.changes().empty()) {
    text = "No changes.\n";
  } else {
    Table table({"TIME", {"REVISION", true}, "WHAT", "CHANGE", "CAUSE", "BY", "EVIDENCE"});
    for (const v1::Change& c : history.changes()) {
      table.Add({absl::FormatTime("%Y-%m-%d %H:%M:%E3S", ToTime(c.time()), look.zone),
                 absl::StrCat(c.revision()), Subject(c),
                 Cell(TransitionText(c.from(), c.to()), ColourOf(c.to())), CausePhrase(c.cause()),
                 OrDash(c.actor()), OrDash(c.evidence())});
    }
    text = table.Text(look.colours);
  }
  if (history.truncated()) {
    absl::StrAppend(&text, "Older changes were left out; raise --limit or narrow with --since.\n");
  }
  if (history.has_kept_since() && look.wide) {
    absl::StrAppend(&text, "History begins ", DateText(ToTime(history.kept_since()), look.zone),
                    ".\n");
  }
  return text;
}

std::string WatchLine(const WatchEvent& event, const Look& look) {
  const bool snapshot = event.kind == WatchEvent::Kind::kSnapshot;
  const std::string time = snapshot ? "snapshot" : ClockText(event.time, look.zone);
  const std::string transition =
      snapshot ? StandingWord(event.to) : TransitionText(event.from, event.to);
  std::string line = absl::StrCat(
      Painted(Padded(time, kTimeWidth), Colour::kDim, look.colours), "  ",
      Padded(KeyText(event.key), kKeyWidth), "  ",
      Painted(Padded(transition, kTransitionWidth), ColourOfTransition(event.to), look.colours),
      "  ", event.why);
  line.erase(line.find_last_not_of(' ') + 1);
  return absl::StrCat(line, "\n");
}

}  // namespace rollcall::cli
