#include "tests/crash/store_story.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client-sdk/base/check.h"
#include "tests/crash/stories.h"

namespace rollcall::crash {
namespace {

using store::ChangeSet;
using store::Committed;
using store::EmbeddedStore;
using store::Outcome;
using store::Record;
using store::Transaction;
using store::Version;

constexpr size_t kLogBlockBytes = 32 << 10;

// Key and value with its revision.
using Standing = std::map<std::string, std::pair<std::string, Revision>>;

absl::StatusOr<Standing> Load(const EmbeddedStore& store, Revision& revision) {
  Standing standing;
  const absl::StatusOr<Revision> loaded = store.Load([&](Record record) {
    standing[record.key] = {record.value, record.revision};
  });
  if (!loaded.ok()) return loaded.status();
  revision = *loaded;
  return standing;
}

void Apply(const ChangeSet& change, Standing& standing) {
  for (const ChangeSet::Entry& entry : change.entries) {
    if (entry.value) {
      standing[entry.key] = {*entry.value, change.revision};
    } else {
      standing.erase(entry.key);
    }
  }
}

// What stood where history begins, and all changes since, must come to what stands.
std::string JudgeHistory(Machine& machine, EmbeddedStore& store, const Standing& standing,
                         Revision end) {
  const auto view = store.version_log().Read();
  if (!view.ok()) return absl::StrCat("history cannot be read: ", view.status().ToString());
  const Revision floor = (*view)->floor().revision;
  Standing replayed;
  const absl::Status scanned = (*view)->ScanPrefix("", [&](Version version) {
    if (version.revision > floor) return;
    if (version.value) replayed[version.key] = {*version.value, version.revision};
  });
  if (!scanned.ok()) return absl::StrCat("versions cannot be read: ", scanned.ToString());
  // The watch goes on for as long as the store.
  struct Told {
    Revision last;
    std::string wrong;
    Standing replayed;
  };
  const auto told = std::make_shared<Told>(Told{floor, "", std::move(replayed)});
  store.Watch(floor, [told](const ChangeSet& change) {
    if (change.revision.value() != told->last.value() + 1) {
      told->wrong =
          absl::StrCat("revision ", change.revision.value(), " follows ", told->last.value());
    }
    told->last = change.revision;
    Apply(change, told->replayed);
  });
  machine.executor.RunReady();
  if (!told->wrong.empty()) return told->wrong;
  if (told->last != end) {
    return absl::StrCat("history ends at ", told->last.value(), ", not ", end.value());
  }
  return told->replayed == standing ? "" : "history does not come to what stands";
}

std::string JudgeNextCommit(Machine& machine, EmbeddedStore& store, Revision end) {
  std::string wrong = "a commit is not answered";
  store.Commit({{{{"after", Revision(0)}}, {{"after", "the loss"}}, {}}},
               [&](std::vector<Outcome> outcomes) {
                 const auto* committed = std::get_if<Committed>(&outcomes[0]);
                 wrong = committed == nullptr ? "a commit fails" : "";
                 if (committed != nullptr && committed->revision.value() != end.value() + 1) {
                   wrong = absl::StrCat("revision ", committed->revision.value(),
                                        " is given after ", end.value());
                 }
               });
  machine.executor.RunReady();
  return wrong;
}

}  // namespace

StoreStory::StoreStory(std::string directory, Options options)
    : directory_(std::move(directory)),
      options_(options),
      machine_(std::make_unique<Machine>(directory_, Files(), options.power_for)),
      witness_([this] { return machine_->files().changes(); }) {}

StoreStory::~StoreStory() { Stop(); }

void StoreStory::Run() {
  bool running = Start();
  for (size_t step = 0; step < options_.steps && running; ++step) {
    if (step == options_.steps / 3 || step == options_.steps * 2 / 3) {
      Stop();
      running = Start();
    }
    if (running) Step(step);
    running = running && machine_->files().has_power();
  }
  // What ends the process in good order is not part of it.
  journal_ = machine_->files().journal();
  Stop();
  files_ = machine_->files().files();
  failures_ = machine_->failures();
}

bool StoreStory::Start() {
  auto disk = machine_->Open(options_.sync);
  if (!disk.ok()) return false;
  disk_ = *std::move(disk);
  witness_.SetDisk(disk_.get());
  auto store = EmbeddedStore::Open(witness_, machine_->executor, machine_->executor,
                                   machine_->clock, machine_->random);
  if (!store.ok()) return false;
  store_ = *std::move(store);
  id_ = store_->id();
  return true;
}

void StoreStory::Stop() {
  store_.reset();
  disk_.reset();
}

store::Put StoreStory::NewPut(const std::string& key, size_t step) {
  std::string value(1 + step * step * 37 % 300, '\0');
  if (step % 4 == 1) value.resize(4000 + step * 7);
  if (step % 11 == 9) value.resize(kLogBlockBytes + step);
  if (value.size() > options_.largest_value) value.resize(options_.largest_value);
  // Noise, so that it takes its size on the disk too; and a value that looks like an empty sector.
  if (step % 6 != 2) {
    for (char& c : value) c = static_cast<char>(machine_->random.Next());
  } else {
    value.resize(std::min(2 * Disk::kSectorBytes, options_.largest_value));
  }
  return {key, std::move(value)};
}

Transaction StoreStory::Writes(std::vector<store::Put> puts, std::vector<std::string> deletes) {
  Transaction transaction{{}, std::move(puts), std::move(deletes)};
  for (const store::Put& put : transaction.puts) {
    transaction.guards.push_back({put.key, standing_[put.key]});
  }
  for (const std::string& key : transaction.deletes) {
    transaction.guards.push_back({key, standing_[key]});
  }
  return transaction;
}

void StoreStory::Submit(std::vector<Transaction> group) {
  store_->Commit(group, [this, group](const std::vector<Outcome>& outcomes) {
    for (size_t i = 0; i < group.size(); ++i) {
      const auto* committed = std::get_if<Committed>(&outcomes[i]);
      if (committed == nullptr) continue;
      acknowledged_.push_back({machine_->files().changes(), committed->revision, group[i]});
      for (const store::Put& put : group[i].puts) standing_[put.key] = committed->revision;
      for (const std::string& key : group[i].deletes) standing_[key] = Revision(0);
    }
  });
}

void StoreStory::Step(size_t step) {
  machine_->clock.AdvanceBy(absl::Seconds(1));
  const auto key = [&](size_t i) { return KeyOf(step + i); };
  if (step % 5 == 0) {
    Submit({Writes({NewPut(key(0), step), NewPut(key(1), step)}),
            Writes({NewPut(key(2), step)}),
            {{{key(3), Revision(1'000'000)}}, {{key(3), "never"}}, {}}});
  } else if (step % 7 == 3) {
    for (size_t i = 0; i < 3; ++i) Submit({Writes({NewPut(key(i), step + i)})});
  } else if (step % 9 == 8) {
    Submit({Writes({NewPut(key(0), step)}, {key(1)})});
  } else {
    Submit({Writes({NewPut(key(0), step)})});
  }
  machine_->executor.RunReady();
  if (step == options_.steps / 2) Trim();
}

void StoreStory::Trim() {
  store_->version_log().Trim({absl::Hours(1), 60'000}, machine_->clock.Wall(),
                             [](const absl::StatusOr<uint64_t>&) {});
  machine_->executor.RunReady();
}

std::string StoreStory::Judge(const Files& files, size_t changes) const {
  Machine machine(directory_, files);
  std::string wrong = JudgeOn(machine, changes);
  if (wrong.empty() && !machine.failures().empty()) wrong = machine.failures()[0];
  return wrong;
}

std::string StoreStory::JudgeOn(Machine& machine, size_t changes) const {
  auto disk = machine.Open(options_.sync);
  if (!disk.ok()) return absl::StrCat("it does not open: ", disk.status().ToString());
  const absl::StatusOr<Tables> tables = ReadTables(**disk);
  if (!tables.ok()) return absl::StrCat("it cannot be read: ", tables.status().ToString());
  const size_t earliest = witness_.Earliest(changes);
  const size_t latest = witness_.Latest(changes);
  const auto& moments = witness_.moments();
  if (!MomentOf(*tables, moments, earliest, latest)) {
    const auto other = MomentOf(*tables, moments, 0, moments.size() - 1);
    return absl::StrCat(
        "it holds ", other ? absl::StrCat("what stood after batch ", *other) : "what never stood",
        ", not what stood after batch ", earliest, " to ", latest);
  }
  auto store = EmbeddedStore::Open(**disk, machine.executor, machine.executor, machine.clock,
                                   machine.random);
  if (!store.ok()) return absl::StrCat("the store does not open: ", store.status().ToString());
  if (earliest > 0 && (*store)->id() != id_) return "it is another store";
  return JudgeStore(machine, **store, changes);
}

std::string StoreStory::JudgeStore(Machine& machine, EmbeddedStore& store, size_t changes) const {
  Revision end;
  const absl::StatusOr<Standing> standing = Load(store, end);
  if (!standing.ok()) return absl::StrCat("it cannot be loaded: ", standing.status().ToString());
  std::string wrong = JudgeAcknowledged(machine, store, changes);
  if (wrong.empty()) wrong = JudgeHistory(machine, store, *standing, end);
  if (wrong.empty()) wrong = JudgeNextCommit(machine, store, end);
  return wrong;
}

std::string StoreStory::JudgeAcknowledged(Machine& machine, EmbeddedStore& store,
                                          size_t changes) const {
  const auto view = store.version_log().Read();
  if (!view.ok()) return absl::StrCat("history cannot be read: ", view.status().ToString());
  std::map<std::string, std::set<std::pair<uint64_t, std::string>>> versions;
  for (size_t i = 0; i < kKeys; ++i) {
    auto& of_key = versions[KeyOf(i)];
    store.Versions(KeyOf(i), Revision(0), [&](absl::StatusOr<std::vector<Record>> records) {
      if (!records.ok()) return;
      for (Record& record : *records) {
        of_key.emplace(record.revision.value(), std::move(record.value));
      }
    });
    machine.executor.RunReady();
  }
  for (const Acknowledged& one : acknowledged_) {
    if (one.changes > changes || one.revision <= (*view)->floor().revision) continue;
    for (const store::Put& put : one.transaction.puts) {
      if (versions[put.key].count({one.revision.value(), put.value}) == 0) {
        return absl::StrCat(put.key, " at revision ", one.revision.value(),
                            " was acknowledged and is lost");
      }
    }
  }
  return "";
}

std::string StoreStory::FindDifference(const Files& files) const {
  Machine machine(directory_, files);
  auto disk = machine.Open(options_.sync);
  if (!disk.ok()) return std::string(disk.status().message());
  const absl::StatusOr<Tables> tables = ReadTables(**disk);
  if (!tables.ok()) return std::string(tables.status().message());
  return *tables == witness_.moments().back().tables ? "" : "other content";
}

}  // namespace rollcall::crash
