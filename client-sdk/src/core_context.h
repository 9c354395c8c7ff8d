// CoreContext: what every part of the core is handed: the edges, and the little state they share.
//
// Belongs to the core's executor, but for the edges that say they are thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/random.h"
#include "client-sdk/src/log.h"
#include "client-sdk/src/server_list.h"
#include "client-sdk/src/transport.h"

namespace rollcall::sdk {

// The newest state that a registry has told this client of in answer to a write or a read; reads,
// whichever server they go to, ask for no less.
class StateMark {
 public:
  void Note(const std::string& store_id, uint64_t revision) {
    if (store_id != store_id_) revision_ = 0;
    store_id_ = store_id;
    if (revision > revision_) revision_ = revision;
  }
  const std::string& store_id() const { return store_id_; }
  uint64_t revision() const { return revision_; }

 private:
  std::string store_id_;
  uint64_t revision_ = 0;
};

// Over how long those who spread to a newly learned server do so.
inline constexpr absl::Duration kSpreadTime = absl::Seconds(10);

struct CoreContext {
  const base::Clock& clock;
  base::Executor& executor;
  base::Random& random;  // Also for session secrets: cryptographic in production.
  Transport& transport;
  ServerList servers;
  Log log;
  std::string name_space;
  std::string client_name;
  absl::Duration rpc_timeout;
  StateMark last_seen = {};
};

// How the answer to a request is to be understood.
enum class Verdict {
  kOk,
  kServerFailed,  // try again, elsewhere if possible
  kTryAgain,      // the server works but cannot do it now
  kRefused,       // trying the same again soon makes no sense
};
Verdict VerdictOf(const absl::Status& status);

}  // namespace rollcall::sdk
