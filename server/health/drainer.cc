#include "server/health/drainer.h"

#include <utility>

#include "server/health/move_to.h"

namespace rollcall::health {

void Drainer::Start(absl::Duration over, std::vector<std::string> servers, Done done) {
  if (started()) return;
  servers_ = std::move(servers);
  done_ = std::move(done);
  end_ = clock_.Steady() + over;
  book_.ForEach([&](const Session& session) {
    if (session.stream == nullptr) return;
    const absl::Duration after = random_.Between(absl::ZeroDuration(), over * 3 / 4);
    executor_.PostAt(clock_.Steady() + after,
                     lifeline_.Guard([this, number = session.number] { Tell(number); }));
  });
  executor_.PostAt(end_, lifeline_.Guard([this] { Finish(); }));
}

void Drainer::Look() {
  if (started() && tally_.connected == 0) Finish();
}

void Drainer::Tell(uint64_t number) {
  Session* session = book_.Find(number);
  if (finished_ || session == nullptr || session->stream == nullptr) return;
  SendMoveTo(*session->stream, servers_, end_ - clock_.Steady());
}

void Drainer::Finish() {
  if (finished_) return;
  finished_ = true;
  book_.ForEach([this](Session& session) {
    if (session.stream == nullptr) return;
    session.stream->Close(absl::UnavailableError("this node is shutting down"));
    session.stream_end = "this node shut down";
    book_.SetStream(session, nullptr);
  });
  if (Done done = std::exchange(done_, nullptr)) done();
}

}  // namespace rollcall::health
