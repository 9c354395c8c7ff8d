#include "tests/bench/peers/zookeeper_session.h"

#include <utility>

namespace rollcall::bench {
namespace {

// Instead of a request's number.
constexpr int kEventId = -1;
constexpr int kPingId = -2;
constexpr int kPing = 11;
constexpr int kMulti = 14;

template <typename T>
T TakeFirst(std::deque<T>& queue) {
  T first = std::move(queue.front());
  queue.pop_front();
  return first;
}

}  // namespace

ZooKeeperSession::ZooKeeperSession(Sockets& sockets, int port, absl::Duration timeout, Done opened)
    : opened_(std::move(opened)),
      socket_(
          sockets, port, [this](absl::string_view frame) { Take(frame); },
          [this](const std::string& why) { End(why); }) {
  socket_.Send(zookeeper::Connect(timeout));
}

void ZooKeeperSession::Ask(const zookeeper::Request& request, Answered answered) {
  asked_.push_back(std::move(answered));
  socket_.Send(JuteWriter().Int(next_id_++).Int(request.type).Raw(request.body).str());
}

void ZooKeeperSession::Ask(const zookeeper::Request& request, Done done) {
  const bool several = request.type == kMulti;
  Ask(request,
      [several, done = std::move(done)](absl::string_view error, JuteReader& answer) mutable {
        const int failed = error.empty() && several ? zookeeper::ErrorInMulti(answer) : 0;
        done(failed != 0 ? zookeeper::ErrorText(failed) : error);
      });
}

void ZooKeeperSession::Ping(Done answered) {
  pinged_.push_back(std::move(answered));
  socket_.Send(JuteWriter().Int(kPingId).Int(kPing).str());
}

void ZooKeeperSession::Take(absl::string_view frame) {
  JuteReader in(frame);
  if (open_) return TakeAnswer(in);
  open_ = true;
  in.Int();  // version
  const bool refused = in.Int() <= 0;
  std::exchange(opened_, nullptr)(refused ? "ZooKeeper gave no session" : "");
}

void ZooKeeperSession::TakeAnswer(JuteReader& frame) {
  const int id = frame.Int();
  frame.Long();  // transaction
  const int error = frame.Int();
  if (id == kEventId) {
    const int event = frame.Int();
    frame.Int();  // state
    if (on_event) on_event(event, frame.Bytes());
  } else if (id == kPingId) {
    if (!pinged_.empty()) TakeFirst(pinged_)("");
  } else if (!asked_.empty()) {
    TakeFirst(asked_)(error == 0 ? "" : zookeeper::ErrorText(error), frame);
  }
}

void ZooKeeperSession::End(const std::string& why) {
  if (opened_) return std::exchange(opened_, nullptr)(why);
  const bool waited = !asked_.empty() || !pinged_.empty();
  JuteReader none("");
  while (!asked_.empty()) TakeFirst(asked_)(why, none);
  while (!pinged_.empty()) TakeFirst(pinged_)(why);
  if (!waited && on_lost) on_lost(why);
}

}  // namespace rollcall::bench
