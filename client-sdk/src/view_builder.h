// ViewBuilder: turns the messages of one watch subscription into what the view should be.
//
// Snapshots replace the view only when complete. A snapshot that would shrink the view to less than
// half is believed only if it is plainly newer: from the same store, of a later revision, from a
// node that is in touch with its store. Anything else (another store, an older revision, a stale
// node) is kept aside as a candidate and the view stays as it was, unverified, until the candidate
// has filled up again or a second read has confirmed it.
//
// Pure; thread-compatible.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "rollcall/instance.h"
#include "rollcall/v1/discovery.pb.h"

namespace rollcall::sdk {

class ViewBuilder {
 public:
  // A node that has not confirmed its store for longer does not vouch for a loss.
  static constexpr absl::Duration kTrustedAge = absl::Seconds(5);

  enum class Step {
    kNothing,      // no more than a sign of life, or a part of a snapshot
    kPublish,      // the view changed
    kDoubt,        // there is a candidate in doubt: publish as unverified, and confirm it
    kResubscribe,  // the message makes no sense after what came before: ask for a snapshot
  };

  // Begins with what is known from earlier, not verified.
  void Restore(std::vector<InstancePtr> instances, uint64_t revision, std::string store_id);

  Step Apply(const v1::WatchResponse& message);
  // A new stream begins: what is half received is forgotten. Resume from revision() then.
  void StreamBroke();

  // The answer of a second read of `serving` instances at `revision`; true if the candidate is the
  // view now.
  bool ConfirmCandidate(size_t serving, uint64_t revision, const std::string& store_id);
  // Forgets the candidate; ask for a snapshot next.
  void DropCandidate() { candidate_.reset(); }

  std::vector<InstancePtr> Instances() const;
  // Where to resume; 0 asks for a snapshot.
  uint64_t resume_revision() const { return candidate_ ? candidate_->revision : state_.revision; }
  const std::string& resume_store() const {
    return candidate_ ? candidate_->store_id : state_.store_id;
  }
  uint64_t revision() const { return state_.revision; }
  const std::string& store_id() const { return state_.store_id; }
  // The registry has vouched for the view and it is not in doubt.
  bool verified() const { return verified_ && !candidate_; }
  bool in_doubt() const { return candidate_.has_value(); }

 private:
  struct State {
    State() : revision(0) {}  // With `= 0` below, clang 14 sees no constructor within this class.

    std::map<std::string, InstancePtr> instances;  // by id (of one service)
    uint64_t revision;
    std::string store_id;
  };
  static void Merge(const v1::WatchResponse& message, State& state);
  bool Plausible(const State& state, absl::Duration age) const;
  bool MuchSmaller(const State& state) const;
  Step Accept(State state);
  Step OnSnapshotPart(const v1::WatchResponse& message);

  State state_;
  bool verified_ = false;
  bool changed_ = false;            // Since the last caught_up.
  std::optional<State> arriving_;   // A snapshot that is not complete yet.
  std::optional<State> candidate_;  // Complete, but in doubt.
};

}  // namespace rollcall::sdk
