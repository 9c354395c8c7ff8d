// Bench: one measurement: registers what is steady, does everything at its rate for its time, and
// removes all of it again, whatever happened between.
//
// All kinds of call go on together, as they do in use. What cannot be set up is an error; what
// fails afterwards is counted. An interrupt ends it in order: what is under way then is waited for
// and does not count. Thread-compatible: one Run.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/bench/connections.h"
#include "cli/bench/delivery_watch.h"
#include "cli/bench/heartbeats.h"
#include "cli/bench/plan.h"
#include "cli/bench/queue.h"
#include "cli/bench/registrations.h"
#include "cli/bench/report.h"
#include "cli/bench/resolves.h"
#include "cli/bench/schedule.h"
#include "cli/bench/sessions.h"
#include "cli/client/interrupt.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/random.h"

namespace rollcall::cli {

class Bench {
 public:
  struct Parts {
    Interrupt& interrupt;
    const base::Clock& clock;
    base::Random& random;
    // Of a call.
    absl::Duration timeout;
    // For the registry's records.
    std::string client_name;
  };
  using Progress = std::function<void(absl::Duration passed, uint64_t calls, uint64_t failed)>;

  // Hears `progress` a few times a second.
  Bench(Parts parts, Plan plan, Connections connections, Progress progress);
  ~Bench();

  absl::StatusOr<BenchReport> Run();

 private:
  // One kind of call.
  struct Work {
    Schedule schedule;
    Tally& tally;
    std::function<void(base::Instant intended)> call;
  };

  absl::Status SetUp();
  // The first thing that went wrong with what is there all the time.
  absl::Status Trouble();
  std::vector<Work> Works(base::Instant start);
  void Load();
  void CallDue(Work& work);
  void TellProgress();
  // Waits for what is under way.
  void Settle();
  void CancelStreams();
  BenchReport Report();
  void AddDeliveries(DeliveryWatch& watch, const char* work, std::string title, absl::Duration good,
                     BenchReport& report);

  Parts parts_;
  const Plan plan_;
  const Connections connections_;
  const Progress progress_;

  Queue queue_;
  Sessions sessions_;
  Heartbeats heartbeats_;
  Resolves resolves_;
  Registrations registrations_;
  DeliveryWatch here_;
  // Not opened if there is no other node.
  DeliveryWatch elsewhere_;

  base::Instant start_;
  base::Instant end_;
  base::Instant next_progress_;
  std::vector<absl::Duration> late_;
};

}  // namespace rollcall::cli
