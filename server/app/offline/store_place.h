// StorePlace: where a node's embedded store stands, while another is made to stand there.
//
// The new store is made beside it and takes its place in one step; a crash before leaves what was
// there, a crash after leaves the new one. The store that was there is kept, as
// store.before-<time>. While this lives no node can start on the old one. Blocks.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/store/embedded/data_directory.h"

namespace rollcall::app {

class StorePlace {
 public:
  // `store`: the directory; `beside`: where to make the new one, on the same file system.
  // FAILED_PRECONDITION if a process uses it, or if it holds a store and may not be moved.
  static absl::StatusOr<StorePlace> Take(const std::string& store, const std::string& beside,
                                         bool may_move);

  // What is beside it, complete and closed, takes the place. Answers where the old store is now, or
  // "".
  absl::StatusOr<std::string> Swap(absl::Time now);

 private:
  StorePlace(std::string store, std::string beside, std::unique_ptr<store::DataDirectory> old)
      : store_(std::move(store)), beside_(std::move(beside)), old_(std::move(old)) {}

  std::string store_;
  std::string beside_;
  std::unique_ptr<store::DataDirectory> old_;  // null: there is none
};

}  // namespace rollcall::app
