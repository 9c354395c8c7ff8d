// Duplex: one bidirectional stream, read by a thread of its own into a mailbox.
//
// The destructor cancels it. Sending and taking are for one thread.
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "tests/integration/support/mailbox.h"

namespace rollcall::integration {

template <typename Request, typename Response>
class Duplex {
 public:
  using Call = std::unique_ptr<grpc::ClientReaderWriter<Request, Response>>;

  explicit Duplex(const std::function<Call(grpc::ClientContext*)>& open) {
    context_.set_wait_for_ready(true);
    call_ = open(&context_);
    reader_ = std::thread([this] { Read(); });
  }
  ~Duplex() {
    Cancel();
    reader_.join();
  }
  Duplex(const Duplex&) = delete;
  Duplex& operator=(const Duplex&) = delete;

  // False if the stream is broken.
  bool Send(const Request& request) { return call_->Write(request); }
  void HalfClose() { call_->WritesDone(); }
  void Cancel() { context_.TryCancel(); }

  std::optional<Response> Next(absl::Duration limit = kSoon) { return inbox_.Take(limit); }
  // The next message that `wanted` accepts; those before it are dropped. Throws if none comes.
  Response Await(const std::string& what, const std::function<bool(const Response&)>& wanted,
                 absl::Duration limit = kSoon) {
    const Stopwatch watch;
    std::string seen;
    while (std::optional<Response> message = Next(watch.LeftOf(limit))) {
      if (wanted(*message)) return *std::move(message);
      seen += message->ShortDebugString() + "\n";
    }
    Fail("there was no " + what + "; instead:\n" + seen);
  }
  // How the stream ended; throws if it does not end in time.
  grpc::Status End(absl::Duration limit = kSoon) {
    if (!inbox_.AwaitClosed(limit)) Fail("the stream did not end");
    return status_;
  }

 private:
  void Read() {
    Response response;
    while (call_->Read(&response)) inbox_.Put(std::move(response));
    status_ = call_->Finish();
    inbox_.Close();
  }

  grpc::ClientContext context_;
  Call call_;
  Mailbox<Response> inbox_;
  grpc::Status status_;  // written before the mailbox is closed
  std::thread reader_;
};

}  // namespace rollcall::integration
