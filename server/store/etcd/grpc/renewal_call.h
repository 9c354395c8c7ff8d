// RenewalCall: one renewal of a lease: a stream for one request and its answer.
//
// Lives on the completion thread.
#pragma once

#include <memory>

#include "server/store/etcd/etcd_api.h"
#include "server/store/etcd/grpc/call.h"

namespace rollcall::etcd {

class RenewalCall final : public Call {
 public:
  // `done` on the completion thread.
  RenewalCall(Wiring& wiring, base::Instant deadline, pb::LeaseKeepAliveRequest request,
              EtcdApi::Done<pb::LeaseKeepAliveResponse> done);

 private:
  struct RenewalFlight;

  void Send(Member& member) override;
  void Fail(absl::Status why) override { done_(std::move(why)); }
  void Write(Member& member, std::shared_ptr<RenewalFlight> flight);
  void Read(Member& member, std::shared_ptr<RenewalFlight> flight);
  void Finish(Member& member, std::shared_ptr<RenewalFlight> flight);

  const pb::LeaseKeepAliveRequest request_;
  EtcdApi::Done<pb::LeaseKeepAliveResponse> done_;
};

}  // namespace rollcall::etcd
