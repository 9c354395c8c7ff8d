// Names out of specs and keys that validation has completed. Pure.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "rollcall/v1/types.pb.h"
#include "server/model/ids.h"

namespace rollcall {

inline InstanceName NameOf(const v1::InstanceSpec& spec) {
  return {{spec.namespace_(), spec.service()}, spec.id()};
}

inline InstanceName NameOf(const v1::InstanceKey& key) {
  return {{key.namespace_(), key.service()}, key.id()};
}

inline v1::InstanceKey KeyOf(const InstanceName& name) {
  v1::InstanceKey key;
  key.set_namespace_(name.service.ns);
  key.set_service(name.service.service);
  key.set_id(name.id);
  return key;
}

// `instance "a1" of "billing"`, with the namespace when it is not the default.
inline std::string Spoken(const InstanceName& name) {
  std::string text = absl::StrCat("instance \"", name.id, "\" of \"", name.service.service, "\"");
  if (name.service.ns != kDefaultNamespace) {
    absl::StrAppend(&text, " in namespace \"", name.service.ns, "\"");
  }
  return text;
}

}  // namespace rollcall
