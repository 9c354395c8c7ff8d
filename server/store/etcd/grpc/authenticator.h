// Authenticator: the token that etcd wants with each call when users are set up there.
//
// Got with the first call that needs it, and again when etcd refuses it (it forgets tokens after
// some minutes without use, and when users change); one request at a time, however many wait.
// An etcd without authentication gives none: calls then go without.
//
// Lives on the completion thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/store/etcd/grpc/grpc_etcd_options.h"

namespace rollcall::etcd {

// etcd did not carry out what this answers, because it does not accept the token, or wants one.
bool IsTokenRefused(const absl::Status& status);
// The same as the reason why a watch is cancelled, which for etcd 3.4 is lack of permission.
bool IsTokenRefused(absl::string_view cancel_reason);

class Authenticator {
 public:
  using TokenDone = std::function<void(absl::StatusOr<std::string>)>;
  // Asks etcd for a token of the user.
  using Ask = std::function<void(const EtcdUser& user, TokenDone done)>;

  Authenticator(std::optional<EtcdUser> user, Ask ask)
      : user_(std::move(user)), ask_(std::move(ask)) {}

  // Calls need no token, or it is here.
  bool ready() const { return !user_ || token_; }
  bool has_user() const { return user_.has_value(); }
  // Empty: none is to be sent.
  const std::string& token() const;
  // Tells tokens apart.
  uint64_t generation() const { return generation_; }

  // Gets a token; `then` hears whether ready(), in time.
  void Get(std::function<void(absl::Status)> then);
  // The token of this generation is not accepted.
  void Refused(uint64_t generation);
  // The end: nobody waits any more.
  void Close() { waiting_.clear(); }

 private:
  void OnToken(absl::StatusOr<std::string> token);

  const std::optional<EtcdUser> user_;
  const Ask ask_;
  std::optional<std::string> token_;
  uint64_t generation_ = 0;
  std::vector<std::function<void(absl::Status)>> waiting_;
};

}  // namespace rollcall::etcd
