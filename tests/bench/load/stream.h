// Stream: one bidirectional gRPC stream on the Loop. What is sent while a write is under way waits
// in order.
//
// End it with Cancel and turn the loop until ended(), or it must not go: Streams does. The handlers
// are set before Start.
#pragma once

#include <grpcpp/grpcpp.h>

#include <deque>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "tests/bench/load/loop.h"

namespace rollcall::bench {

template <typename Request, typename Response>
class Stream {
 public:
  using Call = std::unique_ptr<grpc::ClientAsyncReaderWriter<Request, Response>>;

  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  std::function<void(const Response&)> on_message;
  // A write is through; nothing waits to be sent.
  std::function<void()> on_idle;
  // It ended without Cancel.
  std::function<void(const grpc::Status&)> on_end;

  // `open(context, queue, tag)` is a generated Async… method. `first` is sent at once.
  template <typename Open>
  void Start(Loop& loop, Open open, const Request& first) {
    ++pending_;
    waiting_.push_back(first);
    call_ = open(&context_, &loop.queue(), static_cast<Tag*>(&started_));
  }
  // `more` follows at once: gRPC need not send this one by itself.
  void Send(const Request& request, bool more = false) {
    if (over_) return;
    if (!open_ || writing_) {
      waiting_.push_back(request);
      return;
    }
    Write(request, more);
  }
  void Cancel() {
    cancelled_ = true;
    context_.TryCancel();
  }

  bool ended() const { return pending_ == 0; }

 private:
  struct Step final : Tag {
    Step(Stream* stream, void (Stream::*then)(bool)) : stream(stream), then(then) {}
    void Done(bool ok) override {
      --stream->pending_;
      (stream->*then)(ok);
    }
    Stream* const stream;
    void (Stream::*const then)(bool);
  };

  void Write(const Request& request, bool more) {
    writing_ = true;
    ++pending_;
    call_->Write(request, more ? grpc::WriteOptions().set_buffer_hint() : grpc::WriteOptions(),
                 static_cast<Tag*>(&wrote_));
  }
  void Read() {
    ++pending_;
    call_->Read(&message_, static_cast<Tag*>(&got_));
  }
  void Started(bool ok) {
    open_ = true;
    if (!ok) return End();
    Read();
    WriteNext();
  }
  void WriteNext() {
    if (waiting_.empty() || writing_ || over_) return;
    const Request next = std::move(waiting_.front());
    waiting_.pop_front();
    Write(next, !waiting_.empty());
  }
  void Wrote(bool ok) {
    writing_ = false;
    if (!ok) return;  // The reading end tells.
    WriteNext();
    if (!writing_ && on_idle) on_idle();
  }
  void Got(bool ok) {
    if (!ok) return End();
    if (on_message) on_message(message_);
    Read();
  }
  void End() {
    over_ = true;
    ++pending_;
    call_->Finish(&status_, static_cast<Tag*>(&finished_));
  }
  void Finished(bool) {
    if (on_end && !cancelled_) on_end(status_);
  }

  grpc::ClientContext context_;
  Call call_;
  std::deque<Request> waiting_;
  Response message_;
  grpc::Status status_;
  int pending_ = 0;
  bool open_ = false;
  bool writing_ = false;
  bool over_ = false;
  bool cancelled_ = false;
  Step started_{this, &Stream::Started};
  Step wrote_{this, &Stream::Wrote};
  Step got_{this, &Stream::Got};
  Step finished_{this, &Stream::Finished};
};

// Streams that are cancelled, and the loop turned until they have ended, before they go: also when
// whoever opens them gives up. What comes meanwhile nobody is told, for who waited may be gone.
template <typename T>
class Streams : public std::vector<std::unique_ptr<T>> {
 public:
  explicit Streams(Loop& loop) : loop_(loop) {}
  ~Streams() {
    for (auto& stream : *this) {
      stream->on_message = nullptr;
      stream->on_idle = nullptr;
      stream->Cancel();
    }
    size_t first = 0;
    loop_.Drain(
        [&] {
          while (first < this->size() && (*this)[first]->ended()) ++first;
          return first == this->size();
        },
        absl::Seconds(60));
  }
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;

 private:
  Loop& loop_;
};

}  // namespace rollcall::bench
