#include "server/rpc/grpc/call_stats.h"

namespace rollcall::rpc {

const char* MethodName(Method method) {
  static constexpr const char* kNames[] = {
      "Register",       "Deregister",     "KeepAlive",     "Resolve",       "ListServices",
      "GetInstance",    "Watch",          "SetOverride",   "ClearOverride", "ListOverrides",
      "RemoveInstance", "GetDrainStatus", "GetService",    "PutService",    "DeleteService",
      "GetHistory",     "Explain",        "ListInstances", "ListBrakes",    "ReleaseBrake",
      "GetStatus",      "ListNodes",      "Backup"};
  static_assert(sizeof kNames / sizeof kNames[0] == static_cast<size_t>(Method::kCount));
  return kNames[static_cast<size_t>(method)];
}

}  // namespace rollcall::rpc
