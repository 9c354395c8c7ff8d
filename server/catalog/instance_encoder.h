// InstanceEncoder: what others are told of an instance, as bytes: a rollcall.v1.Instance, whose
// spec is as its owner sent it.
//
// For many instances, one after another. Thread-compatible.
#pragma once

#include <string>

#include "rollcall/v1/types.pb.h"
#include "server/catalog/instance_view.h"

namespace rollcall::catalog {

class InstanceEncoder {
 public:
  // Valid until the next.
  const std::string& Encode(const InstanceView& view) {
    view.TellRest(rest_);
    bytes_.assign(view.spec_field().data(), view.spec_field().size());
    rest_.AppendToString(&bytes_);
    return bytes_;
  }

 private:
  // Filled again and again, for the sake of what they have allocated.
  v1::Instance rest_;
  std::string bytes_;
};

}  // namespace rollcall::catalog
