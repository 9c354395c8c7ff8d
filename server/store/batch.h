// Batch: puts and deletes over the tables of a RecordStore, written together or not at all.
//
// A value. Later operations on a key win over earlier ones.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rollcall::store {

// What each holds: docs/storage_format.md. The numbers are written to disk.
enum class Table : char {
  kMeta = 'm',
  kRecords = 'r',
  kRevisions = 't',
  kVersions = 'v',
};

class Batch {
 public:
  struct Operation {
    Table table;
    std::string key;
    std::optional<std::string> value;  // nullopt: delete
  };

  void Put(Table table, std::string key, std::string value) {
    bytes_ += key.size() + value.size();
    operations_.push_back({table, std::move(key), std::move(value)});
  }
  void Delete(Table table, std::string key) {
    bytes_ += key.size();
    operations_.push_back({table, std::move(key), std::nullopt});
  }
  // The batch gives back more space than it takes: a full disk refuses it last.
  void MarkFreesSpace() { frees_space_ = true; }

  const std::vector<Operation>& operations() const { return operations_; }
  bool empty() const { return operations_.empty(); }
  size_t bytes() const { return bytes_; }
  bool frees_space() const { return frees_space_; }

 private:
  std::vector<Operation> operations_;
  size_t bytes_ = 0;
  bool frees_space_ = false;
};

}  // namespace rollcall::store
