// Makes the stamp that every written record carries.
#pragma once

#include <string>

#include "rollcall/internal/v1/records.pb.h"
#include "server/command/command.h"

namespace rollcall::command {

struct Reason {
  v1::Cause cause = v1::CAUSE_UNSPECIFIED;
  std::string actor;
  std::string evidence;
};

internal::v1::Stamp MakeStamp(const WriteContext& context, const Reason& reason);

}  // namespace rollcall::command
