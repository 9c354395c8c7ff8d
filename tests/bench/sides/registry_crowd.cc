#include "tests/bench/sides/registry_crowd.h"

#include <deque>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/bench/load/calls.h"
#include "tests/bench/load/population.h"
#include "tests/bench/sides/wire.h"
#include "tests/integration/support/bounded.h"

namespace rollcall::bench {
namespace {

constexpr uint64_t kAskEach = 3;
// How many heartbeats of a flood gRPC may hold back to send them together.
constexpr uint64_t kFlushEach = 30;

v1::KeepAliveRequest BeatMessage(uint64_t sequence, bool want_ack) {
  v1::KeepAliveRequest message;
  message.mutable_beat()->set_sequence(sequence);
  if (want_ack) message.mutable_beat()->set_want_ack(true);
  return message;
}

class CrowdRegistering final : public Caller {
 public:
  CrowdRegistering(Loop& loop, const std::string& address, absl::Duration ttl)
      : loop_(loop), ttl_(ttl), stubs_(StubsOf<v1::Registry>(Connect(address, 4))) {}
  void Call(uint64_t n, Done done) override {
    v1::RegisterRequest request = OpenRequest('c', n, ttl_);
    *request.add_instances() =
        Spec(absl::StrCat("crowd-", n % kServices), absl::StrCat("crowd-", n), kRecordBytes);
    v1::Registry::Stub& stub = *stubs_[n % stubs_.size()];
    UnaryCall<v1::RegisterResponse>::Start(
        loop_,
        [&](grpc::ClientContext* context, grpc::CompletionQueue* queue) {
          return stub.AsyncRegister(context, request, queue);
        },
        std::move(done));
  }

 private:
  Loop& loop_;
  const absl::Duration ttl_;
  std::vector<std::unique_ptr<v1::Registry::Stub>> stubs_;
};

}  // namespace

struct RegistryCrowd::Client : Stream<v1::KeepAliveRequest, v1::KeepAliveResponse> {
  bool flooding = false;
  uint64_t sent = 0;
  uint64_t acknowledged = 0;
  // Those that wait for an answer, by sequence; one that is late answers those before it, too.
  std::deque<std::pair<uint64_t, Done>> asked;

  void Acknowledged(uint64_t sequence) {
    acknowledged = sequence;
    while (!asked.empty() && asked.front().first <= sequence) {
      Done answered = std::move(asked.front().second);
      asked.pop_front();
      answered("");
    }
  }
};

RegistryCrowd::RegistryCrowd(Loop& loop, const std::string& address, const CrowdShape& shape)
    : loop_(loop), channels_(Connect(address, shape.connections)), clients_(loop) {
  Register(address, shape);
  Open(shape);
}

RegistryCrowd::~RegistryCrowd() = default;

void RegistryCrowd::Register(const std::string& address, const CrowdShape& shape) {
  CrowdRegistering caller(loop_, address, shape.ttl);
  uint64_t next = 0;
  const CallsResult result =
      CallTimes(loop_, caller, static_cast<uint64_t>(shape.clients), 256, next);
  if (result.failed > 0) integration::Fail("a client cannot register: " + result.first_error);
}

void RegistryCrowd::Open(const CrowdShape& shape) {
  const auto stubs = StubsOf<v1::Registry>(channels_);
  for (size_t n = 0; n < static_cast<size_t>(shape.clients); ++n) {
    clients_.push_back(std::make_unique<Client>());
    Client& client = *clients_.back();
    client.on_message = [&client, this](const v1::KeepAliveResponse& message) {
      opened_ += message.has_opened() ? 1 : 0;
      if (message.has_ack()) client.Acknowledged(message.ack().sequence());
    };
    client.on_end = [this](const grpc::Status& status) {
      loop_.Trouble("a client's stream has ended: " + status.error_message());
    };
    v1::KeepAliveRequest open;
    open.mutable_open()->set_session_id(SessionId('c', n));
    open.mutable_open()->set_session_secret(SessionId('c', n));
    v1::Registry::Stub& stub = *stubs[n % stubs.size()];
    client.Start(
        loop_,
        [&stub](grpc::ClientContext* context, grpc::CompletionQueue* queue, void* tag) {
          return stub.AsyncKeepAlive(context, queue, tag);
        },
        open);
    // Not all at once: those who open wait for each other.
    loop_.RunUntil([&] { return opened_ + 500 > n; }, integration::kSoon);
  }
  if (!loop_.RunUntil([&] { return opened_ == clients_.size(); }, integration::kSoon)) {
    integration::Fail("not all streams were opened");
  }
}

// Staggered, so that a third of the crowd is answered in each round.
bool RegistryCrowd::WillBeAnswered(size_t n) const {
  return (clients_[n]->sent + 1 + n) % kAskEach == 0;
}

void RegistryCrowd::Beat(size_t n, Done answered) {
  const bool ask = WillBeAnswered(n);
  Client& client = *clients_[n];
  ++client.sent;
  if (ask) client.asked.emplace_back(client.sent, std::move(answered));
  client.Send(BeatMessage(client.sent, ask));
}

uint64_t RegistryCrowd::Flood(absl::Duration time) {
  const absl::Time end = absl::Now() + time;
  uint64_t before = 0;
  for (auto& client : clients_) {
    before += client->sent;
    client->flooding = true;
    client->on_idle = [client = client.get(), end] {
      if (!client->flooding) return;
      const uint64_t sequence = ++client->sent;
      const bool last = absl::Now() >= end;
      client->flooding = !last;
      client->Send(BeatMessage(sequence, last || sequence % kAskEach == 0),
                   !last && sequence % kFlushEach != 0);
    };
  }
  for (auto& client : clients_) client->on_idle();
  const auto all_taken = [&] {
    uint64_t waiting = 0;
    for (const auto& client : clients_) waiting += client->acknowledged < client->sent ? 1 : 0;
    return waiting == 0;
  };
  loop_.RunUntil(end);
  if (!loop_.RunUntil([&] { return absl::Now() >= end && all_taken(); }, integration::kSoon)) {
    integration::Fail("heartbeats were not taken");
  }
  uint64_t sent = 0;
  for (const auto& client : clients_) sent += client->sent;
  return sent - before;
}

}  // namespace rollcall::bench
