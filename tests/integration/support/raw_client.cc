#include "tests/integration/support/raw_client.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"

namespace rollcall::integration {

void Require(const grpc::Status& status, const std::string& what) {
  if (status.ok()) return;
  Fail(absl::StrCat(what, ": code ", static_cast<int>(status.error_code()), ": ",
                    status.error_message()));
}

v1::InstanceKey Key(const std::string& service, const std::string& id) {
  v1::InstanceKey key;
  key.set_service(service);
  key.set_id(id);
  return key;
}

v1::InstanceSpec Spec(const std::string& service, const std::string& id, const std::string& zone) {
  v1::InstanceSpec spec;
  spec.set_service(service);
  spec.set_id(id);
  v1::Endpoint& endpoint = *spec.add_endpoints();
  endpoint.set_address("127.0.0.1");
  endpoint.set_port(9000);
  if (!zone.empty()) spec.mutable_locality()->set_zone(zone);
  return spec;
}

v1::RegisterRequest Registration(const std::vector<v1::InstanceSpec>& specs, absl::Duration ttl) {
  v1::RegisterRequest request;
  request.set_open(true);
  *request.mutable_ttl() =
      google::protobuf::util::TimeUtil::NanosecondsToDuration(absl::ToInt64Nanoseconds(ttl));
  request.mutable_instances()->Assign(specs.begin(), specs.end());
  return request;
}

v1::ListInstancesResponse RawClient::Instances(const std::string& service) {
  v1::ListInstancesRequest request;
  request.set_service(service);
  return Get(&v1::Operations::Stub::ListInstances, request);
}

v1::Standing RawClient::StandingOf(const std::string& service, const std::string& id) {
  v1::GetInstanceRequest request;
  *request.mutable_key() = Key(service, id);
  v1::GetInstanceResponse response;
  const grpc::Status status = Call(&v1::Discovery::Stub::GetInstance, request, response);
  if (status.error_code() == grpc::StatusCode::NOT_FOUND) return v1::STANDING_UNSPECIFIED;
  Require(status, "GetInstance");
  return response.instance().standing();
}

uint64_t RawClient::Revision() { return Get(&v1::Operations::Stub::GetStatus, {}).revision(); }

void RawClient::AwaitStreams(uint64_t count) {
  const auto streams = [this] {
    return Get(&v1::Operations::Stub::GetStatus, {}).connected_sessions();
  };
  if (!Eventually([&] { return streams() == count; })) {
    Fail(absl::StrCat("there are ", streams(), " session streams, not ", count));
  }
}

}  // namespace rollcall::integration
