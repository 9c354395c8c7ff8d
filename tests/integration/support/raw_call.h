// RawCall: one call of any method with a message of bytes, and its first answer as bytes. For
// services without generated code here, and for messages that no honest client sends.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "tests/integration/support/bounded.h"

namespace rollcall::integration {

struct RawAnswer {
  grpc::Status status;
  std::string bytes;
};
// A streaming method is called as well: one message each way, then the end.
RawAnswer RawCall(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                  const std::string& message);

}  // namespace rollcall::integration
