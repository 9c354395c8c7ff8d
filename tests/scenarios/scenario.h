// Scenario: a node under virtual time, clients moved by hand, and everything that happens written
// down, to be compared with a golden file.
//
//   +3.905s > s1's stream breaks                       what the test does
//   +3.910s   node  instance changed … to=SUSPECT …    what was committed, and the node's warnings
//   +3.910s   w1    @4 a=SUSPECT(STREAM_BROKEN)        what a watcher is sent
//   +3.910s   s1    ended EXPIRED                      what a session is told
//
// Golden files are written anew with ROLLCALL_REWRITE=1; read the difference before committing it.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/feed/watch_stream.h"
#include "tests/sim/sim_node.h"
#include "tests/support/manual_executor.h"

namespace rollcall::scenarios {

class Scenario : public ::testing::Test {
 protected:
  explicit Scenario(absl::Duration resume_window = absl::Minutes(10));
  ~Scenario() override;

  // Registers instances ("service/id", or "service/id@zone") in a session, opening it. The session
  // is called as in the script; TTL 10 s.
  void Register(const std::string& session, const std::vector<std::string>& instances);
  // Opens the session's stream and beats every TTL/3 until it breaks, freezes or leaves.
  void Connect(const std::string& session);
  void Break(const std::string& session);   // as a killed process does
  void Freeze(const std::string& session);  // as SIGSTOP does: the stream stays, no beat comes
  void Thaw(const std::string& session);
  void Stop(const std::string& session);  // leaves, then deregisters
  void Override(const std::string& instance, v1::OverrideMode mode);
  void ClearOverride(const std::string& instance);
  void ReleaseBrake(const std::string& service);

  void Watch(const std::string& watcher, const std::string& service, uint64_t resume = 0);
  void Disconnect(const std::string& watcher);
  // A watcher that does not read gets one message, and no other until it reads again.
  void StopReading(const std::string& watcher);
  void ReadAgain(const std::string& watcher);
  uint64_t LastRevisionOf(const std::string& watcher) const;

  void CrashNode();
  void StartNode();
  void AdvanceBy(absl::Duration d);
  void Note(const std::string& what);

  // Compares with golden/<name>.txt.
  void ExpectGolden(const std::string& name);

 private:
  class Session;
  class Watcher;
  void Say(const std::string& who, const std::string& what);
  void Settle() { queue_.RunReady(); }
  void Beat(const std::string& session);

  testing::FakeClock clock_;
  testing::ManualExecutor queue_{clock_};
  std::string trace_;
  sim::SimNode node_;
  std::map<std::string, std::shared_ptr<Session>> sessions_;
  std::map<std::string, std::shared_ptr<Watcher>> watchers_;
};

}  // namespace rollcall::scenarios
