// Writer: a process as the SDK makes it, on a thread of its own: some instances that stay, and
// others that come and go, or come and stay, without a pause.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "client-sdk/base/random.h"
#include "rollcall/client.h"
#include "tests/integration/faults/recorder.h"
#include "tests/integration/support/stopping.h"

namespace rollcall::integration {

class Writer {
 public:
  static constexpr char kService[] = "load";
  static constexpr absl::Duration kTtl = absl::Seconds(5);
  // Of one registration, whatever happens.
  static constexpr absl::Duration kAnswerLimit = absl::Seconds(6);

  Writer(std::string name, std::vector<std::string> servers, uint64_t seed, Recorder& recorder);
  ~Writer() { Stop(); }

  // Nothing is written from then on; what stands is kept.
  void Stop();

 private:
  static constexpr size_t kSteady = 4;
  static constexpr size_t kMostKept = 8;

  rollcall::Registration Register(const std::string& id);
  void Run();
  void ComeAndGo();

  const std::string name_;
  Recorder& recorder_;
  base::SeededRandom random_;
  std::unique_ptr<Client> client_;
  std::vector<rollcall::Registration> kept_;
  int next_ = 0;
  Stopping stopping_;
  std::thread thread_;
};

}  // namespace rollcall::integration
