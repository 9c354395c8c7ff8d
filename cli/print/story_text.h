// The story of one instance in plain sentences: what happened and what was seen, where it stands
// now, whether callers use it and why.
//
// Pure.
#pragma once

#include <string>

#include "cli/print/look.h"
#include "rollcall/v1/operations.pb.h"

namespace rollcall::cli {

// "It became SUSPECT because its stream broke: connection reset." One change as a sentence.
std::string ChangeSentence(const v1::Change& change);
// The whole, with one time-stamped line per change.
std::string StoryText(const v1::InstanceKey& key, const v1::ExplainResponse& explained,
                      const Look& look);

}  // namespace rollcall::cli
