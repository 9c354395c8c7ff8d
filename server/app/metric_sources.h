// Reads the components' own counters into the metrics at each scrape.
#pragma once

#include <string>

#include "server/node/node.h"
#include "server/observe/log.h"
#include "server/observe/metrics.h"
#include "server/rpc/grpc/call_stats.h"

namespace rollcall::app {

// All arguments outlive the metrics' sources.
void AddMetricSources(observe::Metrics& metrics, node::Node& node, const rpc::CallStats& calls,
                      const observe::Log& log, const std::string& data_directory);

}  // namespace rollcall::app
