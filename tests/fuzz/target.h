// A fuzz target: a function of bytes that says what must hold, whatever the bytes are.
//
//   FUZZ_TARGET(keys) { … Expect(parsed == written, "a key parses back"); … }
//
// stands once in fuzz_keys.cc. In build/fuzz it is libFuzzer's entry point and the file a program
// of its own; in every other build all of them are in one test, which replays the inputs that are
// kept (replay_test.cc). It must depend on its input alone: no clock, no chance, no files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>

#include "absl/strings/string_view.h"

namespace rollcall::fuzz {

using Target = void (*)(absl::string_view input);

// What a target promises does not hold. Nobody catches it in a fuzzer; the replay names the input.
class Broken final : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

inline void Expect(bool holds, const char* promise) {
  if (!holds) throw Broken(promise);
}

// The targets of this program, by name.
std::map<std::string, Target>& Targets();

struct Registration {
  Registration(const char* what, Target target) { Targets()[what] = target; }
};

}  // namespace rollcall::fuzz

#ifdef ROLLCALL_FUZZ
#define FUZZ_TARGET(what)                                                      \
  static void Fuzz_##what(absl::string_view input);                            \
  /* NOLINTNEXTLINE(misc-definitions-in-headers): once in a program */         \
  extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);     \
  extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {    \
    Fuzz_##what(absl::string_view(reinterpret_cast<const char*>(data), size)); \
    return 0;                                                                  \
  }                                                                            \
  static void Fuzz_##what(absl::string_view input)
#else
#define FUZZ_TARGET(what)                                                                \
  static void Fuzz_##what(absl::string_view input);                                      \
  static const ::rollcall::fuzz::Registration kRegistration_##what(#what, &Fuzz_##what); \
  static void Fuzz_##what(absl::string_view input)
#endif
