#include "tests/integration/faults/checker.h"

#include "absl/strings/str_cat.h"

namespace rollcall::integration {
namespace {

using Problems = std::vector<std::string>;
using View = std::map<std::string, uint64_t>;

std::string Text(const View& view) {
  std::string text;
  for (const auto& [id, epoch] : view) absl::StrAppend(&text, " ", id, "@", epoch);
  return text;
}

// Acknowledged, not ended: there, as it was acknowledged. Ended: not there.
void CheckWritten(const History& history, Problems& problems) {
  for (const auto& [id, written] : history.written) {
    if (written.unsure) continue;
    if (written.epochs.size() > written.asked) {
      problems.push_back(absl::StrCat(id, ": had to be registered again by its process"));
    }
    for (const auto& [node, view] : history.nodes) {
      const auto found = view.find(id);
      if (written.ended) {
        if (found != view.end()) problems.push_back(absl::StrCat(node, " still has ", id));
      } else if (!written.epochs.empty()) {
        if (found == view.end()) {
          problems.push_back(absl::StrCat(node, " has lost ", id));
        } else if (found->second != written.epochs.back()) {
          problems.push_back(absl::StrCat(node, " has ", id, " at epoch ", found->second, ", not ",
                                          written.epochs.back()));
        }
      }
    }
  }
}

void CheckNodesEqual(const History& history, Problems& problems) {
  for (const auto& [node, view] : history.nodes) {
    if (view == history.nodes.begin()->second) continue;
    problems.push_back(absl::StrCat(node, " has", Text(view), "\n  but ",
                                    history.nodes.begin()->first, " has",
                                    Text(history.nodes.begin()->second)));
  }
  for (const std::string& node : history.audit_differs) {
    problems.push_back(absl::StrCat("the audit of ", node, " does not agree"));
  }
}

void CheckRevisions(const std::string& who, const Watched& watched, Problems& problems) {
  std::map<std::string, uint64_t> newest;
  for (const auto& [store, revision] : watched.revisions) {
    if (revision < newest[store]) {
      problems.push_back(
          absl::StrCat(who, " went back from revision ", newest[store], " to ", revision));
    }
    newest[store] = revision;
  }
}

struct Seen {
  uint64_t revision = 0;
  uint64_t epoch = 0;
  bool removed = false;
};

void CheckStep(const std::string& who, const History& history, const Told& told, Seen& seen,
               Problems& problems) {
  const std::string what = absl::StrCat(who, ", ", told.id, ": ");
  if (told.revision < seen.revision) {
    problems.push_back(absl::StrCat(what, "an older state after a newer one: ", told.revision,
                                    " after ", seen.revision));
  }
  if (told.epoch != 0 && (told.epoch < seen.epoch || (seen.removed && told.epoch == seen.epoch))) {
    problems.push_back(absl::StrCat(what, "back without a new registration, epoch ", told.epoch));
  }
  const auto written = history.written.find(told.id);
  if (told.epoch == 0 && written != history.written.end() && !written->second.ended &&
      !written->second.unsure) {
    problems.push_back(absl::StrCat(what, "removed while it lives: ", told.cause));
  }
  seen.revision = told.revision;
  seen.removed = told.epoch == 0;
  if (told.epoch != 0) seen.epoch = told.epoch;
}

void CheckWatcher(const std::string& who, const Watched& watched, const History& history,
                  Problems& problems) {
  CheckRevisions(who, watched, problems);
  std::map<std::pair<std::string, std::string>, Seen> seen;
  for (const Told& told : watched.told) {
    CheckStep(who, history, told, seen[{told.store, told.id}], problems);
  }
  if (history.nodes.empty() || watched.view == history.nodes.begin()->second) return;
  problems.push_back(absl::StrCat(who, " ended with", Text(watched.view), "\n  but the nodes have",
                                  Text(history.nodes.begin()->second)));
}

}  // namespace

std::vector<std::string> Check(const History& history) {
  Problems problems;
  CheckWritten(history, problems);
  CheckNodesEqual(history, problems);
  for (const auto& [who, watched] : history.watchers) {
    CheckWatcher(who, watched, history, problems);
  }
  if (history.longest_answer > history.answer_limit) {
    problems.push_back(absl::StrCat("a write was answered only after ",
                                    absl::FormatDuration(history.longest_answer)));
  }
  return problems;
}

}  // namespace rollcall::integration
