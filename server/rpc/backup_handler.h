// BackupHandler: gives out backups of what this node holds, a chunk at a time.
//
// A chunk is read, on an executor that may block, when the one before it was taken: a slow reader
// costs one chunk of memory and a snapshot of the disk, and holds up nothing else. No more than
// kMaxBackupsPerNode at once. Thread-safe; outlives the streams it gave out.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "server/backup/chunks.h"
#include "server/backup/source.h"
#include "server/model/ids.h"
#include "server/rpc/call.h"

namespace rollcall::rpc {

class BackupHandler;

// One backup under way; it ends when this is destroyed.
class BackupStream : public std::enable_shared_from_this<BackupStream> {
 public:
  ~BackupStream();

  // Calls `done` on the reader's executor with the next bytes of the file; empty: it is complete.
  // The first call chooses the revision. Not while another is under way.
  void Next(Reply<std::string> done);

 private:
  friend class BackupHandler;
  explicit BackupStream(BackupHandler& handler);
  void Step(Reply<std::string> done);
  // False: the disk has yet to get as far.
  absl::StatusOr<bool> Open();

  BackupHandler& handler_;
  // What this node had applied when the backup was asked for is in it …
  const Revision at_least_;
  // … once the disk has it, which may take so long.
  const base::Instant patience_;
  std::unique_ptr<backup::Chunks> chunks_;  // on the reader's executor
};

class BackupHandler {
 public:
  struct Parts {
    // Its tasks may block.
    base::Executor& reader;
    const base::Clock& clock;
    const backup::Source& source;
    // What this node has applied; thread-safe.
    std::function<Revision()> applied;
  };
  explicit BackupHandler(Parts parts) : parts_(std::move(parts)) {}

  // RESOURCE_EXHAUSTED: there are too many already.
  absl::StatusOr<std::shared_ptr<BackupStream>> Begin();

  // For those who time what they do with the chunks.
  base::Executor& executor() { return parts_.reader; }
  const base::Clock& clock() const { return parts_.clock; }

 private:
  friend class BackupStream;
  const Parts parts_;
  std::atomic<size_t> count_{0};
};

}  // namespace rollcall::rpc
