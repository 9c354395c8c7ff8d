// StoreStory: a scripted history of an embedded store on RocksDB in memory, and the judge of what a
// machine finds that lost its power in the middle of it.
//
// Groups of guarded transactions, several of them written together, guards that fail, deletes,
// values of a byte and of more than a block of the log, a trim, processes that end and start again;
// buffers so small that it flushes and compacts.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/store/embedded/embedded_store.h"
#include "tests/crash/machine.h"
#include "tests/crash/witness_disk.h"

namespace rollcall::crash {

class StoreStory {
 public:
  struct Options {
    size_t steps = 50;
    bool sync = true;
    size_t power_for = CrashFileSystem::kNever;
    size_t largest_value = SIZE_MAX;
  };
  // Something that `changes` had been made when the store acknowledged it.
  struct Acknowledged {
    size_t changes;
    Revision revision;
    store::Transaction transaction;
  };

  StoreStory(std::string directory, Options options);
  ~StoreStory();

  // Until its end, or until the power is lost.
  void Run();

  const std::vector<Operation>& journal() const { return journal_; }
  const WitnessDisk& witness() const { return witness_; }
  const std::vector<Acknowledged>& acknowledged() const { return acknowledged_; }
  const std::vector<std::string>& failures() const { return failures_; }
  Files files() const { return files_; }
  const StoreId& id() const { return id_; }

  // What is wrong with what a machine holds that lost its power after `changes`; "": nothing.
  std::string Judge(const Files& files, size_t changes) const;
  // The same for one that is started on a machine of the caller's, which may lose its power.
  std::string JudgeOn(Machine& machine, size_t changes) const;
  // "": the store opens and holds, to the byte, what stood at the end; or that it does not.
  std::string FindDifference(const Files& files) const;

 private:
  bool Start();
  void Stop();
  void Step(size_t step);
  store::Put NewPut(const std::string& key, size_t step);
  store::Transaction Writes(std::vector<store::Put> puts, std::vector<std::string> deletes = {});
  void Submit(std::vector<store::Transaction> group);
  void Trim();

  std::string JudgeStore(Machine& machine, store::EmbeddedStore& store, size_t changes) const;
  std::string JudgeAcknowledged(Machine& machine, store::EmbeddedStore& store,
                                size_t changes) const;

  const std::string directory_;
  const Options options_;
  std::unique_ptr<Machine> machine_;
  WitnessDisk witness_;
  std::unique_ptr<store::RocksRecordStore> disk_;
  std::unique_ptr<store::EmbeddedStore> store_;
  // What the script knows of the standing records.
  std::map<std::string, Revision> standing_;

  StoreId id_;
  std::vector<Acknowledged> acknowledged_;
  std::vector<Operation> journal_;
  std::vector<std::string> failures_;
  Files files_;
};

}  // namespace rollcall::crash
