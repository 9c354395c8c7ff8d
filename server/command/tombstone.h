// Makes the record that stands for a removed instance. Pure.
#pragma once

#include "server/command/command.h"
#include "server/command/stamp.h"

namespace rollcall::command {

// Keeps what history needs: the name, the epoch, the session.
internal::v1::InstanceRecord Tombstone(const Versioned<internal::v1::InstanceRecord>& old,
                                       const internal::v1::Stamp& stamp);

}  // namespace rollcall::command
