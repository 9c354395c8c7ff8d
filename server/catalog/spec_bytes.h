// An InstanceSpec as the bytes of field 1 of a rollcall.v1.Instance, tag and length included:
// encoded once, the same bytes for the same content, and joined into answers as they are.
//
// Pure.
#pragma once

#include <string>

#include "rollcall/v1/types.pb.h"

namespace rollcall::catalog {

std::string EncodeSpecField(const v1::InstanceSpec& spec);
v1::InstanceSpec DecodeSpecField(const std::string& bytes);

}  // namespace rollcall::catalog
