// Registry: the servers that were named on the command line, those that they named, and calls to
// the first one that answers.
//
// Every call and stream is idempotent or made so by its caller, so a server that cannot be reached
// is simply followed by the next. Statuses: UNAVAILABLE if none answers, otherwise the server's.
// A connection lasts until a call on it fails with UNAVAILABLE; the next one reads the TLS files
// anew. Thread-compatible.
#pragma once

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/random.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/status.h"

namespace rollcall::cli {

// Paths; all empty: plain text.
struct TlsFiles {
  std::string ca;
  std::string cert;
  std::string key;
  // Expected in the server's certificate instead of the host that was dialled.
  std::string server_name;
  bool any() const { return !(ca + cert + key + server_name).empty(); }
};

// The same status; UNAVAILABLE if what answered is no gRPC server.
absl::Status FromGrpc(const grpc::Status& status);

class Registry {
 public:
  struct Options {
    // host:port, at least one.
    std::vector<std::string> servers;
    TlsFiles tls;
    // For a call, connecting included.
    absl::Duration timeout = absl::Seconds(5);
  };

  Registry(Options options, const base::Clock& clock)
      : options_(std::move(options)), clock_(clock), servers_(options_.servers) {}

  // What a server says of where clients may go: tried after those of the command line, which stay,
  // in an order of this process's own. Replaces what was learned before; an empty list says
  // nothing.
  void Learn(std::vector<std::string> servers, base::Random& random);
  // A connected channel to the first server that can be reached, starting with the last one used.
  // At most kMostTries are tried, or all of the command line; the next call goes on behind them.
  absl::StatusOr<std::shared_ptr<grpc::Channel>> Connect();
  // Gives the connection up, if there is one; Connect starts with the next server.
  void MoveOn();
  // The server last connected to.
  const std::string& server() const { return servers_[current_]; }
  const Options& options() const { return options_; }
  const base::Clock& clock() const { return clock_; }

  // For example Call(&v1::Discovery::Stub::Resolve, request).
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                             Response*),
                                const std::type_identity_t<Request>& request) {
    absl::Status status;
    for (size_t attempt = 0; attempt < Tries(); ++attempt) {
      auto channel = Connect();
      if (!channel.ok()) return channel.status();
      Response response;
      grpc::ClientContext context;
      context.set_deadline(absl::ToChronoTime(clock_.Wall() + options_.timeout));
      Stub stub(*channel);
      status = FromGrpc((stub.*method)(&context, request, &response));
      if (status.ok()) return response;
      if (status.code() != absl::StatusCode::kUnavailable) break;
      MoveOn();
    }
    return status;
  }

 private:
  static constexpr size_t kMostTries = 3;

  size_t Tries() const;
  absl::StatusOr<std::shared_ptr<grpc::Channel>> Dial(const std::string& server,
                                                      absl::Duration limit) const;
  absl::Status NobodyAnswers() const;

  const Options options_;
  const base::Clock& clock_;
  std::vector<std::string> servers_;
  // What the last list said, sorted.
  std::vector<std::string> learned_;
  size_t current_ = 0;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace rollcall::cli
