// rollcall backup FILE [--force]
#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "cli/print/times.h"
#include "cli/verbs/backup_file.h"
#include "cli/verbs/verb.h"
#include "client-sdk/base/status_macros.h"
#include "google/protobuf/struct.pb.h"
#include "rollcall/v1/operations.grpc.pb.h"

namespace rollcall::cli {
namespace {

constexpr absl::Duration kProgressEvery = absl::Milliseconds(200);

struct BackupArguments {
  std::string file;
  bool force = false;
};

std::string SizeText(uint64_t bytes) {
  if (bytes < 1000) return absl::StrCat(bytes, " bytes");
  if (bytes < 1'000'000) return absl::StrFormat("%.1f kB", static_cast<double>(bytes) / 1e3);
  return absl::StrFormat("%.1f MB", static_cast<double>(bytes) / 1e6);
}

// One answer of one server, into the file.
class Download {
 public:
  Download(BackupFile& file, Context& context)
      : file_(file),
        context_(context),
        listener_(context.interrupt, [this] { call_.TryCancel(); }) {}

  absl::Status Run(const std::shared_ptr<grpc::Channel>& channel) {
    if (context_.timeout) {
      call_.set_deadline(absl::ToChronoTime(context_.clock.Wall() + *context_.timeout));
    }
    v1::Operations::Stub stub(channel);
    const auto stream = stub.Backup(&call_, v1::BackupRequest());
    absl::Status written;
    v1::BackupResponse response;
    while (written.ok() && stream->Read(&response)) {
      written = file_.Add(response.chunk());
      ShowProgress();
    }
    if (!written.ok()) call_.TryCancel();
    const absl::Status status = FromGrpc(stream->Finish());
    context_.printer.ShowProgress("");
    if (!written.ok()) return written;
    if (context_.interrupt.requested()) {
      return absl::CancelledError("interrupted; nothing was kept");
    }
    return status;
  }

 private:
  void ShowProgress() {
    const base::Instant now = context_.clock.Steady();
    if (now - shown_ < kProgressEvery) return;
    shown_ = now;
    context_.printer.ShowProgress(
        absl::StrCat(file_.read().records(), " records, ", SizeText(file_.read().bytes())));
  }

  BackupFile& file_;
  Context& context_;
  grpc::ClientContext call_;
  const Interrupt::Listener listener_;
  base::Instant shown_;
};

// From the first server that gives one; a file holds bytes of one alone.
absl::Status Fetch(BackupFile& file, Context& context) {
  absl::Status status;
  for (size_t attempt = 0; attempt < context.registry.options().servers.size(); ++attempt) {
    ASSIGN_OR_RETURN(const auto channel, context.registry.Connect());
    status = Download(file, context).Run(channel);
    if (status.ok() || file.read().bytes() > 0) break;
    if (!absl::IsUnavailable(status) && !absl::IsResourceExhausted(status)) break;
    context.registry.MoveOn();
  }
  return status;
}

google::protobuf::Struct SummaryOf(const std::string& path, const backup::FileReader& read) {
  google::protobuf::Struct summary;
  const auto set = [&](const char* name, std::string value) {
    (*summary.mutable_fields())[name].set_string_value(std::move(value));
  };
  const backup::Header& header = *read.header();
  set("file", path);
  set("store_id", header.store.value());
  // As protobuf's mapping has 64-bit numbers.
  set("revision", absl::StrCat(header.revision.value()));
  set("records", absl::StrCat(read.records()));
  set("bytes", absl::StrCat(read.bytes()));
  set("time", absl::FormatTime(absl::RFC3339_sec, header.time, absl::UTCTimeZone()));
  return summary;
}

absl::StatusOr<ExitCode> RunBackup(const BackupArguments& arguments, Context& context) {
  ASSIGN_OR_RETURN(const auto file, BackupFile::Create(arguments.file, arguments.force));
  RETURN_IF_ERROR(Fetch(*file, context));
  RETURN_IF_ERROR(file->Keep());
  const backup::FileReader& read = file->read();
  context.printer.Show(SummaryOf(arguments.file, read), [&](const Look&) {
    return absl::StrCat(arguments.file, ": ", read.records(), " records of store ",
                        read.header()->store.value(), " at revision ",
                        read.header()->revision.value(), ", ", SizeText(read.bytes()), ".\n");
  });
  return ExitCode::kDone;
}

}  // namespace

Action ConfigureBackup(CLI::App& app) {
  auto arguments = std::make_shared<BackupArguments>();
  app.add_option("FILE", arguments->file, "Where it goes; FILE.part while it is being written")
      ->required();
  app.add_flag("--force", arguments->force, "Replace FILE if it is there");
  return [arguments](Context& context) { return RunBackup(*arguments, context); };
}

}  // namespace rollcall::cli
