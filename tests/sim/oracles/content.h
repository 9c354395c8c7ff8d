// What an owner says of its instance, in one number: where it is called, its zone, weight and
// metadata; the same of a record, of an answer, and of what the SDK shows.
#pragma once

#include <cstdint>

#include "rollcall/instance.h"
#include "rollcall/v1/types.pb.h"

namespace rollcall::sim {

uint64_t ContentOf(const v1::InstanceSpec& spec);
uint64_t ContentOf(const Instance& instance);

}  // namespace rollcall::sim
