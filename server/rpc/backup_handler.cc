#include "server/rpc/backup_handler.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"
#include "server/model/limits.h"

namespace rollcall::rpc {
namespace {

// A cluster node's disk follows what the node has applied, a little later.
constexpr absl::Duration kDiskPatience = absl::Seconds(5);
constexpr absl::Duration kLookAgain = absl::Milliseconds(20);

}  // namespace

BackupStream::BackupStream(BackupHandler& handler)
    : handler_(handler),
      at_least_(handler.parts_.applied()),
      patience_(handler.clock().Steady() + kDiskPatience) {}

BackupStream::~BackupStream() { --handler_.count_; }

void BackupStream::Next(Reply<std::string> done) {
  handler_.executor().Post([self = shared_from_this(), done = std::move(done)]() mutable {
    self->Step(std::move(done));
  });
}

void BackupStream::Step(Reply<std::string> done) {
  const absl::StatusOr<bool> open = Open();
  if (!open.ok()) {
    done(open.status());
  } else if (*open) {
    done(chunks_->Next());
  } else {
    handler_.executor().PostAt(handler_.clock().Steady() + kLookAgain,
                               [self = shared_from_this(), done = std::move(done)]() mutable {
                                 self->Step(std::move(done));
                               });
  }
}

absl::StatusOr<bool> BackupStream::Open() {
  if (chunks_ != nullptr) return true;
  ASSIGN_OR_RETURN(std::unique_ptr<backup::Reading> reading, handler_.parts_.source.Open());
  if (reading->header().revision >= at_least_) {
    chunks_ = std::make_unique<backup::Chunks>(std::move(reading), kBackupChunkBytes);
    return true;
  }
  if (handler_.clock().Steady() < patience_) return false;
  return absl::UnavailableError(
      absl::StrCat("this node's disk is at revision ", reading->header().revision.value(),
                   ", behind the ", at_least_.value(), " that it serves; try another node"));
}

absl::StatusOr<std::shared_ptr<BackupStream>> BackupHandler::Begin() {
  if (++count_ > kMaxBackupsPerNode) {
    --count_;
    return absl::ResourceExhaustedError(
        absl::StrCat("this node gives out ", kMaxBackupsPerNode,
                     " backups already; try again when one has ended"));
  }
  return std::shared_ptr<BackupStream>(new BackupStream(*this));
}

}  // namespace rollcall::rpc
