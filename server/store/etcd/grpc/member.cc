#include "server/store/etcd/grpc/member.h"

#include "absl/strings/str_cat.h"

namespace rollcall::etcd {
namespace {

namespace pb = etcdserverpb;

// A state that does not change is looked at again after this time: how long a channel that is
// closed may keep its watcher.
constexpr absl::Duration kStateWatch = absl::Seconds(10);
constexpr absl::Duration kTroubleTime = absl::Milliseconds(500);

struct StatusFlight : Flight {
  pb::StatusResponse response;
  std::unique_ptr<grpc::ClientAsyncResponseReader<pb::StatusResponse>> reader;
};

}  // namespace

Member::Member(Endpoint endpoint, const ChannelFactory& channels, const GrpcEtcdOptions& options,
               const base::Clock& clock, CompletionThread& thread, std::function<void()> on_change)
    : endpoint_(std::move(endpoint)),
      channels_(channels),
      timing_(options.timing),
      log_(options.log),
      clock_(clock),
      thread_(thread),
      on_change_(std::move(on_change)) {
  Connect();
}

std::optional<base::Instant> Member::head_start_until() const {
  if (ready() || failed_) return std::nullopt;
  const base::Instant until = lost_at_ + timing_.head_start;
  return clock_.Steady() < until ? std::optional(until) : std::nullopt;
}

void Member::Begin(Flight& flight) {
  flights_.insert(&flight);
  if (!listening_) ListenLater();
}

void Member::End(Flight& flight) { flights_.erase(&flight); }

void Member::Connect() {
  ++generation_;
  channel_ = channels_.Make(endpoint_);
  stubs_ = {pb::KV::NewStub(channel_), pb::Watch::NewStub(channel_), pb::Lease::NewStub(channel_),
            pb::Maintenance::NewStub(channel_), pb::Auth::NewStub(channel_)};
  lost_at_ = clock_.Steady();
  state_ = channel_->GetState(/*try_to_connect=*/true);
  AwaitChange();
}

void Member::Disconnect(const absl::Status& why) {
  for (Flight* flight : flights_) flight->GiveUp(why);
  stubs_ = {};
  channel_.reset();
  state_ = GRPC_CHANNEL_SHUTDOWN;
}

void Member::Close() {
  closed_ = true;
  Disconnect(absl::CancelledError("closed"));
}

void Member::AwaitChange() {
  void* tag = thread_.Tag([this, generation = generation_](bool) {
    if (generation == generation_ && !closed_) OnChange();
  });
  channel_->NotifyOnStateChange(state_, DeadlineIn(kStateWatch), thread_.queue(), tag);
}

void Member::OnChange() {
  const grpc_connectivity_state before = state_;
  state_ = channel_->GetState(/*try_to_connect=*/true);
  AwaitChange();
  // The cause may have become another while nothing else changed.
  if (state_ == before && state_ == GRPC_CHANNEL_TRANSIENT_FAILURE) AskTrouble();
  if (state_ == before) return;
  if (before == GRPC_CHANNEL_READY) lost_at_ = clock_.Steady();
  if (state_ == GRPC_CHANNEL_TRANSIENT_FAILURE) {
    failed_ = true;
    AskTrouble();
  }
  if (ready()) {
    failed_ = false;
    trouble_.clear();
    told_ = false;
    if (log_ != nullptr) log_->Info("etcd member connected", {{"endpoint", endpoint_.url}});
  }
  on_change_();
}

void Member::TellTrouble(absl::string_view what, absl::string_view why) {
  trouble_ = std::string(why);
  if (std::exchange(told_, true) || log_ == nullptr) return;
  log_->Warning(what, {{"endpoint", endpoint_.url}, {"cause", why}});
}

// A call fails at once while the channel waits to connect again, and its message says why.
void Member::AskTrouble() {
  if (std::exchange(asking_trouble_, true)) return;
  AskStatus(kTroubleTime, [this](const absl::StatusOr<pb::StatusResponse>& answer) {
    asking_trouble_ = false;
    if (answer.ok() || ready()) return;
    TellTrouble("etcd member cannot be reached", answer.status().message());
  });
}

void Member::AskStatus(absl::Duration within, StatusDone done) {
  auto flight = std::make_shared<StatusFlight>();
  flight->context.set_deadline(DeadlineIn(within));
  flight->reader =
      stub<pb::Maintenance>().PrepareAsyncStatus(&flight->context, {}, thread_.queue());
  flights_.insert(flight.get());
  flight->reader->StartCall();
  flight->reader->Finish(&flight->response, &flight->status,
                         thread_.Tag([this, flight, done = std::move(done)](bool) {
                           flights_.erase(flight.get());
                           if (closed_) return;
                           const absl::Status result = flight->Result();
                           if (result.ok()) {
                             Heard();
                             done(std::move(flight->response));
                           } else {
                             done(result);
                           }
                         }));
}

void Member::ListenLater() {
  listening_ = true;
  heard_ = false;
  thread_.PostAt(clock_.Steady() + timing_.silence, [this] {
    listening_ = false;
    if (!closed_ && !flights_.empty()) Listen();
  });
}

void Member::Listen() {
  if (heard_ || !ready()) return ListenLater();
  listening_ = true;
  AskStatus(timing_.sign_of_life, [this, generation = generation_](const auto& answer) {
    listening_ = false;
    // Anything but silence is a sign of life, a refusal too.
    const bool silent = !answer.ok() && absl::IsDeadlineExceeded(answer.status()) && !heard_;
    if (silent && generation == generation_) {
      TellTrouble("etcd member hangs", "it showed no sign of life");
      Disconnect(absl::UnavailableError(
          absl::StrCat("etcd member ", endpoint_.url, " showed no sign of life")));
      Connect();
      failed_ = true;
      on_change_();
    }
    if (!flights_.empty()) ListenLater();
  });
}

}  // namespace rollcall::etcd
