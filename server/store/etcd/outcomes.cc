#include "server/store/etcd/outcomes.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"
#include "server/store/etcd/told.h"

namespace rollcall::etcd {
namespace {

bool Says(const absl::Status& error, absl::string_view words) {
  return absl::StrContains(error.message(), words);
}

// What stands under `key`; an error if the answer is of another one.
absl::StatusOr<std::optional<store::Record>> CurrentOf(const KeyPrefix& prefix,
                                                       const std::string& key, pb::ResponseOp& op) {
  auto& kvs = *op.mutable_response_range()->mutable_kvs();
  if (kvs.empty()) return std::nullopt;
  RETURN_IF_ERROR(CheckTold(prefix, kvs[0]));
  std::optional<store::Record> record = prefix.ToRecord(std::move(kvs[0]));
  if (record->key != key) return absl::InternalError("etcd told another key than was asked for");
  return record;
}

store::Outcome Nonsense() {
  return store::Unknown{absl::InternalError("etcd's answer does not fit the request")};
}

// The first guard that does not stand where it should.
store::Outcome GuardFailedOf(const KeyPrefix& prefix, const store::Transaction& member,
                             pb::TxnResponse& response) {
  const int guards = static_cast<int>(member.guards.size());
  if (guards == 0 || response.responses_size() != guards) return Nonsense();
  for (int i = 0; i < guards; ++i) {
    absl::StatusOr<std::optional<store::Record>> told =
        CurrentOf(prefix, member.guards[i].key, *response.mutable_responses(i));
    if (!told.ok()) return store::Unknown{told.status()};
    std::optional<store::Record> current = *std::move(told);
    const Revision at = current ? current->revision : Revision(0);
    if (at != member.guards[i].revision) {
      return store::GuardFailed{member.guards[i], std::move(current)};
    }
  }
  return Nonsense();
}

}  // namespace

std::vector<store::Outcome> OutcomesOf(const KeyPrefix& prefix,
                                       absl::Span<const store::Transaction> members,
                                       pb::TxnResponse response) {
  if (static_cast<size_t>(response.responses_size()) != members.size() ||
      response.header().revision() < 0) {
    return std::vector<store::Outcome>(members.size(), Nonsense());
  }
  const store::Committed committed{Revision(static_cast<uint64_t>(response.header().revision()))};
  std::vector<store::Outcome> outcomes;
  outcomes.reserve(members.size());
  for (size_t i = 0; i < members.size(); ++i) {
    pb::TxnResponse& nested =
        *response.mutable_responses(static_cast<int>(i))->mutable_response_txn();
    if (nested.succeeded()) {
      outcomes.push_back(committed);
    } else {
      outcomes.push_back(GuardFailedOf(prefix, members[i], nested));
    }
  }
  return outcomes;
}

bool WroteAnything(const pb::TxnResponse& response) {
  return std::any_of(response.responses().begin(), response.responses().end(),
                     [](const pb::ResponseOp& op) {
                       if (op.has_response_txn()) return WroteAnything(op.response_txn());
                       return op.has_response_put() || op.response_delete_range().deleted() > 0;
                     });
}

Failing FailingOf(const absl::Status& error) {
  switch (error.code()) {
    case absl::StatusCode::kResourceExhausted:
      return Says(error, "database space exceeded") ? Failing::kNoSpace : Failing::kUnknown;
    case absl::StatusCode::kInvalidArgument:
      // It was asked with a token older than the newest change of users or roles.
      if (Says(error, "auth store is old")) return Failing::kUnknown;
      return Failing::kTooMuch;
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kUnimplemented:
      return Failing::kRefused;
    default:
      return Failing::kUnknown;
  }
}

absl::Status RefusalOf(const absl::Status& error) {
  switch (error.code()) {
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
      // Not the caller's rights: this node's.
      return absl::UnavailableError(
          absl::StrCat("this node may not write to etcd (see its etcd user and certificates): ",
                       error.message()));
    default:
      return error;
  }
}

}  // namespace rollcall::etcd
