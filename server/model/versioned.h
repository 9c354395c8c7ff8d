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

  bool exists() const { return record.has_value(); }
  const R* operator->() const { return &*record; }
};

}  // namespace rollcall
