// Jute: how ZooKeeper encodes its messages: numbers with the big end first, strings and buffers
// after their length in four bytes, lists after their count.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace rollcall::bench {

class JuteWriter {
 public:
  JuteWriter& Int(int32_t value);
  JuteWriter& Long(int64_t value);
  JuteWriter& Bool(bool value);
  // A string or a buffer.
  JuteWriter& Bytes(absl::string_view value);
  // Something that was encoded before.
  JuteWriter& Raw(absl::string_view encoded);

  const std::string& str() const { return out_; }

 private:
  std::string out_;
};

// Reads in the order of writing. What is not there reads as zero or empty, and then ok() is false.
class JuteReader {
 public:
  explicit JuteReader(absl::string_view in) : in_(in) {}

  int32_t Int();
  int64_t Long();
  bool Bool();
  absl::string_view Bytes();

  bool ok() const { return ok_; }

 private:
  // So many bytes; empty if there are less.
  absl::string_view Take(size_t size);

  absl::string_view in_;
  bool ok_ = true;
};

}  // namespace rollcall::bench
