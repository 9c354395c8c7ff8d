// What etcd answers when it refuses, word for word (3.4).
#pragma once

#include "absl/status/status.h"

namespace rollcall::etcd::errors {

inline absl::Status EmptyKey() {
  return absl::InvalidArgumentError("etcdserver: key is not provided");
}
inline absl::Status DuplicateKey() {
  return absl::InvalidArgumentError("etcdserver: duplicate key given in txn request");
}
inline absl::Status TooManyOps() {
  return absl::InvalidArgumentError("etcdserver: too many operations in txn request");
}
inline absl::Status TooLarge() {
  return absl::InvalidArgumentError("etcdserver: request is too large");
}
inline absl::Status Compacted() {
  return absl::OutOfRangeError("etcdserver: mvcc: required revision has been compacted");
}
inline absl::Status FutureRevision() {
  return absl::OutOfRangeError("etcdserver: mvcc: required revision is a future revision");
}
inline absl::Status NoSpace() {
  return absl::ResourceExhaustedError("etcdserver: mvcc: database space exceeded");
}
inline absl::Status TooManyRequests() {
  return absl::ResourceExhaustedError("etcdserver: too many requests");
}
inline absl::Status LeaseNotFound() {
  return absl::NotFoundError("etcdserver: requested lease not found");
}
inline absl::Status LeaseExists() {
  return absl::FailedPreconditionError("etcdserver: lease already exists");
}
inline absl::Status LeaseTooLong() {
  return absl::OutOfRangeError("etcdserver: too large lease TTL");
}
inline absl::Status NoLeader() { return absl::UnavailableError("etcdserver: no leader"); }
inline absl::Status LeaderChanged() { return absl::UnavailableError("etcdserver: leader changed"); }
inline absl::Status TimedOut() { return absl::UnavailableError("etcdserver: request timed out"); }
inline absl::Status Corrupt() { return absl::DataLossError("etcdserver: corrupt cluster"); }
// gRPC's own.
inline absl::Status ConnectionCut() { return absl::UnavailableError("connection reset by peer"); }
inline absl::Status ConnectionRefused() {
  return absl::UnavailableError("failed to connect to all addresses");
}
inline absl::Status NoAnswer() { return absl::DeadlineExceededError("Deadline Exceeded"); }

}  // namespace rollcall::etcd::errors
