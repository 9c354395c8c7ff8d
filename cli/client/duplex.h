// Duplex: a bidirectional stream whose answers can be waited for with a limit and an interrupt.
//
// A thread of its own reads; Read and Write belong to one thread, the owner's. At most kMaxWaiting
// answers wait here, then the stream's own flow control holds the server back. The destructor
// cancels the stream and joins the thread.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "cli/client/interrupt.h"
#include "cli/client/registry.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/mutex.h"
#include "grpcpp/support/sync_stream.h"

namespace rollcall::cli {

template <typename Request, typename Response>
class Duplex {
 public:
  // For example Duplex(channel, &v1::Discovery::Stub::Watch, interrupt, clock). An interrupt ends a
  // Read that waits; the stream goes on.
  template <typename Stub>
  Duplex(std::shared_ptr<grpc::Channel> channel,
         std::unique_ptr<grpc::ClientReaderWriter<Request, Response>> (Stub::*method)(
             grpc::ClientContext*),
         Interrupt& interrupt, const base::Clock& clock)
      : clock_(clock),
        stream_((Stub(channel).*method)(&context_)),
        listener_(interrupt,
                  [this] {
                    base::MutexLock lock(mu_);
                    interrupted_ = true;
                    changed_.NotifyAll();
                  }),
        reader_([this] { ReadAll(); }) {}

  ~Duplex() {
    context_.TryCancel();
    {
      base::MutexLock lock(mu_);
      closing_ = true;
      changed_.NotifyAll();
    }
    reader_.join();
  }
  Duplex(const Duplex&) = delete;
  Duplex& operator=(const Duplex&) = delete;

  // False: the stream has ended; Read the rest, then look at ended().
  bool Write(const Request& request) { return stream_->Write(request); }
  void WritesDone() { stream_->WritesDone(); }

  // The next answer; nullopt if there is none within `limit`, on an interrupt, or at the end.
  std::optional<Response> Read(absl::Duration limit) {
    const base::Instant deadline = clock_.Steady() + limit;
    base::MutexLock lock(mu_);
    while (waiting_.empty() && !ended_ && !interrupted_ && clock_.Steady() < deadline) {
      changed_.WaitFor(mu_, deadline - clock_.Steady());
    }
    if (waiting_.empty()) return std::nullopt;
    Response response = std::move(waiting_.front());
    waiting_.pop_front();
    changed_.NotifyAll();
    return response;
  }

  // The stream's status, once it ended and all answers were read.
  std::optional<absl::Status> ended() const {
    base::MutexLock lock(mu_);
    return waiting_.empty() ? ended_ : std::nullopt;
  }

 private:
  static constexpr size_t kMaxWaiting = 64;

  void ReadAll() {
    Response response;
    while (stream_->Read(&response)) {
      base::MutexLock lock(mu_);
      while (waiting_.size() >= kMaxWaiting && !closing_) changed_.Wait(mu_);
      waiting_.push_back(std::move(response));
      response.Clear();
      changed_.NotifyAll();
    }
    const absl::Status status = FromGrpc(stream_->Finish());
    base::MutexLock lock(mu_);
    ended_ = status;
    changed_.NotifyAll();
  }

  const base::Clock& clock_;
  grpc::ClientContext context_;
  const std::unique_ptr<grpc::ClientReaderWriter<Request, Response>> stream_;
  mutable base::Mutex mu_;
  base::CondVar changed_;
  std::deque<Response> waiting_ ABSL_GUARDED_BY(mu_);
  std::optional<absl::Status> ended_ ABSL_GUARDED_BY(mu_);
  bool interrupted_ ABSL_GUARDED_BY(mu_) = false;
  bool closing_ ABSL_GUARDED_BY(mu_) = false;
  // After what they use, so that they end first.
  Interrupt::Listener listener_;
  std::thread reader_;
};

}  // namespace rollcall::cli
