#include "tests/bench/sides/registry_side.h"

#include "absl/strings/str_cat.h"
#include "tests/bench/measure/results.h"
#include "tests/bench/sides/bare_server.h"
#include "tests/bench/sides/registry_audience.h"
#include "tests/bench/sides/registry_callers.h"
#include "tests/bench/sides/registry_crowd.h"
#include "tests/bench/sides/victim.h"

namespace rollcall::bench {

std::unique_ptr<Caller> RegistrySide::Registering(const RegisterShape& shape) {
  return std::make_unique<RegisterCaller>(loop_, address(), shape);
}
std::unique_ptr<Caller> RegistrySide::Resolving(int instances, int connections) {
  return std::make_unique<ResolveCaller>(loop_, address(), instances, connections);
}
std::unique_ptr<Caller> RegistrySide::Changing(int instances) {
  return std::make_unique<ChangeCaller>(loop_, address(), instances);
}
std::unique_ptr<Crowd> RegistrySide::Gather(const CrowdShape& shape) {
  return std::make_unique<RegistryCrowd>(loop_, address(), shape);
}
std::unique_ptr<Audience> RegistrySide::Watch(const AudienceShape& shape, Heard heard) {
  return std::make_unique<RegistryAudience>(loop_, address(), shape, std::move(heard));
}
std::unique_ptr<integration::Process> RegistrySide::StartVictim(uint64_t mark, absl::Duration ttl) {
  return LaunchVictim(kOurs, address(), mark, ttl);
}

RollcallSide::RollcallSide(Loop& loop)
    : RegistrySide(loop),
      registry_(std::make_unique<integration::Registry>(integration::Flags{}, "",
                                                        log_.File("rollcalld.log"))) {}

std::string RollcallSide::name() const { return kOurs; }

std::unique_ptr<Caller> RollcallSide::Expiring(absl::Time end) {
  return std::make_unique<ExpiringCaller>(loop(), address(), end);
}

bool RollcallSide::Kill() {
  registry_->Kill();
  return true;
}

LimitSide::LimitSide(Loop& loop)
    : RegistrySide(loop),
      process_(std::make_unique<integration::Process>(
          std::vector<std::string>{"/proc/self/exe", "--serve-bare"})) {
  process_->AwaitOutput(".\n");
  int port = 0;
  if (std::sscanf(process_->out().c_str(), "serving on %d", &port) != 1) {
    integration::Fail("the bare server did not start");
  }
  address_ = absl::StrCat("127.0.0.1:", port);
}

std::string LimitSide::name() const { return kLimit; }

}  // namespace rollcall::bench
