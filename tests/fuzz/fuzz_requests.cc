// Requests and their validation: what is accepted is within every limit and is accepted again as
// it is; what is refused names a field of the request and the rule.
#include <arpa/inet.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "server/model/limits.h"
#include "server/model/names.h"
#include "server/model/selector.h"
#include "server/model/times.h"
#include "server/rpc/validation.h"
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/properties.h"

namespace rollcall::fuzz {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

const rpc::TtlBounds kBounds{kMinTtl, kMaxTtl, kDefaultTtl};

// "instances[3].endpoints[0].port", as a path into `message`.
bool IsField(absl::string_view path, const Descriptor* message) {
  for (const absl::string_view part : absl::StrSplit(path, '.')) {
    if (message == nullptr) return false;
    const std::string name(part.substr(0, part.find('[')));
    const FieldDescriptor* field = message->FindFieldByName(name);
    if (field == nullptr || absl::StrContains(part, "[") != absl::EndsWith(part, "]")) return false;
    if (absl::StrContains(part, "[") && !field->is_repeated()) return false;
    message = field->message_type();
  }
  return true;
}

void CheckRefusal(const absl::Status& status, const Descriptor* request) {
  ExpectRefusal(status, absl::StatusCode::kInvalidArgument);
  const std::string message(status.message());
  const size_t colon = message.find(": ");
  Expect(colon != std::string::npos && colon + 2 < message.size(), "a refusal is field: rule");
  Expect(IsField(message.substr(0, colon), request), "the field is one of the request");
  Expect(message.size() < 2048, "a refusal is short, whatever was asked");
  Expect(IsUtf8(message), "a refusal can be sent to who asked");
}

void CheckName(const std::string& name, bool id = false, bool star = false) {
  if (star && name == "*") return;
  Expect(!name.empty() && name.size() <= kMaxNameBytes, "a name is within its limit");
  Expect(std::all_of(name.begin(), name.end(),
                     [&](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
                              c == '_' || c == '-' || (id && c >= 'A' && c <= 'Z') ||
                              (id && c == ':');
                     }),
         "a name holds what names may");
}
template <typename Key>
void CheckService(const Key& key) {
  CheckName(key.namespace_());
  CheckName(key.service());
}
void CheckInstance(const v1::InstanceKey& key) {
  CheckService(key);
  CheckName(key.id(), true);
}
void CheckText(const std::string& text) {
  Expect(text.size() <= kMaxTextBytes, "a text is within its limit");
  Expect(std::none_of(text.begin(), text.end(),
                      [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; }),
         "a text is one line");
}
void CheckHex(const std::string& text) {
  Expect(text.size() == 32, "an id or a secret is 16 bytes");
  Expect(text.find_first_not_of("0123456789abcdef") == std::string::npos, "in hex");
}

void CheckEndpoint(const v1::Endpoint& endpoint) {
  CheckText(endpoint.name());
  CheckText(endpoint.protocol());
  const std::string& address = endpoint.address();
  Expect(!address.empty() && address.size() <= kMaxAddressBytes, "an address is within its limit");
  Expect(address.find_first_of(" \t\r\n/[]") == std::string::npos, "and is a host alone");
  in6_addr v6;
  Expect(address.find(':') == std::string::npos ||
             inet_pton(AF_INET6, address.substr(0, address.find('%')).c_str(), &v6) == 1,
         "without a port");
  Expect(endpoint.port() >= 1 && endpoint.port() <= 65535, "a port is one");
}

void CheckMetadata(const v1::InstanceSpec& spec) {
  Expect(spec.metadata().size() <= kMaxMetadataKeys, "metadata has few keys");
  size_t bytes = 0;
  for (const auto& [key, value] : spec.metadata()) {
    Expect(!key.empty(), "that are not empty");
    bytes += key.size() + value.size();
  }
  Expect(bytes <= kMaxMetadataBytes, "and is small");
}

void CheckSpec(const v1::InstanceSpec& spec) {
  CheckService(spec);
  CheckName(spec.id(), true);
  Expect(spec.endpoints_size() >= 1 && spec.endpoints_size() <= static_cast<int>(kMaxEndpoints),
         "there are endpoints, and few");
  for (const v1::Endpoint& endpoint : spec.endpoints()) CheckEndpoint(endpoint);
  Expect(!spec.has_weight() || spec.weight() <= kMaxWeight, "a weight is within its limit");
  CheckText(spec.locality().region());
  CheckText(spec.locality().zone());
  CheckText(spec.locality().sub_zone());
  CheckText(spec.version());
  CheckMetadata(spec);
  Expect(spec.lifetime() == v1::LIFETIME_EPHEMERAL || spec.lifetime() == v1::LIFETIME_STATIC,
         "a lifetime is said");
}

void CheckLimits(const v1::RegisterRequest& request) {
  Expect(request.instances_size() >= 1, "something is registered");
  Expect(request.instances_size() <= static_cast<int>(kMaxInstancesPerRequest), "but not too much");
  std::vector<InstanceName> names;
  for (const v1::InstanceSpec& spec : request.instances()) {
    CheckSpec(spec);
    names.push_back(NameOf(spec));
  }
  std::sort(names.begin(), names.end());
  Expect(std::adjacent_find(names.begin(), names.end()) == names.end(), "each instance once");
  CheckText(request.client_name());
  Expect(request.session_id().empty() == request.session_secret().empty(), "id and secret: both");
  if (!request.session_id().empty()) CheckHex(request.session_id());
  if (!request.session_secret().empty()) CheckHex(request.session_secret());
  const bool ephemeral =
      std::any_of(request.instances().begin(), request.instances().end(),
                  [](const auto& spec) { return spec.lifetime() == v1::LIFETIME_EPHEMERAL; });
  if (!ephemeral) return;
  const absl::Duration ttl = FromProto(request.ttl());
  Expect(ttl >= kBounds.min && ttl <= kBounds.most, "a TTL is within its bounds");
}
void CheckLimits(const v1::DeregisterRequest& request) {
  Expect(request.instances_size() <= static_cast<int>(kMaxInstancesPerRequest), "not too much");
  for (const v1::InstanceKey& key : request.instances()) CheckInstance(key);
  if (request.session_id().empty()) return Expect(!request.instances().empty(), "something ends");
  CheckHex(request.session_id());
  CheckHex(request.session_secret());
}
void CheckLimits(const v1::KeepAliveRequest& request) {
  CheckHex(request.open().session_id());
  CheckHex(request.open().session_secret());
}
void CheckSelector(const std::string& selector) {
  Expect(selector.size() <= kMaxSelectorBytes && Selector::Parse(selector).ok(), "a selector");
}
void CheckLimits(const v1::ResolveRequest& request) {
  CheckService(request);
  CheckSelector(request.selector());
}
void CheckLimits(const v1::ListServicesRequest& request) {
  CheckName(request.namespace_(), false, true);
}
void CheckLimits(const v1::SetOverrideRequest& request) {
  CheckInstance(request.key());
  CheckText(request.actor());
  CheckText(request.reason());
  Expect(v1::OverrideMode_IsValid(request.mode()), "a mode is known");
  Expect(request.mode() != v1::OVERRIDE_MODE_UNSPECIFIED || request.has_weight(), "it says what");
  Expect(!request.has_weight() || request.weight() <= kMaxWeight, "a weight is within its limit");
  if (!request.has_duration()) return;
  const absl::Duration duration = FromProto(request.duration());
  Expect(duration >= absl::Seconds(1) && duration <= kMaxOverride, "and so is a duration");
}
void CheckLimits(const v1::ListOverridesRequest& request) {
  CheckName(request.namespace_(), false, true);
  if (!request.service().empty()) CheckName(request.service());
}
void CheckLimits(const v1::PutServiceRequest& request) {
  CheckService(request.spec());
  const v1::EvictionBrake& brake = request.spec().eviction_brake();
  if (brake.has_share()) Expect(brake.share() > 0 && brake.share() <= 1, "a share is one");
  if (brake.has_window_seconds()) {
    Expect(brake.window_seconds() >= 1 && brake.window_seconds() <= 3600, "a window is one");
  }
  if (brake.has_max_hold_seconds()) {
    Expect(brake.max_hold_seconds() >= 1 && brake.max_hold_seconds() <= 86400, "a hold ends");
  }
}
void CheckLimits(const v1::GetHistoryRequest& request) {
  CheckName(request.namespace_());
  if (!request.service().empty()) CheckName(request.service());
  if (!request.id().empty()) {
    CheckName(request.id(), true);
    Expect(!request.service().empty(), "an id is one of a service");
  }
  Expect(request.limit() >= 1 && request.limit() <= kMaxHistoryRows, "rows are few");
}
void CheckLimits(const v1::ListInstancesRequest& request) {
  CheckService(request);
  CheckSelector(request.selector());
}
void CheckLimits(const v1::GetInstanceRequest& request) { CheckInstance(request.key()); }
void CheckLimits(const v1::GetServiceRequest& request) { CheckService(request.key()); }

template <typename Request, typename Validate>
void Check(const std::string& bytes, Validate validate) {
  Request request;
  if (!request.ParseFromString(bytes)) return;
  const absl::Status status = validate(request);
  if (!status.ok()) return CheckRefusal(status, Request::descriptor());
  CheckLimits(request);
  const std::string accepted = BytesOf(request);
  Expect(validate(request).ok(), "what was accepted is accepted again");
  Expect(BytesOf(request) == accepted, "and was complete");
  Request again;
  Expect(again.ParseFromString(accepted), "what was accepted can be sent on");
  Expect(validate(again).ok() && BytesOf(again) == accepted, "and is accepted there, as it is");
}

template <typename Request>
void CheckWhole(const std::string& bytes) {
  Check<Request>(bytes, [](Request& request) { return rpc::Validate(request); });
}

}  // namespace

FUZZ_TARGET(requests) {
  Bytes take(input);
  const uint8_t kind = take.Byte() % 12;
  const std::string bytes = take.Rest();
  switch (kind) {
    case 0:
      return Check<v1::RegisterRequest>(
          bytes, [](v1::RegisterRequest& request) { return rpc::Validate(request, kBounds); });
    case 1:
      return CheckWhole<v1::DeregisterRequest>(bytes);
    case 2:
      return Check<v1::KeepAliveRequest>(
          bytes, [](v1::KeepAliveRequest& request) { return rpc::Validate(request.open()); });
    case 3:
      return CheckWhole<v1::ResolveRequest>(bytes);
    case 4:
      return CheckWhole<v1::ListServicesRequest>(bytes);
    case 5:
      return CheckWhole<v1::SetOverrideRequest>(bytes);
    case 6:
      return CheckWhole<v1::ListOverridesRequest>(bytes);
    case 7:
      return Check<v1::PutServiceRequest>(bytes, [](v1::PutServiceRequest& request) {
        return rpc::Validate(*request.mutable_spec());
      });
    case 8:
      return CheckWhole<v1::GetHistoryRequest>(bytes);
    case 9:
      return CheckWhole<v1::ListInstancesRequest>(bytes);
    case 10:
      return Check<v1::GetInstanceRequest>(bytes, [](v1::GetInstanceRequest& request) {
        return rpc::ValidateKey(*request.mutable_key(), "key");
      });
    default:
      return Check<v1::GetServiceRequest>(bytes, [](v1::GetServiceRequest& request) {
        return rpc::ValidateKey(*request.mutable_key(), "key");
      });
  }
}

}  // namespace rollcall::fuzz
