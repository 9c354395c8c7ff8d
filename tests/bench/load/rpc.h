// Raw gRPC calls on the Loop: connections of their own, and one-answer calls.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/bench/load/loop.h"
#include "tests/bench/sides/side.h"

namespace rollcall::bench {

using Channels = std::vector<std::shared_ptr<grpc::Channel>>;

// So many connections, each really one of its own; connected when this returns. Throws if one does
// not come about.
Channels Connect(const std::string& address, int connections);

template <typename Stub>
std::vector<std::unique_ptr<typename Stub::Stub>> StubsOf(const Channels& channels) {
  std::vector<std::unique_ptr<typename Stub::Stub>> stubs;
  for (const auto& channel : channels) stubs.push_back(Stub::NewStub(channel));
  return stubs;
}

// One call under way; it owns itself. `Begin` starts it with a context and the queue and gives the
// reader, as the generated Async… methods do.
template <typename Response>
class UnaryCall final : public Tag {
 public:
  using Reader = std::unique_ptr<grpc::ClientAsyncResponseReader<Response>>;
  // `ended` sees the answer and how it ended.
  using Ended = absl::AnyInvocable<void(const grpc::Status& status, const Response& response)>;

  template <typename Begin>
  static void Start(Loop& loop, Begin begin, Ended ended) {
    auto* call = new UnaryCall(std::move(ended));
    call->reader_ = begin(&call->context_, &loop.queue());
    call->reader_->Finish(&call->response_, &call->status_, static_cast<Tag*>(call));
  }
  template <typename Begin>
  static void Start(Loop& loop, Begin begin, bench::Done done) {
    Start(loop, std::move(begin),
          Ended([done = std::move(done)](const grpc::Status& status, const Response&) mutable {
            done(status.ok() || !status.error_message().empty() ? status.error_message()
                                                                : "an error without words");
          }));
  }

  void Done(bool) override {
    const std::unique_ptr<UnaryCall> self(this);
    ended_(status_, response_);
  }

 private:
  explicit UnaryCall(Ended ended) : ended_(std::move(ended)) {}

  grpc::ClientContext context_;
  Reader reader_;
  Response response_;
  grpc::Status status_;
  Ended ended_;
};

}  // namespace rollcall::bench
