#include "tests/crash/replica_story.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/crash/stories.h"

namespace rollcall::crash {
namespace {

using store::ChangeSet;
using store::DiskReplica;
using store::Record;

const StoreId kStore("cluster");

}  // namespace

ReplicaStory::ReplicaStory(std::string directory, size_t steps)
    : directory_(std::move(directory)),
      steps_(steps),
      machine_(std::make_unique<Machine>(directory_)),
      witness_([this] { return machine_->files().changes(); }) {}

ReplicaStory::~ReplicaStory() { Stop(); }

bool ReplicaStory::Start() {
  auto disk = machine_->Open(false);
  if (!disk.ok()) return false;
  disk_ = *std::move(disk);
  witness_.SetDisk(disk_.get());
  auto replica =
      DiskReplica::Open(witness_, machine_->executor, machine_->executor, machine_->clock, {});
  if (!replica.ok()) return false;
  replica_ = *std::move(replica);
  return true;
}

void ReplicaStory::Stop() {
  replica_.reset();
  disk_.reset();
}

void ReplicaStory::Run() {
  bool running = Start();
  for (size_t step = 0; step < steps_ && running; ++step) {
    if (step == steps_ / 2) {
      Stop();
      running = Start();
    }
    if (running) Step(step);
  }
  journal_ = machine_->files().journal();
  Stop();
  files_ = machine_->files().files();
}

std::string ReplicaStory::Value(size_t step) {
  std::string value(step % 3 == 1 ? 5000 + step : 1 + step * 7 % 100, '\0');
  for (char& c : value) c = static_cast<char>(machine_->random.Next());
  return value;
}

void ReplicaStory::Step(size_t step) {
  machine_->clock.AdvanceBy(absl::Seconds(1));
  if (step % 40 == 0) {
    std::vector<Record> records;
    for (size_t i = 0; i < 5; ++i) {
      records.push_back({KeyOf(step + i), Value(step + i), Revision(revision_ - i)});
    }
    replica_->Restart(kStore, Revision(revision_), machine_->clock.Wall(), std::move(records));
  }
  // Some revisions are written together, some change no record.
  for (size_t i = 0; i <= step % 3; ++i) {
    ChangeSet change{Revision(++revision_), machine_->clock.Wall(), {}};
    if (step % 8 != 7) change.entries.push_back({KeyOf(step + i), Value(step + i)});
    if (step % 9 == 4) change.entries.push_back({KeyOf(step + i + 1), std::nullopt});
    std::sort(change.entries.begin(), change.entries.end(),
              [](const auto& a, const auto& b) { return a.key < b.key; });
    replica_->Append(std::move(change));
  }
  machine_->executor.RunReady();
}

std::string ReplicaStory::Judge(const Files& files, size_t changes, bool nothing_lost) const {
  Machine machine(directory_, files);
  auto disk = machine.Open(false);
  if (!disk.ok()) return absl::StrCat("it does not open: ", disk.status().ToString());
  const absl::StatusOr<Tables> tables = ReadTables(**disk);
  if (!tables.ok()) return absl::StrCat("it cannot be read: ", tables.status().ToString());
  const auto& moments = witness_.moments();
  const size_t earliest = nothing_lost ? witness_.Earliest(changes) : 0;
  const size_t latest = witness_.Latest(changes);
  if (!MomentOf(*tables, moments, earliest, latest)) {
    const auto other = MomentOf(*tables, moments, 0, moments.size() - 1);
    return absl::StrCat(
        "it holds ", other ? absl::StrCat("what stood after batch ", *other) : "what never stood",
        ", not what stood after batch ", earliest, " to ", latest);
  }
  std::string wrong = JudgeGoingOn(machine, **disk);
  if (wrong.empty() && !machine.failures().empty()) wrong = machine.failures()[0];
  return wrong;
}

std::string ReplicaStory::JudgeGoingOn(Machine& machine, store::RecordStore& disk) const {
  auto replica = DiskReplica::Open(disk, machine.executor, machine.executor, machine.clock, {});
  if (!replica.ok()) return absl::StrCat("the copy does not open: ", replica.status().ToString());
  if (!(*replica)->position().ok()) return "its position cannot be read";
  const Revision next(revision_ + 1);
  (*replica)->Restart(kStore, next, machine.clock.Wall(), {{KeyOf(0), "anew", next}});
  machine.executor.RunReady();
  const auto position = (*replica)->position();
  if (!position.ok() || !*position || (*position)->revision != next)
    return "it cannot be made anew";
  return "";
}

std::string ReplicaStory::FindFalsehood(const Files& files, bool* damaged) const {
  Machine machine(directory_, files);
  auto disk = machine.Open(false);
  absl::Status status = disk.status();
  if (status.ok()) {
    const absl::StatusOr<Tables> tables = ReadTables(**disk);
    const auto& moments = witness_.moments();
    if (tables.ok()) {
      return MomentOf(*tables, moments, 0, moments.size() - 1) ? "" : "what never stood";
    }
    // Found while it is read, the next start knows of it.
    disk->reset();
    status = machine.Open(false).status();
  }
  *damaged = true;
  return absl::IsDataLoss(status) ? "" : absl::StrCat("it is not made anew: ", status.ToString());
}

}  // namespace rollcall::crash
