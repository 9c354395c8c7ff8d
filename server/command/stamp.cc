#include "server/command/stamp.h"

#include "server/model/times.h"

namespace rollcall::command {

internal::v1::Stamp MakeStamp(const WriteContext& context, const Reason& reason) {
  internal::v1::Stamp stamp;
  *stamp.mutable_time() = ToProto(context.now);
  stamp.set_cause(reason.cause);
  stamp.set_actor(reason.actor);
  stamp.set_evidence(reason.evidence);
  stamp.set_write_id(context.write_id);
  return stamp;
}

}  // namespace rollcall::command
