#include "server/committer/write_id.h"

#include <variant>

#include "rollcall/internal/v1/records.pb.h"
#include "server/model/keys.h"

namespace rollcall::committer {
namespace {

template <typename R>
std::string WriteIdOf(const std::string& value) {
  R record;
  return record.ParseFromString(value) ? record.stamp().write_id() : std::string();
}

struct ByKind {
  const std::string& value;
  std::string operator()(const SessionId&) const {
    return WriteIdOf<internal::v1::SessionRecord>(value);
  }
  std::string operator()(const InstanceName&) const {
    return WriteIdOf<internal::v1::InstanceRecord>(value);
  }
  std::string operator()(const OverrideName&) const {
    return WriteIdOf<internal::v1::OverrideRecord>(value);
  }
  std::string operator()(const ServiceName&) const {
    return WriteIdOf<internal::v1::ServiceRecord>(value);
  }
  std::string operator()(const HorizonName&) const {
    return WriteIdOf<internal::v1::HorizonRecord>(value);
  }
};

}  // namespace

bool CarriesWriteId(const std::string& key, const std::string& value, const std::string& write_id) {
  const auto name = ParseKey(key);
  return name && !write_id.empty() && std::visit(ByKind{value}, *name) == write_id;
}

}  // namespace rollcall::committer
