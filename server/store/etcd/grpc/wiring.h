// Wiring: what all calls of one GrpcEtcdApi share.
//
// All but `answers`, `clock` and `thread` is touched on the completion thread only. It outlives the
// calls: Stop() ends them first.
#pragma once

#include <memory>
#include <utility>

#include "client-sdk/base/clock.h"
#include "client-sdk/base/random.h"
#include "server/store/etcd/grpc/answers.h"
#include "server/store/etcd/grpc/authenticator.h"
#include "server/store/etcd/grpc/channel_factory.h"
#include "server/store/etcd/grpc/completion_thread.h"
#include "server/store/etcd/grpc/members.h"

namespace rollcall::etcd {

struct Wiring {
  Wiring(GrpcEtcdOptions wanted, ChannelFactory factory, base::Executor& executor,
         const base::Clock& time, uint64_t seed);
  ~Wiring() { Stop(); }
  Wiring(const Wiring&) = delete;
  Wiring& operator=(const Wiring&) = delete;

  // Ends all calls and the thread; nobody hears anything any more.
  void Stop();

  const GrpcEtcdOptions options;
  const ChannelFactory channels;
  const base::Clock& clock;
  Answers answers;
  base::SeededRandom random;
  // No new attempts.
  bool ending = false;
  CompletionThread thread;
  std::unique_ptr<Members> members;
  std::unique_ptr<Authenticator> authenticator;
};

}  // namespace rollcall::etcd
