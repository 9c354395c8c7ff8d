// All oracles.
#pragma once

#include <memory>
#include <vector>

#include "tests/sim/oracles/oracle.h"

namespace rollcall::sim {

std::unique_ptr<Oracle> MakeAcknowledged(Findings& findings);
std::unique_ptr<Oracle> MakeEviction(Findings& findings);
std::unique_ptr<Oracle> MakeRemoved(Findings& findings);
std::unique_ptr<Oracle> MakeFencing(Findings& findings);
std::unique_ptr<Oracle> MakePurge(Findings& findings);
std::unique_ptr<Oracle> MakeOverrides(Findings& findings);
std::unique_ptr<Oracle> MakeReplicas(Findings& findings);
std::unique_ptr<Oracle> MakeCatalogs(Findings& findings);
std::unique_ptr<Oracle> MakeDisk(Findings& findings);
std::unique_ptr<Oracle> MakeWatch(Findings& findings);
std::unique_ptr<Oracle> MakeView(Findings& findings);
std::unique_ptr<Oracle> MakeCalls(Findings& findings);
std::unique_ptr<Oracle> MakeDetection(Findings& findings);
std::unique_ptr<Oracle> MakeBrake(Findings& findings);
std::unique_ptr<Oracle> MakeBudgets(Findings& findings);
std::unique_ptr<Oracle> MakeIsolation(Findings& findings);
std::unique_ptr<Oracle> MakeProgress(Findings& findings);
std::unique_ptr<Oracle> MakeAgreement(Findings& findings);
std::unique_ptr<Oracle> MakeLinearizability(Findings& findings);

std::vector<std::unique_ptr<Oracle>> MakeOracles(Findings& findings);

}  // namespace rollcall::sim
