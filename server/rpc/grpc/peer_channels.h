// PeerChannels: asks other nodes over gRPC: one channel to each address, made when it is first
// needed and dropped when no present node has that address any more.
//
// Encrypted as the server is, with this node's own certificate, which the other must accept as a
// client's, and against the same authorities. Thread-safe. Replies come on gRPC's threads.
#pragma once

#include <grpcpp/security/credentials.h>

#include <map>
#include <memory>
#include <string>

#include "client-sdk/base/clock.h"
#include "client-sdk/base/mutex.h"
#include "rollcall/v1/operations.grpc.pb.h"
#include "server/cluster/node_directory.h"
#include "server/rpc/grpc/credentials.h"
#include "server/rpc/peer_operations.h"

namespace rollcall::rpc {

// What a node shows and asks for when it calls another; the files were checked by MakeCredentials.
std::shared_ptr<grpc::ChannelCredentials> MakePeerCredentials(const TlsFiles& files);

class PeerChannels final : public PeerOperations {
 public:
  PeerChannels(std::shared_ptr<grpc::ChannelCredentials> credentials, const base::Clock& clock);
  ~PeerChannels() override;

  void GetDrainStatus(const Peer& peer, const v1::GetDrainStatusRequest& request,
                      absl::Duration deadline, Reply<v1::GetDrainStatusResponse> reply) override;
  void ListBrakes(const Peer& peer, const v1::ListBrakesRequest& request, absl::Duration deadline,
                  Reply<v1::ListBrakesResponse> reply) override;
  void ReleaseBrake(const Peer& peer, const v1::ReleaseBrakeRequest& request,
                    absl::Duration deadline, Reply<v1::ReleaseBrakeResponse> reply) override;
  void GetStatus(const Peer& peer, absl::Duration deadline,
                 Reply<v1::GetStatusResponse> reply) override;

  // A listener of the directory.
  void OnNodes(const cluster::NodeSnapshot& now);
  // Cancels what is asked and waits until all have been replied to; later questions are refused.
  // Not from gRPC's threads, nor where a reply waits for.
  void Stop();

 private:
  using Stub = v1::Operations::Stub;
  class Open;
  template <typename Request, typename Response>
  struct Question;

  template <typename Request, typename Response, typename Method>
  void Ask(const Peer& peer, const Request& request, absl::Duration deadline, Reply<Response> reply,
           Method method);
  std::shared_ptr<Stub> StubOf(const std::string& address);

  const std::shared_ptr<grpc::ChannelCredentials> credentials_;
  const base::Clock& clock_;
  const std::shared_ptr<Open> open_;
  base::Mutex mu_;
  std::map<std::string, std::shared_ptr<Stub>> stubs_ ABSL_GUARDED_BY(mu_);
};

}  // namespace rollcall::rpc
