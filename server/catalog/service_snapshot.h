// ServiceSnapshot: one service as it stood at one revision: its instances by id, and everything
// that changed in it, newest first, including removals that are not yet purged.
//
// Immutable once published and shared by reference: resolves, watchers and pickers read it from any
// thread without a lock.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "server/catalog/instance_view.h"
#include "server/model/ids.h"

namespace rollcall::catalog {

struct ServiceSnapshot {
  ServiceName name;
  // The store's revision when this was made: everything in it is at or below, nothing of the
  // service at or below is missing.
  Revision revision;
  // Registered instances, by id.
  std::vector<SharedView> instances;
  // These and the removed ones, newest revision first; within a revision by id.
  std::vector<SharedView> by_revision;
  // Registered instances by standing, indexed by v1::Standing.
  std::array<uint32_t, 8> counts{};
};

}  // namespace rollcall::catalog
