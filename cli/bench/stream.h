// Stream: one bidirectional gRPC stream on the Queue. What is sent while a write is under way waits
// in order.
//
// The handlers are set before Start. End it with Cancel and turn the queue until over(), before it
// goes. Thread-compatible.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "cli/bench/queue.h"
#include "cli/client/registry.h"
#include "grpcpp/support/async_stream.h"

namespace rollcall::cli {

template <typename Request, typename Response>
class Stream {
 public:
  explicit Stream(Queue& queue) : queue_(queue) {}
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  std::function<void(const Response&)> on_message;
  std::function<void(const absl::Status&)> on_end;

  // For example Start(channel, &v1::Discovery::Stub::AsyncWatch, first). At most once.
  template <typename Stub>
  void Start(const std::shared_ptr<grpc::Channel>& channel,
             std::unique_ptr<grpc::ClientAsyncReaderWriter<Request, Response>> (Stub::*method)(
                 grpc::ClientContext*, grpc::CompletionQueue*, void*),
             const Request& first) {
    waiting_.push_back(first);
    ++pending_;
    Stub stub(channel);
    call_ = (stub.*method)(&context_, &queue_.cq(), static_cast<Tag*>(&started_));
  }
  // Nothing happens after the end.
  void Send(const Request& request) {
    if (ended_) return;
    waiting_.push_back(request);
    WriteNext();
  }
  void Cancel() { context_.TryCancel(); }

  // gRPC is done with it, or it was never started.
  bool over() const { return pending_ == 0; }

 private:
  struct Step final : Tag {
    Step(Stream* s, void (Stream::*t)(bool)) : stream(s), then(t) {}
    void Done(bool ok) override {
      --stream->pending_;
      (stream->*then)(ok);
    }
    Stream* const stream;
    void (Stream::*const then)(bool);
  };

  void Started(bool ok) {
    open_ = true;
    if (!ok) return End();
    Read();
    WriteNext();
  }
  void WriteNext() {
    if (waiting_.empty() || !open_ || writing_ || ended_) return;
    writing_ = true;
    ++pending_;
    call_->Write(waiting_.front(), static_cast<Tag*>(&wrote_));
    waiting_.pop_front();
  }
  void Wrote(bool ok) {
    writing_ = false;
    if (ok) WriteNext();  // Otherwise the reading end tells.
  }
  void Read() {
    ++pending_;
    call_->Read(&message_, static_cast<Tag*>(&got_));
  }
  void Got(bool ok) {
    if (!ok) return End();
    on_message(message_);
    Read();
  }
  void End() {
    ended_ = true;
    ++pending_;
    call_->Finish(&status_, static_cast<Tag*>(&finished_));
  }
  void Finished(bool) { on_end(FromGrpc(status_)); }

  Queue& queue_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientAsyncReaderWriter<Request, Response>> call_;
  std::deque<Request> waiting_;
  Response message_;
  grpc::Status status_;
  int pending_ = 0;
  bool open_ = false;
  bool writing_ = false;
  bool ended_ = false;
  Step started_{this, &Stream::Started};
  Step wrote_{this, &Stream::Wrote};
  Step got_{this, &Stream::Got};
  Step finished_{this, &Stream::Finished};
};

}  // namespace rollcall::cli
