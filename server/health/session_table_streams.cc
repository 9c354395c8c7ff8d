// The part of SessionTable that clients' streams talk to.
#include <utility>

#include "server/health/session_table.h"

namespace rollcall::health {

using Phase = StreamBinding::Phase;
using Farewell = StreamBinding::Farewell;

bool SessionTable::Beat(const Binding& binding, uint64_t sequence, bool want_ack) {
  switch (binding->phase()) {
    case Phase::kClosed:
      return false;
    case Phase::kSilent:
    case Phase::kOpening:
      // Behind its open, in the executor's queue.
      Post([this, binding, sequence, want_ack] { LateBeat(binding, sequence, want_ack); });
      return false;
    case Phase::kBound:
      break;
  }
  const AccountedClock::Reading now = accounted_.Read();
  if (binding->session() == NodeSession::kNumber) {
    accounted_.RecordSelfBeat(now.steady);
  } else {
    tally_.beats_total.fetch_add(1, std::memory_order_relaxed);
  }
  const BeatAnswer answer = binding->cell().Beat(now, sequence, want_ack);
  if (answer.renew) Post([this, number = binding->session()] { RenewFromBeat(number); });
  return answer.ack;
}

void SessionTable::LateBeat(const Binding& binding, uint64_t sequence, bool want_ack) {
  // Still opening: the answer to the open will say it all.
  if (binding->phase() != Phase::kBound || !Beat(binding, sequence, want_ack)) return;
  v1::KeepAliveResponse response;
  response.mutable_ack()->set_sequence(sequence);
  binding->stream().Send(std::move(response));
}

void SessionTable::RenewFromBeat(uint64_t number) {
  Session* session = book_.Find(number);
  if (session != nullptr && session->Suspected()) verdicts_.Want(*session, Verdict::kRenew);
}

void SessionTable::Expect(Binding binding) {
  Post([this, binding = std::move(binding)]() mutable { openings_.Expect(std::move(binding)); });
}

void SessionTable::Open(Binding binding, v1::KeepAliveRequest::Open open) {
  Post([this, binding = std::move(binding), open = std::move(open)]() mutable {
    openings_.Open(std::move(binding), std::move(open));
  });
}

void SessionTable::Leave(Binding binding, v1::KeepAliveRequest::Reason reason) {
  Post([this, binding = std::move(binding), reason] { HandleLeave(binding, reason); });
}

void SessionTable::StreamEnded(Binding binding, std::string how) {
  Post([this, binding = std::move(binding), how = std::move(how)]() mutable {
    HandleStreamEnded(binding, std::move(how));
  });
}

void SessionTable::Reject(Binding binding, absl::Status why) {
  Post([this, binding = std::move(binding), why = std::move(why)] {
    if (binding->phase() == Phase::kClosed) return;
    Session* session = SessionOf(binding);
    binding->Close(why);
    if (session == nullptr) return;
    session->stream_end = "this node closed it: " + std::string(why.message());
    book_.SetStream(*session, nullptr);
  });
}

Session* SessionTable::SessionOf(const Binding& binding) {
  if (binding->phase() != Phase::kBound) return nullptr;
  Session* session = book_.Find(binding->session());
  return session != nullptr && session->stream == binding ? session : nullptr;
}

void SessionTable::HandleLeave(const Binding& binding, v1::KeepAliveRequest::Reason reason) {
  Session* session = SessionOf(binding);
  if (session == nullptr) return;
  if (reason == v1::KeepAliveRequest::REASON_MOVING) {
    // It said this itself, so it lives; and it needs time to arrive.
    session->granted = accounted_.now();
    return binding->set_farewell(Farewell::kClientMoves);
  }
  session->stopping = true;
  verdicts_.Want(*session, Verdict::kLeave);
}

void SessionTable::HandleStreamEnded(const Binding& binding, std::string how) {
  Session* session = SessionOf(binding);
  binding->Ended();
  if (session == nullptr) return;
  session->stream_end = std::move(how);
  book_.SetStream(*session, nullptr);
  if (binding->farewell() == Farewell::kClientMoves) {
    session->stream_end = "the client moved";
  } else if (binding->farewell() == Farewell::kServerMoves) {
    session->stream_end = "this node sent the client elsewhere";
  } else if (session->Leaving()) {
    verdicts_.Want(*session, Verdict::kEndLeft);
  } else if (!session->Suspected()) {
    session->broken = true;
    suspicions_.Broke(*session, binding->stream().peer());
  }
}

}  // namespace rollcall::health
