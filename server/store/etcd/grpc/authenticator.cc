#include "server/store/etcd/grpc/authenticator.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace rollcall::etcd {
namespace {

// etcd gives the last two as INVALID_ARGUMENT: a token older than a change of users or roles, and
// no token at all.
bool SpeaksOfToken(absl::string_view text) {
  return absl::StrContains(text, "invalid auth token") ||
         absl::StrContains(text, "revision of auth store is old") ||
         absl::StrContains(text, "user name is empty");
}

bool IsAuthOff(const absl::Status& status) {
  return absl::StrContains(status.message(), "authentication is not enabled");
}

}  // namespace

bool IsTokenRefused(const absl::Status& status) {
  return absl::IsUnauthenticated(status) || SpeaksOfToken(status.message());
}

bool IsTokenRefused(absl::string_view cancel_reason) {
  return SpeaksOfToken(cancel_reason) || absl::StrContains(cancel_reason, "permission denied");
}

const std::string& Authenticator::token() const {
  static const auto& none = *new std::string();
  return token_ ? *token_ : none;
}

void Authenticator::Get(std::function<void(absl::Status)> then) {
  waiting_.push_back(std::move(then));
  if (waiting_.size() > 1) return;
  ask_(*user_, [this](absl::StatusOr<std::string> token) { OnToken(std::move(token)); });
}

void Authenticator::Refused(uint64_t generation) {
  if (generation == generation_) token_.reset();
}

void Authenticator::OnToken(absl::StatusOr<std::string> token) {
  absl::Status result = token.status();
  if (token.ok() || IsAuthOff(result)) {
    ++generation_;
    token_ = token.ok() ? *std::move(token) : std::string();
    result = absl::OkStatus();
  } else if (absl::IsInvalidArgument(result)) {
    result = absl::UnauthenticatedError(
        absl::StrCat("etcd does not accept user \"", user_->name, "\": ", result.message()));
  }
  std::vector<std::function<void(absl::Status)>> waiting;
  waiting.swap(waiting_);
  for (const auto& then : waiting) then(result);
}

}  // namespace rollcall::etcd
