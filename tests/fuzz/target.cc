#include "tests/fuzz/target.h"

namespace rollcall::fuzz {

std::map<std::string, Target>& Targets() {
  static std::map<std::string, Target> targets;
  return targets;
}

}  // namespace rollcall::fuzz
