#include "server/store/etcd/etcd_store.h"

#include <utility>

#include "server/store/etcd/versions_walk.h"

namespace rollcall::etcd {

EtcdStore::Opening::Opening(EtcdApi& api, base::Executor& executor, const base::Clock& clock,
                            base::Random& random, Options options, OpenDone done)
    : prefix_(options.prefix),
      identity_(api, prefix_, executor, clock, random, options.on_waiting) {
  identity_.Find([&api, &executor, &clock, &random, options = std::move(options),
                  done = std::move(done)](absl::StatusOr<StoreIdentity::Found> found) mutable {
    if (!found.ok()) return done(found.status());
    done(std::unique_ptr<EtcdStore>(
        new EtcdStore(api, executor, clock, random, std::move(options), *std::move(found))));
  });
}

std::unique_ptr<EtcdStore::Opening> EtcdStore::Open(EtcdApi& api, base::Executor& executor,
                                                    const base::Clock& clock, base::Random& random,
                                                    Options options, OpenDone done) {
  return std::make_unique<Opening>(api, executor, clock, random, std::move(options),
                                   std::move(done));
}

std::unique_ptr<EtcdStore> EtcdStore::Presume(EtcdApi& api, base::Executor& executor,
                                              const base::Clock& clock, base::Random& random,
                                              Options options, const StoreId& id) {
  return std::unique_ptr<EtcdStore>(new EtcdStore(api, executor, clock, random, std::move(options),
                                                  {id, NewStoreRecord(id), base::Instant()}));
}

EtcdStore::EtcdStore(EtcdApi& api, base::Executor& executor, const base::Clock& clock,
                     base::Random& random, Options options, StoreIdentity::Found found)
    : options_(std::move(options)),
      prefix_(options_.prefix),
      id_(std::move(found.id)),
      contact_(clock, found.at),
      calls_(api, clock, contact_),
      fence_(prefix_, std::move(found.record), executor, options_.on_replaced),
      barrier_(calls_, prefix_, fence_, executor, clock, options_.barrier,
               [this](Revision written) { watcher_.Expect(written); }),
      watcher_(api, calls_, prefix_, fence_, barrier_, executor, clock, random, options_.paging),
      commit_(calls_, prefix_, fence_, barrier_, executor, options_.commit,
              [this](Revision written) { watcher_.Expect(written); }),
      probe_(
          calls_, contact_, prefix_, fence_, executor, clock, options_.probe,
          [this] { return barrier_.told(); }, [this](Revision seen) { watcher_.Seen(seen); }) {}

absl::Status EtcdStore::Follow(Revision after, store::Follower& follower) {
  watcher_.Follow(after, follower);
  return absl::OkStatus();
}

void EtcdStore::Commit(std::vector<store::Transaction> group, CommitDone done) {
  commit_.Commit(std::move(group), std::move(done));
}

void EtcdStore::Barrier(BarrierDone done) { barrier_.Ask(std::move(done)); }

void EtcdStore::Versions(std::string key, Revision after, VersionsDone done) {
  VersionsWalk::Start(calls_, prefix_, key, after, options_.read_within, std::move(done));
}

}  // namespace rollcall::etcd
