// Transport: the edge between the SDK's core and the network, at the level of protobuf messages.
//
// Implemented over gRPC (grpc_transport.h) and in memory by tests and the simulator. All calls are
// made on the core's executor, and all callbacks run there too: never from inside the call that
// started them, and never after the stream object was destroyed. Nothing blocks.
#pragma once

#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "rollcall/v1/discovery.pb.h"
#include "rollcall/v1/registry.pb.h"

namespace rollcall::sdk {

// The sending half of an open stream. Destroying it cancels the stream, unless Finish was called.
template <typename Message>
class OutStream {
 public:
  virtual ~OutStream() = default;
  // Messages are sent in the order of the calls.
  virtual void Send(Message message) = 0;
  // Lets what was sent go out, then closes this half. The object may be destroyed at once; the
  // stream is cancelled if the server does not end it within a second or so.
  virtual void Finish() = 0;
};

template <typename Message>
struct StreamEvents {
  absl::AnyInvocable<void(Message)> on_message;
  // Once, and last; OK if the server ended the stream in good order.
  absl::AnyInvocable<void(absl::Status)> on_end;
};

using KeepAliveStream = OutStream<v1::KeepAliveRequest>;
using WatchStream = OutStream<v1::WatchRequest>;

class Transport {
 public:
  template <typename Response>
  using Done = absl::AnyInvocable<void(absl::StatusOr<Response>)>;

  virtual ~Transport() = default;

  virtual void Register(const std::string& server, v1::RegisterRequest request,
                        absl::Duration timeout, Done<v1::RegisterResponse> done) = 0;
  virtual void Deregister(const std::string& server, v1::DeregisterRequest request,
                          absl::Duration timeout, Done<v1::DeregisterResponse> done) = 0;
  virtual void Resolve(const std::string& server, v1::ResolveRequest request,
                       absl::Duration timeout, Done<v1::ResolveResponse> done) = 0;
  virtual void GetInstance(const std::string& server, v1::GetInstanceRequest request,
                           absl::Duration timeout, Done<v1::GetInstanceResponse> done) = 0;
  virtual std::unique_ptr<KeepAliveStream> KeepAlive(
      const std::string& server, StreamEvents<v1::KeepAliveResponse> events) = 0;
  virtual std::unique_ptr<WatchStream> Watch(const std::string& server,
                                             StreamEvents<v1::WatchResponse> events) = 0;
};

}  // namespace rollcall::sdk
