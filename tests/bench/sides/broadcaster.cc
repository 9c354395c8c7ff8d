#include "tests/bench/sides/broadcaster.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "tests/bench/sides/bare_messages.h"

namespace rollcall::bench {

BareWatch* BareWatch::Start(Broadcaster& broadcaster, grpc::CallbackServerContext* context) {
  std::shared_ptr<BareWatch> self(new BareWatch(broadcaster, context->peer()));
  self->self_ = self;
  self->StartSendInitialMetadata();
  self->StartRead(&self->in_);
  return self.get();
}

void BareWatch::Send(const grpc::ByteBuffer& message) {
  base::MutexLock lock(mu_);
  if (finished_) return;
  if (writing_) {
    waiting_.push_back(message);
    return;
  }
  writing_ = true;
  out_ = message;
  StartWrite(&out_);
}

void BareWatch::OnReadDone(bool ok) {
  if (!ok) return End();
  Send(CaughtUpMessage());
  broadcaster_.Add(self_);
  // It listens on, as everybody has to who would hear the client again.
  StartRead(&in_);
}

void BareWatch::OnWriteDone(bool ok) {
  base::MutexLock lock(mu_);
  writing_ = false;
  if (!ok || finished_ || waiting_.empty()) return;
  writing_ = true;
  out_ = waiting_.front();
  waiting_.pop_front();
  StartWrite(&out_);
}

void BareWatch::OnCancel() { End(); }

void BareWatch::End() {
  base::MutexLock lock(mu_);
  if (finished_) return;
  finished_ = true;
  Finish(grpc::Status::OK);
}

void BareWatch::OnDone() {
  broadcaster_.Remove(self_);
  const std::shared_ptr<BareWatch> last = std::move(self_);
}

Broadcaster::Broadcaster() {
  const unsigned publishers = std::clamp(std::thread::hardware_concurrency() / 2, 1u, 8u);
  for (unsigned i = 0; i < publishers; ++i) {
    shares_.push_back(std::make_unique<Share>());
    threads_.emplace_back([share = shares_.back().get()] { Run(*share); });
    threads_.back().detach();  // The process is ended by a signal.
  }
}

Broadcaster::Share& Broadcaster::ShareOf(const BareWatch& stream) {
  return *shares_[std::hash<std::string>()(stream.peer()) % shares_.size()];
}

void Broadcaster::Add(std::shared_ptr<BareWatch> stream) {
  Share& share = ShareOf(*stream);
  base::MutexLock lock(share.mu);
  share.streams[stream->peer()].insert(std::move(stream));
}

void Broadcaster::Remove(const std::shared_ptr<BareWatch>& stream) {
  Share& share = ShareOf(*stream);
  base::MutexLock lock(share.mu);
  share.streams[stream->peer()].erase(stream);
}

void Broadcaster::Tell(const grpc::ByteBuffer& message) {
  for (const auto& share : shares_) {
    base::MutexLock lock(share->mu);
    share->messages.push_back(message);
    share->told.NotifyAll();
  }
}

void Broadcaster::Run(Share& share) {
  for (;;) {
    grpc::ByteBuffer message;
    std::vector<std::shared_ptr<BareWatch>> streams;
    {
      base::MutexLock lock(share.mu);
      while (share.messages.empty()) share.told.WaitFor(share.mu, absl::Seconds(1));
      message = share.messages.front();
      share.messages.pop_front();
      for (const auto& [peer, of_peer] : share.streams) {
        streams.insert(streams.end(), of_peer.begin(), of_peer.end());
      }
    }
    for (const auto& stream : streams) stream->Send(message);
  }
}

}  // namespace rollcall::bench
