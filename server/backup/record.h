// What a backup holds: its header, and the records of a store as they stood at one revision.
//
// Values.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "server/model/ids.h"

namespace rollcall::backup {

struct Header {
  StoreId store;
  Revision revision;
  // When the backup was made.
  absl::Time time;
  // The version of the program that made it.
  std::string program;
};

struct Record {
  std::string key;
  std::string value;
  // Of the last write, in the store that the backup is of.
  Revision revision;
};

}  // namespace rollcall::backup
