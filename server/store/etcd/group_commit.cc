#include "server/store/etcd/group_commit.h"

#include <algorithm>
#include <optional>
#include <variant>

#include "absl/strings/str_cat.h"
#include "server/model/keys.h"
#include "server/store/etcd/outcomes.h"

namespace rollcall::etcd {
namespace {

// etcd counts towards its quota what the outermost lists put, and nothing that nested Txns put, so
// a group would pass however full it is. A put in the branch that is not taken makes it count.
// (When the fence fails it is taken: an empty barrier, which says nothing.)
void MakeItCount(const KeyPrefix& prefix, pb::TxnRequest& txn) {
  pb::PutRequest& put = *txn.add_failure()->mutable_request_put();
  put.set_key(prefix.Full(kBarrierKey));
}

bool PutsSomething(const std::vector<store::Transaction>& members) {
  return std::any_of(members.begin(), members.end(),
                     [](const store::Transaction& member) { return !member.puts.empty(); });
}

// The revision of a transaction's write, if that is what stands in its way now. Records carry the
// id of their write: the same bytes are the same write.
std::optional<Revision> WrittenBy(const store::Transaction& member, const store::Outcome& outcome) {
  const auto* failed = std::get_if<store::GuardFailed>(&outcome);
  if (failed == nullptr || !failed->current) return std::nullopt;
  const bool written = std::any_of(member.puts.begin(), member.puts.end(), [&](const auto& put) {
    return put.key == failed->guard.key && put.value == failed->current->value;
  });
  if (!written) return std::nullopt;
  return failed->current->revision;
}

}  // namespace

GroupCommit::GroupCommit(Calls& calls, const KeyPrefix& prefix, StoreFence& fence, Barrier& barrier,
                         base::Executor& executor, Options options,
                         std::function<void(Revision)> on_written)
    : calls_(calls),
      prefix_(prefix),
      fence_(fence),
      barrier_(barrier),
      executor_(executor),
      options_(options),
      on_written_(std::move(on_written)) {}

void GroupCommit::Commit(std::vector<store::Transaction> group, store::Store::CommitDone done) {
  auto state = std::make_shared<Group>();
  state->outcomes.resize(group.size(), store::Unknown{});
  state->open = group.size();
  state->done = std::move(done);
  if (group.empty()) {
    executor_.Post(lifeline_.Guard([state] { state->done({}); }));
    return;
  }
  SendAll(std::move(group), state);
}

void GroupCommit::SendAll(std::vector<store::Transaction> group,
                          const std::shared_ptr<Group>& state) {
  for (std::vector<size_t>& places : SplitGroup(group, options_.limits)) {
    Part part{state, std::move(places), {}};
    for (const size_t place : part.places) part.members.push_back(std::move(group[place]));
    Send(std::move(part));
  }
}

void GroupCommit::Send(Part part) {
  const auto answer_later = [&](absl::Status why) {
    executor_.Post(lifeline_.Guard([part = std::move(part), why = std::move(why)]() mutable {
      AnswerAll(std::move(part), store::Refused{why});
    }));
  };
  if (fence_.broken()) return answer_later(fence_.state());
  pb::TxnRequest txn = BuildTxn(prefix_, part.members);
  fence_.Guard(txn);
  if (PutsSomething(part.members)) MakeItCount(prefix_, txn);
  // Only a member that is alone can be so large.
  if (const size_t bytes = txn.ByteSizeLong(); bytes > options_.max_request_bytes) {
    return answer_later(absl::InvalidArgumentError(
        absl::StrCat("max_request_bytes: a transaction of ", bytes, " bytes; etcd takes ",
                     options_.max_request_bytes)));
  }
  calls_.Txn(std::move(txn), options_.within,
             [this, part = std::move(part)](absl::StatusOr<pb::TxnResponse> answer) mutable {
               OnAnswer(std::move(part), std::move(answer));
             });
}

void GroupCommit::OnAnswer(Part part, absl::StatusOr<pb::TxnResponse> answer) {
  if (!answer.ok()) return OnError(std::move(part), answer.status());
  if (!answer->succeeded()) {
    fence_.Failed();
    return AnswerAll(std::move(part), store::Refused{fence_.state()});
  }
  OnHeld(std::move(part), *std::move(answer));
}

void GroupCommit::OnHeld(Part part, pb::TxnResponse response) {
  const Revision revision(static_cast<uint64_t>(response.header().revision()));
  const bool wrote = WroteAnything(response);
  std::vector<store::Outcome> outcomes = OutcomesOf(prefix_, part.members, std::move(response));
  if (wrote) {
    on_written_(revision);
    return AnswerEach(std::move(part), std::move(outcomes));
  }
  AnswerBehindBarrier(std::move(part), std::move(outcomes), revision);
}

void GroupCommit::AnswerBehindBarrier(Part part, std::vector<store::Outcome> outcomes,
                                      Revision revision) {
  const bool any_held = std::any_of(outcomes.begin(), outcomes.end(), [](const auto& outcome) {
    return std::holds_alternative<store::Committed>(outcome);
  });
  if (!any_held) return AnswerEach(std::move(part), std::move(outcomes));
  barrier_.Await(revision, lifeline_.Guard([part = std::move(part), outcomes = std::move(outcomes)](
                                               const absl::StatusOr<Revision>& told) mutable {
    for (store::Outcome& outcome : outcomes) {
      if (!std::holds_alternative<store::Committed>(outcome)) continue;
      if (told.ok()) {
        outcome = store::Committed{*told};
      } else {
        outcome = store::Unknown{told.status()};
      }
    }
    AnswerEach(std::move(part), std::move(outcomes));
  }));
}

void GroupCommit::OnError(Part part, const absl::Status& error) {
  switch (FailingOf(error)) {
    case Failing::kUnknown:
      return AnswerAll(std::move(part), store::Unknown{error});
    case Failing::kNoSpace:
      return Check(std::move(part), error);
    case Failing::kTooMuch:
      return SendHalves(std::move(part), error);
    case Failing::kRefused:
      return AnswerAll(std::move(part), store::Refused{RefusalOf(error)});
  }
}

// Nothing was done. Perhaps etcd's limits are lower than ours, or one member is to blame.
void GroupCommit::SendHalves(Part part, const absl::Status& error) {
  if (part.members.size() == 1) {
    return AnswerAll(std::move(part), store::Refused{RefusalOf(error)});
  }
  Part rest{part.group, {}, {}};
  const size_t half = part.members.size() / 2;
  for (size_t i = half; i < part.members.size(); ++i) {
    rest.places.push_back(part.places[i]);
    rest.members.push_back(std::move(part.members[i]));
  }
  part.places.resize(half);
  part.members.resize(half);
  Send(std::move(part));
  Send(std::move(rest));
}

void GroupCommit::Check(Part part, const absl::Status& error) {
  pb::TxnRequest txn = BuildCheck(prefix_, part.members);
  fence_.Guard(txn);
  calls_.Txn(std::move(txn), options_.within,
             [this, part = std::move(part), error](absl::StatusOr<pb::TxnResponse> answer) mutable {
               OnChecked(std::move(part), error, std::move(answer));
             });
}

void GroupCommit::OnChecked(Part part, const absl::Status& error,
                            absl::StatusOr<pb::TxnResponse> answer) {
  if (!answer.ok()) return AnswerAll(std::move(part), store::Unknown{error});
  if (!answer->succeeded()) {
    fence_.Failed();
    return AnswerAll(std::move(part), store::Unknown{error});
  }
  std::vector<store::Outcome> outcomes = OutcomesOf(prefix_, part.members, *std::move(answer));
  for (size_t i = 0; i < outcomes.size(); ++i) {
    const bool stands = std::holds_alternative<store::Committed>(outcomes[i]);
    if (stands && GuardsItsWrites(part.members[i])) {
      outcomes[i] = store::Refused{error};
    } else if (const auto written = WrittenBy(part.members[i], outcomes[i])) {
      on_written_(*written);
      outcomes[i] = store::Committed{*written};
    } else {
      outcomes[i] = store::Unknown{error};
    }
  }
  AnswerEach(std::move(part), std::move(outcomes));
}

void GroupCommit::AnswerEach(Part part, std::vector<store::Outcome> outcomes) {
  Group& group = *part.group;
  for (size_t i = 0; i < outcomes.size(); ++i) {
    group.outcomes[part.places[i]] = std::move(outcomes[i]);
  }
  group.open -= outcomes.size();
  if (group.open == 0) group.done(std::move(group.outcomes));
}

void GroupCommit::AnswerAll(Part part, const store::Outcome& outcome) {
  const size_t count = part.members.size();
  AnswerEach(std::move(part), std::vector<store::Outcome>(count, outcome));
}

}  // namespace rollcall::etcd
