// An InstanceSpec as the bytes of field 1 of a rollcall.v1.Instance, tag and length included:
// encoded once, by who writes the record, and joined into answers as they are.
//
// Pure.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "rollcall/v1/types.pb.h"

namespace rollcall::catalog {

std::string EncodeSpecField(const v1::InstanceSpec& spec);
v1::InstanceSpec DecodeSpecField(absl::string_view bytes);
// The same bytes at the front of an InstanceRecord's; empty if they are not there, as it must be
// where there is no spec.
absl::string_view SpecFieldOf(absl::string_view record);

}  // namespace rollcall::catalog
