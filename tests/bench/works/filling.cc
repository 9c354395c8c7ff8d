#include "tests/bench/works/filling.h"

namespace rollcall::bench {

bool Fill(Run& run, Side& side, int instances, uint64_t& next) {
  RegisterShape shape;
  shape.instances = kInstancesPerSession;
  const std::unique_ptr<Caller> caller = side.Registering(shape);
  if (caller == nullptr) return false;
  const CallsResult result = CallTimes(
      run.loop(), *caller, static_cast<uint64_t>(instances / kInstancesPerSession), 16, next);
  if (result.failed > 0) integration::Fail("a session was refused: " + result.first_error);
  return true;
}

}  // namespace rollcall::bench
