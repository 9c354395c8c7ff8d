#include "server/store/etcd/watch_stream.h"

#include <utility>
#include <variant>

#include "client-sdk/base/mutant.h"

namespace rollcall::etcd {

WatchStream::WatchStream(EtcdApi& api, const KeyPrefix& prefix, const base::Clock& clock,
                         Revision told, absl::Time told_at, Listener& listener)
    : clock_(clock),
      assembler_(prefix, told, told_at),
      listener_(&listener),
      heard_(clock.Steady()) {
  const KeyPrefix::Span all = prefix.Under("");
  pb::WatchCreateRequest request;
  request.set_key(all.begin);
  request.set_range_end(all.end);
  const uint64_t skipped = MUTANT(healed_watch_skips) ? 1 : 0;
  request.set_start_revision(static_cast<int64_t>(told.value() + 1 + skipped));
  request.set_progress_notify(true);
  // A long absence comes as one answer otherwise, however large.
  request.set_fragment(true);
  handle_ = api.Watch(std::move(request), *this);
}

void WatchStream::Retire(std::unique_ptr<WatchStream> stream, base::Executor& executor) {
  stream->listener_ = nullptr;
  executor.Post([stream = std::move(stream)] {});
}

void WatchStream::OnResponse(pb::WatchResponse response) {
  if (listener_ == nullptr) return;
  heard_ = clock_.Steady();
  const bool stood = created();
  ChangeAssembler::Taken taken = assembler_.Take(std::move(response), clock_.Wall());
  if (const auto* broken = std::get_if<ChangeAssembler::Broken>(&taken)) return End(broken->why);
  if (std::holds_alternative<ChangeAssembler::Compacted>(taken)) {
    return End(absl::OutOfRangeError("etcd does not keep the changes since any more"));
  }
  if (!stood && created()) listener_->OnWatchCreated();
  for (store::ChangeSet& change : std::get<ChangeAssembler::Changes>(taken)) {
    if (listener_ == nullptr) return;
    listener_->OnWatchChange(std::move(change));
  }
}

void WatchStream::OnEnd(absl::Status why) { End(std::move(why)); }

void WatchStream::End(absl::Status why) {
  if (listener_ == nullptr) return;
  std::exchange(listener_, nullptr)->OnWatchEnd(std::move(why));
}

}  // namespace rollcall::etcd
