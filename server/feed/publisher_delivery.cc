// From what was published to messages on streams.
#include <algorithm>
#include <utility>

#include "client-sdk/base/mutant.h"
#include "server/feed/delta.h"
#include "server/feed/publisher.h"
#include "server/model/limits.h"

namespace rollcall::feed {

void Publisher::Flush() {
  flush_posted_ = false;
  LookAtWrites(FinishedWrites::Look::kNot);
  const base::Instant begun = edges_.clock.Steady();
  std::vector<Watcher*> touched;
  for (const ServiceName& name : dirty_) {
    roster_.ForEachSubscriber(name, [&](Subscription& s) {
      if (MarkChanged(s, name)) touched.push_back(&s.watcher);
    });
  }
  dirty_.clear();
  heard_ = published_;
  ResumeWaiting(touched);
  // Connection by connection: one message to each of many streams of a warm connection costs about
  // half of what it costs in any other order.
  std::sort(touched.begin(), touched.end(), InConnectionOrder());
  touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
  for (Watcher* watcher : touched) Pump(*watcher);
  merge_window_.Delivered(touched.size(), begun, edges_.clock.Steady());
}

bool Publisher::MarkChanged(Subscription& s, const ServiceName& name) {
  if (s.watcher.writing_since && MUTANT(change_while_writing_lost)) return false;
  if (s.changed && s.name.service.empty()) {
    s.changed->insert(name);
    if (s.changed->size() > kMaxChangedServices) s.changed.reset();
  }
  if (auto* pass = std::get_if<MidPass>(&s.phase)) {
    if (std::exchange(pass->changed_meanwhile, true)) ++counters_.coalesced;
  } else if (std::holds_alternative<Due>(s.phase) || std::holds_alternative<Resting>(s.phase)) {
    ++counters_.coalesced;
  } else if (std::holds_alternative<UpToDate>(s.phase)) {
    return MakeDueOrRest(s);
  }
  return false;
}

void Publisher::ResumeWaiting(std::vector<Watcher*>& touched) {
  const Revision applied = edges_.views.applied();
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    Subscription& s = **at;
    const Revision resume = std::get<AwaitingRevision>(s.phase).revision;
    if (resume > applied) {
      ++at;
      continue;
    }
    at = waiting_.erase(at);
    s.cursor = resume;
    MakeDue(s, true);
    touched.push_back(&s.watcher);
  }
}

// One that is up to date heard of no change up to heard_, so there was none for it: the cursor may
// follow. Without this, a quiet service's watchers would fall below the purge horizon.
void Publisher::FollowHeard(Subscription& s) const {
  if (std::holds_alternative<UpToDate>(s.phase)) s.cursor = std::max(s.cursor, heard_);
}

void Publisher::MakeDue(Subscription& s, bool must_speak) {
  FollowHeard(s);
  s.phase = Due{must_speak};
  s.turn = s.watcher.next_turn++;
  s.watcher.turns.emplace(s.turn, &s);
}

void Publisher::Pump(Watcher& watcher) {
  while (!watcher.writing_since && WriteNext(watcher)) {
  }
  const bool more = !watcher.errors.empty() || !watcher.turns.empty();
  SetAwaits(watcher, watcher.writing_since && more);
}

bool Publisher::WriteNext(Watcher& watcher) {
  if (!watcher.errors.empty()) {
    std::string error = std::move(watcher.errors.front());
    watcher.errors.pop_front();
    --counters_.unsent_errors;
    Write(watcher, std::move(error), nullptr);
    return true;
  }
  if (watcher.turns.empty()) return false;
  Subscription& next = *watcher.turns.begin()->second;
  watcher.turns.erase(watcher.turns.begin());
  next.turn = 0;
  Speak(next);
  return true;
}

void Publisher::SetAwaits(Watcher& watcher, bool awaits) {
  if (std::exchange(watcher.awaits_write, awaits) != awaits) {
    Arrange(finished_writes_.Await(awaits));
  }
}

void Publisher::Speak(Subscription& s) {
  const base::Instant begun = edges_.clock.Steady();
  if (const auto* due = std::get_if<Due>(&s.phase)) {
    s.phase = MidPass{BeginPass(s, due->must_speak), begun};
  }
  auto& [pass, since, changed, making] = std::get<MidPass>(s.phase);
  std::optional<Pass::Message> message = pass.Next(encodings_);
  making += edges_.clock.Steady() - begun;
  if (message) Send(s, *std::move(message));
  if (pass.done()) return EndPass(s);
  s.turn = s.watcher.next_turn++;
  s.watcher.turns.emplace(s.turn, &s);
}

Pass Publisher::BeginPass(Subscription& s, bool must_speak) {
  Pass pass(edges_.views, {s.name, s.selector, s.cursor, std::move(s.changed), heard_,
                           std::move(s.ahead), must_speak});
  // What changes from here on is for the next pass.
  s.changed.emplace();
  return pass;
}

void Publisher::EndPass(Subscription& s) {
  auto& [pass, begun, changed_meanwhile, making] = std::get<MidPass>(s.phase);
  s.cursor = std::max(s.cursor, pass.reach());
  s.ahead = pass.TakeAhead();
  if (s.name.service.empty()) {
    rest_until_ = std::max(rest_until_, begun + MergeWindow::PauseAfter(making));
  }
  if (changed_meanwhile) {
    MakeDueOrRest(s);
  } else {
    s.phase = UpToDate{};
  }
}

bool Publisher::MakeDueOrRest(Subscription& s) {
  const bool rests = s.name.service.empty() && edges_.clock.Steady() < rest_until_;
  if (!rests) {
    MakeDue(s, false);
    return true;
  }
  FollowHeard(s);
  s.phase = Resting{};
  executor_.PostAt(rest_until_, [this, watcher = s.watcher.id, id = s.id, serial = s.serial] {
    Rested(watcher, id, serial);
  });
  return false;
}

void Publisher::Rested(WatcherId watcher, uint32_t id, uint64_t serial) {
  Subscription* s = Still(watcher, id, serial);
  if (s == nullptr || !std::holds_alternative<Resting>(s->phase)) return;
  MakeDue(*s, false);
  Pump(s->watcher);
}

void Publisher::Send(Subscription& s, Pass::Message message) {
  std::string prefix =
      EncodeHeader({s.id, message.revision, message.caught_up, edges_.store_age()});
  if (message.body == nullptr) {
    prefix += EncodeScope(s.name, edges_.views.store_id(), message.fresh);
  }
  if (message.caught_up) {
    prefix += server_news_.For(s.watcher.servers_told);
    s.ledger.Sent(message.revision, edges_.clock.Steady(), s.will_ack);
    if (s.ledger.waiting_since()) s.watcher.owing.insert(s.id);
  }
  Write(s.watcher, std::move(prefix), std::move(message.body));
}

void Publisher::Write(Watcher& watcher, std::string prefix, std::shared_ptr<const Frame> body) {
  watcher.last_sent = edges_.clock.Steady();
  watcher.writing_since = watcher.last_sent;
  ++counters_.messages_sent;
  watcher.stream->Write(std::move(prefix), std::move(body));
}

}  // namespace rollcall::feed
