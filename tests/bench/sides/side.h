// Side: a system that the works are asked of: Rollcall, the bare limit, and peers.
//
// A work asks a side for what it needs of it: somebody who calls, a crowd that beats, an audience
// that watches. A side that has no such thing gives null, and the work goes on without it. So a
// peer is one class here and its line in sides/all.cc, and no work knows its name.
//
// A side is made for one work and ends with it, servers and data included. All calls are made, and
// all callbacks come, on the thread that turns the Loop; a side whose library has threads of its
// own hands over with Loop::Post. What is registered is of the size that the shape names, durable
// when it is acknowledged, and the servers run with their default settings.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "tests/bench/load/loop.h"
#include "tests/bench/load/population.h"
#include "tests/integration/support/process.h"

namespace rollcall::bench {

// How an operation ended; empty: well.
using Done = absl::AnyInvocable<void(absl::string_view error)>;

// Makes one kind of call, as many at the same time as it is asked to.
class Caller {
 public:
  virtual ~Caller() = default;
  // Begins call number `n`. Numbers are never used twice within a side. Does not outlive its calls.
  virtual void Call(uint64_t n, Done done) = 0;
};

struct RegisterShape {
  int connections = 4;
  int instances = 1;            // of each session, registered in one call
  size_t bytes = kRecordBytes;  // of an instance's record, about
  absl::Duration ttl = absl::Minutes(10);
};

// Processes that are registered and show that they live.
class Crowd {
 public:
  virtual ~Crowd() = default;
  // One sign of life of client `n`. Peers answer each; Rollcall and the limit each third of a
  // client. Done when it is answered; null if this one is not.
  virtual bool WillBeAnswered(size_t n) const = 0;
  virtual void Beat(size_t n, Done answered) = 0;
  // Signs of life of all clients as fast as they go, for so long; how many the server took.
  virtual uint64_t Flood(absl::Duration time) = 0;
};

struct CrowdShape {
  int clients = 1;
  int connections = 1;
  absl::Duration ttl = absl::Minutes(10);
};

// What a watcher hears of an instance of the watched service.
struct Event {
  enum class Kind { kChanged, kSuspect, kRemoved };
  Kind kind;
  // kChanged: the number that it was changed with. Else what is in its name, see StartVictim and
  // Expiring.
  uint64_t mark;
};
using Heard = std::function<void(size_t watcher, const Event& event)>;

struct AudienceShape {
  int watchers = 1;
  int connections = 1;
  // False: the service that Changing and StartVictim change. True: everything that there is.
  bool all = false;
};

// Streams that watch, until it goes.
class Audience {
 public:
  virtual ~Audience() = default;
};

class Side {
 public:
  virtual ~Side() = default;
  Side(const Side&) = delete;
  Side& operator=(const Side&) = delete;

  // The column: kOurs, kLimit, or the peer's name in lower case.
  virtual std::string name() const = 0;
  // Processes that serve, whose processor time and memory count.
  virtual std::vector<pid_t> servers() const = 0;

  // How many turns of a work it takes until the servers are as fast as they get.
  virtual int warm_ups() const { return 1; }

  // Each call opens a session of its own and registers instances in it.
  virtual std::unique_ptr<Caller> Registering(const RegisterShape&) { return nullptr; }
  // The same, of one instance each, in sessions that end at `end` because nobody beats. With
  // whatever brake there is turned off. Its instances are told as removed with the call's number.
  virtual std::unique_ptr<Caller> Expiring(absl::Time /*end*/) { return nullptr; }
  // Each call reads a service of so many instances, registered when this returns.
  virtual std::unique_ptr<Caller> Resolving(int /*instances*/, int /*connections*/) {
    return nullptr;
  }
  // Call `n` changes instance number n modulo `instances` of the watched service, to mark `n`.
  virtual std::unique_ptr<Caller> Changing(int /*instances*/) { return nullptr; }
  // Registered, and able to beat, when this returns.
  virtual std::unique_ptr<Crowd> Gather(const CrowdShape&) { return nullptr; }
  // All have heard what stands when this returns.
  virtual std::unique_ptr<Audience> Watch(const AudienceShape&, Heard) { return nullptr; }
  // Before all else, where processes will be killed: from now on a short TTL is what matters.
  // Returns the TTL to give them: where only its end tells of a death, the least that there is.
  virtual absl::Duration PrepareForCrashes() { return absl::Seconds(10); }
  // A process that is registered in the watched service under `mark`, and beats as users do.
  virtual std::unique_ptr<integration::Process> StartVictim(uint64_t /*mark*/,
                                                            absl::Duration /*ttl*/) {
    return nullptr;
  }
  // SIGKILL. False: cannot be started again.
  virtual bool Kill() { return false; }
  // On the same data, after Kill; returns when it serves all that was there.
  virtual void StartAgain() {}
  // Where RocksDB keeps its records, to be read bare while it is down; empty: it has none.
  virtual std::string records() const { return ""; }

 protected:
  Side() = default;
};

// How a kind of side comes into being.
struct SideMaker {
  std::string name;
  std::function<std::unique_ptr<Side>(Loop&)> make;
  // What it needs and is not installed; empty: nothing.
  std::string missing;
};

}  // namespace rollcall::bench
