#include "tests/sim/oracles/all.h"

namespace rollcall::sim {

std::vector<std::unique_ptr<Oracle>> MakeOracles(Findings& findings) {
  std::vector<std::unique_ptr<Oracle>> oracles;
  oracles.push_back(MakeAcknowledged(findings));
  oracles.push_back(MakeEviction(findings));
  oracles.push_back(MakeRemoved(findings));
  oracles.push_back(MakeFencing(findings));
  oracles.push_back(MakePurge(findings));
  oracles.push_back(MakeOverrides(findings));
  oracles.push_back(MakeReplicas(findings));
  oracles.push_back(MakeCatalogs(findings));
  oracles.push_back(MakeDisk(findings));
  oracles.push_back(MakeWatch(findings));
  oracles.push_back(MakeView(findings));
  oracles.push_back(MakeCalls(findings));
  oracles.push_back(MakeDetection(findings));
  oracles.push_back(MakeBrake(findings));
  oracles.push_back(MakeBudgets(findings));
  oracles.push_back(MakeIsolation(findings));
  oracles.push_back(MakeProgress(findings));
  oracles.push_back(MakeAgreement(findings));
  oracles.push_back(MakeLinearizability(findings));
  return oracles;
}

}  // namespace rollcall::sim
