// Sessions: all that the bench registers, one instance in a session each, so that all of it can be
// removed again.
//
// A session is remembered before it is asked for: one whose outcome is not known is removed too.
// Each instance stands in a zone of its own, for the eviction brake counts by service and zone: a
// bench that is killed is not taken for an outage, and nothing of it is held back. Its ids and
// secrets are made here. Thread-compatible.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "cli/bench/connections.h"
#include "cli/bench/plan.h"
#include "cli/bench/queue.h"
#include "client-sdk/base/random.h"
#include "rollcall/v1/registry.grpc.pb.h"

namespace rollcall::cli {

class Sessions {
 public:
  using Opened = std::function<void(const absl::Status&, const v1::RegisterResponse&)>;
  using Ended = std::function<void(const absl::Status&)>;

  Sessions(Queue& queue, std::vector<Channel> channels, const Plan& plan, base::Random& random,
           std::string client_name)
      : queue_(queue),
        channels_(std::move(channels)),
        plan_(plan),
        random_(random),
        client_name_(std::move(client_name)) {}

  // Opens a session with one instance; its number.
  uint64_t Open(const std::string& service, const std::string& id, Opened opened);
  // Ends it with its instance.
  void End(uint64_t number, Ended ended);
  // Ends all that are left, by any of the connections or `other`, and turns the queue meanwhile.
  // OK, or why some are left. It takes no longer than a TTL and a call: then they are gone anyway.
  absl::Status EndAll(const Channel& other);
  // Those that may still be there.
  uint64_t left() const { return left_; }

 private:
  struct Session {
    std::string id;
    std::string secret;  // empty: it is gone
  };

  v1::RegisterRequest RequestOf(const Session& session, const std::string& service,
                                const std::string& id) const;
  void EndBy(const Channel& channel, uint64_t number, Ended ended);
  void EndRound(const std::vector<Channel>& channels, uint64_t round, base::Instant limit,
                absl::Status& trouble);
  void Forget(uint64_t number);

  Queue& queue_;
  const std::vector<Channel> channels_;
  const Plan& plan_;
  base::Random& random_;
  const std::string client_name_;
  std::vector<Session> sessions_;
  uint64_t left_ = 0;
  uint64_t turn_ = 0;  // whose connection is next
};

}  // namespace rollcall::cli
