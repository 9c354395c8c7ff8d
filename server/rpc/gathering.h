// Gathering: puts the answers of several nodes to one question together and hands them on with the
// last. Those that did not answer are named in `unreachable`.
//
// Thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "client-sdk/base/mutex.h"
#include "server/model/times.h"
#include "server/rpc/call.h"
#include "server/rpc/peer_operations.h"

namespace rollcall::rpc {

template <typename Response>
class Gathering {
 public:
  using Merge = void (*)(const Response& from, Response& into);

  // `begin`: what the first answer is merged into.
  Gathering(size_t expected, Response begin, Merge merge, Reply<Response> reply)
      : missing_(expected), all_(std::move(begin)), merge_(merge), reply_(std::move(reply)) {}

  // This node's own: without it there is no answer at all.
  void Own(const absl::StatusOr<Response>& answer) {
    Add([&](absl::StatusOr<Response>& all) {
      if (answer.ok()) {
        merge_(*answer, *all);
      } else {
        all = answer.status();
      }
    });
  }
  void Of(const Peer& peer, const absl::StatusOr<Response>& answer) {
    Add([&](absl::StatusOr<Response>& all) {
      if (!all.ok()) return;
      if (answer.ok()) return merge_(*answer, *all);
      v1::UnreachableNode& node = *all->add_unreachable();
      node.set_id(peer.id);
      node.set_address(peer.address);
      node.set_why(answer.status().message().empty()
                       ? absl::StatusCodeToString(answer.status().code())
                       : std::string(answer.status().message()));
      if (peer.gone_for) *node.mutable_gone_for() = ToProto(*peer.gone_for);
    });
  }

 private:
  template <typename F>
  void Add(F add) {
    base::MutexLock lock(mu_);
    add(all_);
    if (--missing_ > 0) return;
    lock.Release();
    reply_(std::move(all_));
  }

  base::Mutex mu_;
  size_t missing_ ABSL_GUARDED_BY(mu_);
  // Guarded until the last answer, then its owner's alone.
  absl::StatusOr<Response> all_;
  const Merge merge_;
  Reply<Response> reply_;
};

}  // namespace rollcall::rpc
