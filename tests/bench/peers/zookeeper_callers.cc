#include "tests/bench/peers/zookeeper_callers.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "tests/bench/load/calls.h"
#include "tests/bench/peers/records.h"
#include "tests/bench/sides/wire.h"

namespace rollcall::bench {
namespace {

// Of a process's files, of which there are 20 000 on many systems.
constexpr size_t kMostKept = 8000;
constexpr size_t kMostDoomedKept = 1000;

// "doomed-0" and so on, as records.h has them.
std::vector<std::string> DoomedServices() {
  std::vector<std::string> names;
  names.reserve(kDoomedServices);
  for (int i = 0; i < kDoomedServices; ++i) names.push_back(absl::StrCat("doomed-", i));
  return names;
}

std::vector<std::string> Services() {
  std::vector<std::string> names;
  names.reserve(kServices);
  for (int i = 0; i < kServices; ++i) names.push_back(absl::StrFormat("bench-%04d", i));
  return names;
}

}  // namespace

std::unique_ptr<ZooKeeperSession> OpenSession(const ZooKeeperAddress& at, absl::Duration timeout) {
  std::unique_ptr<ZooKeeperSession> session;
  CallEach(at.loop, 1, 1, [&](uint64_t, Done done) {
    session = std::make_unique<ZooKeeperSession>(at.sockets, at.port, timeout, std::move(done));
  });
  return session;
}

void MakePaths(const ZooKeeperAddress& at, const std::vector<std::string>& services) {
  const std::unique_ptr<ZooKeeperSession> session = OpenSession(at, kLong);
  const auto make = [&](const std::string& path, Done done) {
    session->Ask(zookeeper::Create(path),
                 Done([done = std::move(done)](absl::string_view error) mutable {
                   done(error == zookeeper::ErrorText(zookeeper::kNodeExists) ? "" : error);
                 }));
  };
  CallEach(at.loop, 1, 1, [&](uint64_t, Done done) { make(kRoot, std::move(done)); });
  CallEach(at.loop, services.size(), 100,
           [&](uint64_t n, Done done) { make(ServicePath(services[n]), std::move(done)); });
}

void RegisterNow(const ZooKeeperAddress& at, ZooKeeperSession& session,
                 const std::vector<std::string>& paths) {
  CallEach(at.loop, paths.size(), 100, [&](uint64_t n, Done done) {
    session.Ask(zookeeper::CreateEphemeral({paths[n]}, Record(kRecordBytes)), std::move(done));
  });
}

void ZooKeeperSessions::Register(uint64_t n, absl::Duration timeout, std::vector<std::string> paths,
                                 size_t bytes, Done done) {
  // What it holds goes with the session, and so before this.
  auto opened = [this, n, paths = std::move(paths), bytes,
                 done = std::move(done)](absl::string_view error) mutable {
    auto registered = [this, n, done = std::move(done)](absl::string_view error) mutable {
      Keep(n);
      done(error);
    };
    if (!error.empty()) return registered(error);
    registering_.at(n)->Ask(zookeeper::CreateEphemeral(paths, Record(bytes)),
                            Done(std::move(registered)));
  };
  registering_[n] =
      std::make_unique<ZooKeeperSession>(at_.sockets, at_.port, timeout, std::move(opened));
}

void ZooKeeperSessions::Keep(uint64_t n) {
  const auto session = registering_.find(n);
  kept_.push_back(std::move(session->second));
  registering_.erase(session);
  if (kept_.size() > most_kept_) kept_.pop_front();
}

ZooKeeperRegisterCaller::ZooKeeperRegisterCaller(const ZooKeeperAddress& at,
                                                 const RegisterShape& shape)
    : sessions_(at, kMostKept), shape_(shape) {
  MakePaths(at, Services());
}

void ZooKeeperRegisterCaller::Call(uint64_t n, Done done) {
  sessions_.Register(n, shape_.ttl, RegisteredPaths(n, shape_.instances), shape_.bytes,
                     std::move(done));
}

ZooKeeperExpiringCaller::ZooKeeperExpiringCaller(const ZooKeeperAddress& at, absl::Time end)
    : sessions_(at, kMostDoomedKept), end_(end) {
  MakePaths(at, DoomedServices());
}

void ZooKeeperExpiringCaller::Call(uint64_t n, Done done) {
  sessions_.Register(n, end_ - absl::Now(), {DoomedPath(n)}, kRecordBytes, std::move(done));
}

ZooKeeperResolveCaller::ZooKeeperResolveCaller(const ZooKeeperAddress& at, int instances,
                                               int connections) {
  MakePaths(at, {"resolved"});
  for (int i = 0; i < connections; ++i) sessions_.push_back(OpenSession(at, kLong));
  RegisterNow(at, *sessions_[0], PathsOf("resolved", instances));
}

void ZooKeeperResolveCaller::Call(uint64_t n, Done done) {
  ZooKeeperSession& session = *sessions_[n % sessions_.size()];
  session.Ask(
      zookeeper::GetChildren(ServicePath("resolved")),
      [&session, done = std::move(done)](absl::string_view error, JuteReader& answer) mutable {
        if (!error.empty()) return done(error);
        std::vector<std::string> paths = zookeeper::ChildrenIn(answer);
        for (std::string& path : paths) path = InstancePath("resolved", path);
        session.Ask(zookeeper::GetDataOfAll(paths), std::move(done));
      });
}

ZooKeeperChangeCaller::ZooKeeperChangeCaller(const ZooKeeperAddress& at, int instances)
    : paths_(PathsOf(kWatched, instances)), session_(OpenSession(at, kLong)) {
  MakePaths(at, {kWatched});
  RegisterNow(at, *session_, paths_);
}

void ZooKeeperChangeCaller::Call(uint64_t n, Done done) {
  session_->Ask(zookeeper::SetData(paths_[n % paths_.size()], Record(kRecordBytes, n)),
                std::move(done));
}

}  // namespace rollcall::bench
