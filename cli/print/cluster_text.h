// The nodes of a cluster and the members of its store, as text for people.
//
// Pure.
#pragma once

#include <cstdint>
#include <string>

#include "cli/print/look.h"
#include "rollcall/v1/operations.pb.h"

namespace rollcall::cli {

std::string NodesText(const v1::ListNodesResponse& nodes, const Look& look);
// Empty if there are none.
std::string StoreMembersText(const v1::GetStatusResponse& status, const Look& look);
// "n2 (10.0.0.2:7400): connection refused".
std::string UnreachableText(const v1::UnreachableNode& node);
// "17 B", "2.5 MiB".
std::string BytesText(uint64_t bytes);

}  // namespace rollcall::cli
