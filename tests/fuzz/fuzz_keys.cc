// Keys of records, and the rules of the names that they are made of.
#include <string>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/model/host_of.h"
#include "server/model/keys.h"
#include "server/model/limits.h"
#include "server/model/name_rules.h"
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/properties.h"

namespace rollcall::fuzz {
namespace {

struct KeyOf {
  std::string operator()(const SessionId& id) const { return SessionKeyOf(id); }
  std::string operator()(const InstanceName& name) const { return InstanceKeyOf(name); }
  std::string operator()(const OverrideName& name) const { return OverrideKeyOf(name.instance); }
  std::string operator()(const ServiceName& name) const { return ServiceKeyOf(name); }
  std::string operator()(const HorizonName&) const { return kHorizonKey; }
};

void CheckKey(absl::string_view key) {
  const std::optional<RecordName> name = ParseKey(key);
  if (!name) return;
  Expect(std::visit(KeyOf{}, *name) == key, "a key that parses is written as it was read");
  Expect(KindOf(key) == KeyKind::kRecord, "what names a record is a record's key");
}

void CheckRule(const std::string& text, bool id) {
  const absl::Status status = id ? CheckId(text, "field") : CheckName(text, "field");
  if (status.ok()) {
    Expect(!text.empty() && text.size() <= kMaxNameBytes, "a name is within its limit");
    Expect(text.find_first_of(std::string("/\0", 2)) == std::string::npos, "keys need no escapes");
    return;
  }
  ExpectRefusal(status, absl::StatusCode::kInvalidArgument);
  Expect(absl::StartsWith(status.message(), "field: "), "a refused name names its field");
  Expect(status.message().size() < 200, "a refusal is short, however long the name is");
  Expect(!IsUtf8(text) || IsUtf8(status.message()), "a refusal can be sent to who asked");
}

void CheckNames(Bytes bytes) {
  const InstanceName name{{bytes.Part(), bytes.Part()}, bytes.Part()};
  CheckRule(name.service.ns, false);
  CheckRule(name.service.service, false);
  CheckRule(name.id, true);
  if (!CheckName(name.service.ns, "").ok() || !CheckName(name.service.service, "").ok() ||
      !CheckId(name.id, "").ok()) {
    return;
  }
  const auto parsed = [](const std::string& key) { return ParseKey(key).value(); };
  Expect(std::get<InstanceName>(parsed(InstanceKeyOf(name))) == name, "instance's key");
  Expect(std::get<OverrideName>(parsed(OverrideKeyOf(name))).instance == name, "override's key");
  Expect(std::get<ServiceName>(parsed(ServiceKeyOf(name.service))) == name.service, "service's");
  Expect(std::get<SessionId>(parsed(SessionKeyOf(SessionId(name.id)))).value() == name.id,
         "session");
  Expect(KindOf(NodeKeyOf(NodeId(name.id))) == KeyKind::kLeased, "a node's key is leased");
}

void CheckHost(absl::string_view address) {
  const absl::string_view host = HostOf(address);
  Expect(absl::StartsWith(address, host), "the host stands in front");
  const absl::string_view port = address.substr(host.size());
  Expect(port.empty() || (port[0] == ':' && port.size() > 1), "what is cut off is a port");
}

}  // namespace

FUZZ_TARGET(keys) {
  CheckKey(input);
  CheckNames(Bytes(input));
  CheckHost(input);
}

}  // namespace rollcall::fuzz
