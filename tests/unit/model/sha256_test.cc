#include "server/model/sha256.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"

namespace rollcall {
namespace {

std::string Hex(absl::string_view bytes) {
  const auto hash = Sha256(bytes);
  return absl::BytesToHexString({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

TEST(Sha256Test, IsThatOfFips180) {
  EXPECT_EQ(Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace rollcall
