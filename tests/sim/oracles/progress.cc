// When faults are over, things go on: who comes 3 s later, or 30, is registered within a second.
#include "tests/sim/oracles/all.h"

#include "absl/strings/str_cat.h"
#include "tests/sim/world/world.h"

namespace rollcall::sim {
namespace {

class Progress final : public Oracle {
 public:
  explicit Progress(Findings& findings) : Oracle("progress", findings) {}

  void AtEnd(const World& world) override {
    for (const auto& process : world.processes()) {
      if (process->service == "probe") {
        const bool soon =
            process->acknowledged && *process->acknowledged - process->began < absl::Seconds(1);
        if (!soon) {
          Wrong(absl::StrCat(process->name,
                             " came after all was mended, and was not registered at once"));
        }
      } else if (process->registers() && process->stays() && !process->acknowledged) {
        Wrong(absl::StrCat(process->name, " was never registered"));
      }
    }
  }
};

}  // namespace

std::unique_ptr<Oracle> MakeProgress(Findings& findings) {
  return std::make_unique<Progress>(findings);
}

}  // namespace rollcall::sim
