// A source in memory, and how records of each kind look.
#pragma once

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "server/backup/source.h"

namespace rollcall::backup {

class MemorySource final : public Source {
 public:
  MemorySource(Header header, std::vector<Record> records)
      : header_(std::move(header)), records_(std::move(records)) {}

  // From the given record on, reading fails.
  void FailAt(size_t record) { fail_at_ = record; }

  absl::StatusOr<std::unique_ptr<Reading>> Open() const override {
    return std::unique_ptr<Reading>(new Open_(*this));
  }

 private:
  class Open_ final : public Reading {
   public:
    explicit Open_(const MemorySource& source) : source_(source) {}
    const Header& header() const override { return source_.header_; }
    absl::StatusOr<std::vector<Record>> Next(size_t bytes) override {
      std::vector<Record> out;
      size_t size = 0;
      while (at_ < source_.records_.size() && size < bytes) {
        if (at_ >= source_.fail_at_) return absl::DataLossError("the source broke");
        out.push_back(source_.records_[at_++]);
        size += out.back().key.size() + out.back().value.size();
      }
      return out;
    }

   private:
    const MemorySource& source_;
    size_t at_ = 0;
  };

  const Header header_;
  const std::vector<Record> records_;
  size_t fail_at_ = SIZE_MAX;
};

inline Header SomeHeader() {
  return {StoreId("0123456789abcdef0123456789abcdef"), Revision(4711),
          absl::FromUnixSeconds(1'700'000'000), "0.1.0"};
}

}  // namespace rollcall::backup
