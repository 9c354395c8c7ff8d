#include "server/rpc/grpc/self_beat.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/support/client_callback.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/mutex.h"
#include "rollcall/v1/registry.grpc.pb.h"

namespace rollcall::rpc {
namespace {

constexpr absl::Duration kReopen = absl::Milliseconds(100);

}  // namespace

// Shared with the stream and with timers, which may outlive the SelfBeat by a moment.
struct SelfBeat::State {
  std::unique_ptr<v1::Registry::Stub> stub;
  const health::SessionTable& table;
  base::Executor& executor;
  const base::Clock& clock;

  base::Mutex mu;
  base::CondVar over;
  std::shared_ptr<Stream> stream ABSL_GUARDED_BY(mu);  // nullptr: none is open
  bool stopping ABSL_GUARDED_BY(mu) = false;
  uint64_t sequence ABSL_GUARDED_BY(mu) = 0;
};

class SelfBeat::Stream final
    : public grpc::ClientBidiReactor<v1::KeepAliveRequest, v1::KeepAliveResponse> {
 public:
  explicit Stream(std::shared_ptr<State> state) : state_(std::move(state)) {}

  void Start() {
    base::MutexLock lock(mu_);
    out_.mutable_open()->set_session_id(state_->table.node_session_id().value());
    out_.mutable_open()->set_session_secret(state_->table.node_session_secret());
    writing_ = true;
    state_->stub->async()->KeepAlive(&context_, this);
    // Beats are written from outside gRPC's callbacks: the hold keeps the call there for them.
    AddHold();
    StartWrite(&out_);
    StartRead(&in_);
    StartCall();
  }
  // A beat that finds the last one still unsent is left out: the server is not reading.
  void Beat(uint64_t sequence) {
    base::MutexLock lock(mu_);
    if (writing_ || broken_) return;
    out_.mutable_beat()->set_sequence(sequence);
    writing_ = true;
    StartWrite(&out_);
  }
  void Cancel() { context_.TryCancel(); }

  void OnWriteDone(bool ok) override {
    base::MutexLock lock(mu_);
    writing_ = false;
    broken_ |= !ok;
  }
  void OnReadDone(bool ok) override {
    if (ok) {
      StartRead(&in_);
      return;
    }
    {
      base::MutexLock lock(mu_);
      broken_ = true;  // No write from here on.
    }
    RemoveHold();
  }
  void OnDone(const grpc::Status&) override {
    std::shared_ptr<Stream> last;  // Destroyed after the lock is given back.
    base::MutexLock lock(state_->mu);
    last = std::move(state_->stream);
    state_->over.NotifyAll();
    // Under the lock: once Stop() returns the executor may go.
    if (state_->stopping) return;
    state_->executor.PostAt(state_->clock.Steady() + kReopen,
                            [state = state_] { SelfBeat::Open(state); });
  }

 private:
  const std::shared_ptr<State> state_;
  grpc::ClientContext context_;
  v1::KeepAliveRequest out_;
  v1::KeepAliveResponse in_;
  base::Mutex mu_;
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  bool broken_ ABSL_GUARDED_BY(mu_) = false;
};

SelfBeat::SelfBeat(const std::string& socket, const health::SessionTable& table,
                   base::Executor& executor, const base::Clock& clock) {
  grpc::ChannelArguments arguments;
  // A connection of its own, and quick to come back.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 200);
  const auto channel = grpc::CreateCustomChannel(absl::StrCat("unix:", socket),
                                                 grpc::InsecureChannelCredentials(), arguments);
  // Braces: clang 14 does not know aggregates in parentheses, as make_shared writes them.
  State* const state = new State{v1::Registry::NewStub(channel), table, executor, clock};
  state_ = std::shared_ptr<State>(state);
}

SelfBeat::~SelfBeat() { Stop(); }

void SelfBeat::Start() {
  state_->executor.Post([state = state_] {
    Open(state);
    Beat(state);
  });
}

void SelfBeat::Open(const std::shared_ptr<State>& state) {
  base::MutexLock lock(state->mu);
  if (state->stopping || state->stream != nullptr) return;
  state->stream = std::make_shared<Stream>(state);
  state->stream->Start();
}

void SelfBeat::Beat(const std::shared_ptr<State>& state) {
  std::shared_ptr<Stream> stream;
  uint64_t sequence = 0;
  {
    base::MutexLock lock(state->mu);
    if (state->stopping) return;
    stream = state->stream;
    sequence = ++state->sequence;
  }
  if (stream != nullptr) stream->Beat(sequence);
  state->executor.PostAt(state->clock.Steady() + health::NodeSession::kBeatInterval,
                         [state] { Beat(state); });
}

void SelfBeat::Stop() {
  base::MutexLock lock(state_->mu);
  state_->stopping = true;
  if (state_->stream != nullptr) state_->stream->Cancel();
  while (state_->stream != nullptr) state_->over.Wait(state_->mu);
}

}  // namespace rollcall::rpc
