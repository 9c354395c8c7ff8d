// What several fuzz targets hold. Pure.
#pragma once

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "tests/fuzz/target.h"

namespace rollcall::fuzz {

// Equal messages make equal bytes, also of maps.
inline std::string BytesOf(const google::protobuf::Message& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream out(&stream);
  out.SetSerializationDeterministic(true);
  Expect(message.SerializeToCodedStream(&out), "what was parsed can be serialised");
  out.Trim();
  return bytes;
}

// As the proto3 strings that carry it to a reader must be.
inline bool IsUtf8(absl::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  for (size_t i = 0; i < text.size();) {
    const unsigned lead = byte(i);
    const size_t size = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (size == 0 || lead > 0xf4 || i + size > text.size()) return false;
    for (size_t k = 1; k < size; ++k) {
      if ((byte(i + k) & 0xc0) != 0x80) return false;
    }
    if (lead == 0xe0 && byte(i + 1) < 0xa0) return false;  // overlong
    if (lead == 0xed && byte(i + 1) > 0x9f) return false;  // a surrogate
    if (lead == 0xf0 && byte(i + 1) < 0x90) return false;
    if (lead == 0xf4 && byte(i + 1) > 0x8f) return false;  // beyond the last
    i += size;
  }
  return true;
}

// A refusal is told to whoever asked: the code says whose fault it is, and the words are short.
inline void ExpectRefusal(const absl::Status& status, absl::StatusCode code) {
  Expect(status.code() == code, "refused with the code that the header names");
  Expect(!status.message().empty(), "a refusal says why");
}

}  // namespace rollcall::fuzz
