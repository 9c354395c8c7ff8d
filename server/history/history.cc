#include "server/history/history.h"

#include <algorithm>
#include <map>
#include <memory>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"
#include "server/model/times.h"

namespace rollcall::history {
namespace {

// The newest changes, at most so many.
class Newest {
 public:
  explicit Newest(size_t limit) : limit_(limit) {}

  void Add(v1::Change change) {
    const InstanceName name{{change.key().namespace_(), change.key().service()}, change.key().id()};
    changes_.emplace(Place{change.revision(), name, order_++}, std::move(change));
    if (changes_.size() <= limit_) return;
    changes_.erase(changes_.begin());
    truncated_ = true;
  }
  bool truncated() const { return truncated_; }
  std::vector<v1::Change> Take() && {
    std::vector<v1::Change> out;
    out.reserve(changes_.size());
    for (auto& [place, change] : changes_) out.push_back(std::move(change));
    return out;
  }

 private:
  // Changes of one instance at one revision stay in the order in which they came.
  using Place = std::tuple<uint64_t, InstanceName, uint64_t>;
  const size_t limit_;
  std::map<Place, v1::Change> changes_;
  uint64_t order_ = 0;
  bool truncated_ = false;
};

// The newest revision committed before `since`: what is above it counts.
absl::StatusOr<Revision> RevisionBefore(const store::VersionView& view, absl::Time since) {
  if (since <= view.floor().time) return view.floor().revision;
  return view.RevisionAt(since - absl::Nanoseconds(1));
}

}  // namespace

absl::StatusOr<ChangesPage> History::Changes(const Scope& scope, absl::Time since,
                                             size_t limit) const {
  ASSIGN_OR_RETURN(const std::unique_ptr<const store::VersionView> view, log_.Read());
  ASSIGN_OR_RETURN(const Revision after, RevisionBefore(*view, since));
  Newest newest(limit);
  PastReader reader(*view);
  RETURN_IF_ERROR(reader.Read(scope, [&](const InstancePast& past) {
    for (v1::Change& change : past.Changes(after)) newest.Add(std::move(change));
  }));
  RETURN_IF_ERROR(
      reader.ReadServices(scope, after, [&](v1::Change change) { newest.Add(std::move(change)); }));
  ChangesPage page;
  page.revision = view->revision();
  page.kept_since = view->floor().time;
  page.truncated = newest.truncated();
  page.changes = std::move(newest).Take();
  for (v1::Change& change : page.changes) {
    if (change.has_time()) continue;
    ASSIGN_OR_RETURN(const absl::Time time, view->TimeOf(Revision(change.revision())));
    *change.mutable_time() = ToProto(time);
  }
  return page;
}

absl::StatusOr<absl::Time> History::KeptSince() const {
  const auto view = log_.Read();
  if (!view.ok()) return view.status();
  return (*view)->floor().time;
}

absl::StatusOr<PastInstances> History::InstancesAt(const Scope& scope, absl::Time time) const {
  ASSIGN_OR_RETURN(const std::unique_ptr<const store::VersionView> view, log_.Read());
  if (time < view->floor().time) {
    return absl::OutOfRangeError(
        absl::StrCat("history begins at ",
                     absl::FormatTime(absl::RFC3339_sec, view->floor().time, absl::UTCTimeZone()),
                     "; earlier times are no longer known"));
  }
  PastInstances past;
  ASSIGN_OR_RETURN(past.revision, view->RevisionAt(time));
  PastReader reader(*view);
  RETURN_IF_ERROR(reader.Read(scope, [&](const InstancePast& one) {
    const InstanceFacts facts = one.At(past.revision);
    if (facts.registered()) past.instances.push_back(facts.ToInstance());
  }));
  return past;
}

}  // namespace rollcall::history
