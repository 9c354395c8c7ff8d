// Which instances of a view a picker chooses from. Pure.
#pragma once

#include <vector>

#include "rollcall/picker.h"

namespace rollcall::sdk {

// Of view.serving(): without those to avoid (if that leaves any), of the nearest group, and of
// positive weight (if there is any).
std::vector<InstancePtr> Candidates(const ServiceView& view, const PickerOptions& options);

// 0 for the same sub-zone, 1 zone, 2 region, 3 elsewhere. What `near` does not name does not count.
int Distance(const Locality& near, const Locality& instance);

}  // namespace rollcall::sdk
