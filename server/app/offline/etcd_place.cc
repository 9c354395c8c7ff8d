#include "server/app/offline/etcd_place.h"

#include <utility>

#include "client-sdk/base/status_macros.h"
#include "server/app/etcd_options.h"

namespace rollcall::app {

absl::StatusOr<std::unique_ptr<EtcdPlace>> EtcdPlace::Open(const config::Config& config,
                                                           const base::Clock& clock,
                                                           base::Random& random) {
  std::unique_ptr<EtcdPlace> place(new EtcdPlace);
  ASSIGN_OR_RETURN(etcd::GrpcEtcdOptions options, EtcdOptionsOf(config));
  ASSIGN_OR_RETURN(place->api_,
                   etcd::GrpcEtcdApi::Create(std::move(options), place->executor_, clock, random));
  place->caller_ = std::make_unique<backup::EtcdCaller>(
      backup::EtcdCaller::Edges{*place->api_, place->executor_, clock, random, nullptr});
  return place;
}

EtcdPlace::~EtcdPlace() { executor_.Stop(); }

}  // namespace rollcall::app
