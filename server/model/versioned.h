// Versioned: a record together with the revision that wrote it; revision 0 means that there is
// none.
#pragma once

#include <optional>

#include "server/model/ids.h"

namespace rollcall {

template <typename R>
struct Versioned {
  std::optional<R> record;
  Revision revision;
  // What the revision wrote cannot be read; `record` is the last one that could, if there was one.
  bool damaged = false;

  bool exists() const { return record.has_value(); }
  const R* operator->() const { return &*record; }
};

}  // namespace rollcall
