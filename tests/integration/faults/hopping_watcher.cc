#include "tests/integration/faults/hopping_watcher.h"

#include <chrono>
#include <utility>

#include "tests/integration/faults/writer.h"

namespace rollcall::integration {
namespace {

// So that a node that is away is not asked without a pause.
constexpr absl::Duration kPause = absl::Milliseconds(50);

}  // namespace

HoppingWatcher::HoppingWatcher(std::string name,
                               std::vector<std::shared_ptr<grpc::Channel>> channels, uint64_t seed)
    : name_(std::move(name)), channels_(std::move(channels)), random_(seed) {
  thread_ = std::thread([this] { Run(); });
}

HoppingWatcher::~HoppingWatcher() {
  stopping_.Stop();
  {
    base::MutexLock lock(mu_);
    if (context_ != nullptr) context_->TryCancel();
  }
  thread_.join();
}

Watched HoppingWatcher::watched() const {
  base::MutexLock lock(mu_);
  return watched_;
}

void HoppingWatcher::Run() {
  for (size_t at = 0; !stopping_.stopped(); at = (at + 1) % channels_.size()) {
    WatchOn(channels_[at], random_.Between(absl::Seconds(1), absl::Seconds(5)));
    stopping_.Within(kPause);
  }
}

v1::WatchRequest HoppingWatcher::Subscribe() const {
  v1::WatchRequest request;
  request.mutable_subscribe()->set_id(1);
  request.mutable_subscribe()->set_service(Writer::kService);
  request.mutable_subscribe()->set_resume_revision(revision_);
  request.mutable_subscribe()->set_store_id(store_id_);
  request.mutable_subscribe()->set_client_name(name_);
  return request;
}

void HoppingWatcher::WatchOn(const std::shared_ptr<grpc::Channel>& channel, absl::Duration time) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + time));
  {
    base::MutexLock lock(mu_);
    if (stopping_.stopped()) return;
    context_ = &context;
  }
  const auto stream = v1::Discovery::NewStub(channel)->Watch(&context);
  v1::WatchResponse message;
  bool replacing = false;
  if (stream->Write(Subscribe())) {
    while (stream->Read(&message) && !message.has_error()) Take(message, replacing);
  }
  context.TryCancel();
  stream->Finish();
  base::MutexLock lock(mu_);
  context_ = nullptr;
}

void HoppingWatcher::Take(const v1::WatchResponse& message, bool& replacing) {
  base::MutexLock lock(mu_);
  if (!message.store_id().empty()) store_id_ = message.store_id();
  if (message.snapshot() && !std::exchange(replacing, true)) view_.clear();
  if (message.revision() > 0) watched_.revisions.emplace_back(store_id_, message.revision());
  for (const v1::Instance& instance : message.updated()) {
    const std::string& id = instance.spec().id();
    view_[id] = instance.lease_epoch();
    watched_.told.push_back({store_id_, instance.revision(), id, instance.lease_epoch(), ""});
  }
  for (const v1::Removed& removed : message.removed()) {
    view_.erase(removed.key().id());
    watched_.told.push_back(
        {store_id_, removed.revision(), removed.key().id(), 0, v1::Cause_Name(removed.cause())});
  }
  if (!message.caught_up()) return;
  replacing = false;
  revision_ = message.revision();
  watched_.view = view_;
}

}  // namespace rollcall::integration
