// ReplicaStory: a scripted history of a node's copy of a cluster's store, which is not synced, and
// the judge of what is left of it after a loss of power: a moment of the past, to the byte.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/store/embedded/disk_replica.h"
#include "tests/crash/machine.h"
#include "tests/crash/witness_disk.h"

namespace rollcall::crash {

class ReplicaStory {
 public:
  ReplicaStory(std::string directory, size_t steps);
  ~ReplicaStory();

  void Run();

  const std::vector<Operation>& journal() const { return journal_; }
  const WitnessDisk& witness() const { return witness_; }
  Files files() const { return files_; }

  // What is wrong with what a machine holds that lost its power after `changes`; "": nothing.
  // `nothing_lost`: all that was written must be there, for the process alone died.
  std::string Judge(const Files& files, size_t changes, bool nothing_lost) const;
  // "": it holds a moment of the past, or it says that it is damaged, so that it is made anew.
  std::string FindFalsehood(const Files& files, bool* damaged) const;

 private:
  bool Start();
  void Stop();
  void Step(size_t step);
  std::string Value(size_t step);
  std::string JudgeGoingOn(Machine& machine, store::RecordStore& disk) const;

  const std::string directory_;
  const size_t steps_;
  std::unique_ptr<Machine> machine_;
  WitnessDisk witness_;
  std::unique_ptr<store::RocksRecordStore> disk_;
  std::unique_ptr<store::DiskReplica> replica_;
  uint64_t revision_ = 100;
  std::vector<Operation> journal_;
  Files files_;
};

}  // namespace rollcall::crash
