// What operators decided and ask about, as text for people: brakes, overrides, drains, service
// specifications, the node's status.
//
// Pure.
#pragma once

#include <string>

#include "cli/print/look.h"
#include "rollcall/v1/operations.pb.h"

namespace rollcall::cli {

// One line: what the brake holds, since when, and how to lift it.
std::string BrakeLine(const v1::BrakeInfo& brake, const Look& look);
std::string BrakesText(const v1::ListBrakesResponse& brakes, const Look& look);
// "DRAINING by ann, "disk swap", for another 9m": an override in words.
std::string OverridePhrase(const v1::Override& override, const Look& look);
std::string OverridesText(const v1::ListOverridesResponse& overrides, const Look& look);
// "gateway (10.0.0.1:5000)", with " on n2" if the node is known.
std::string WatcherName(const v1::DrainWatcher& watcher);
// How far a drain got, in one line; laggards are named with how far behind they are, and nodes that
// could not be asked with why.
std::string DrainText(const v1::InstanceKey& key, const v1::GetDrainStatusResponse& drain);
std::string ServiceSpecText(const v1::ServiceSpec& spec, const Look& look);
std::string StatusText(const v1::GetStatusResponse& status, const Look& look);

}  // namespace rollcall::cli
