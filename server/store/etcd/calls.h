// Calls: one store's calls to etcd. Answers of linearizable operations count as contact; once this
// is gone, no answer comes. Lives on one executor.
#pragma once

#include <utility>

#include "absl/time/time.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/lifeline.h"
#include "server/store/etcd/contact.h"
#include "server/store/etcd/etcd_api.h"

namespace rollcall::etcd {

class Calls {
 public:
  Calls(EtcdApi& api, const base::Clock& clock, Contact& contact)
      : api_(api), clock_(clock), contact_(contact) {}

  // `request` must not be serializable.
  void Range(pb::RangeRequest request, absl::Duration within,
             EtcdApi::Done<pb::RangeResponse> done) {
    api_.Range(std::move(request), within, Heard(std::move(done)));
  }
  void Txn(pb::TxnRequest request, absl::Duration within, EtcdApi::Done<pb::TxnResponse> done) {
    api_.Txn(std::move(request), within, Heard(std::move(done)));
  }

 private:
  template <typename Response>
  EtcdApi::Done<Response> Heard(EtcdApi::Done<Response> done) {
    return lifeline_.Guard([this, sent = clock_.Steady(),
                            done = std::move(done)](absl::StatusOr<Response> answer) mutable {
      if (answer.ok()) contact_.Heard(sent);
      done(std::move(answer));
    });
  }

  EtcdApi& api_;
  const base::Clock& clock_;
  Contact& contact_;
  base::Lifeline lifeline_;
};

}  // namespace rollcall::etcd
