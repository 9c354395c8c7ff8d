#include "tests/sim/oracles/content.h"

#include <string>

#include "absl/strings/string_view.h"

namespace rollcall::sim {
namespace {

// FNV-1a: the same in every run.
class Hash {
 public:
  void Add(absl::string_view text) {
    for (const char c : text) AddByte(static_cast<unsigned char>(c));
    AddByte(0);
  }
  void Add(uint32_t number) {
    for (int shift = 0; shift < 32; shift += 8) AddByte((number >> shift) & 0xff);
  }
  uint64_t value() const { return value_; }

 private:
  void AddByte(uint64_t byte) { value_ = (value_ ^ byte) * 0x100'0000'01b3u; }
  uint64_t value_ = 0xcbf2'9ce4'8422'2325u;
};

// In no order: a map of protobuf's has none.
template <typename Metadata>
uint64_t SumOf(const Metadata& metadata) {
  uint64_t sum = 0;
  for (const auto& [key, value] : metadata) {
    Hash hash;
    hash.Add(key);
    hash.Add(value);
    sum += hash.value();
  }
  return sum;
}

}  // namespace

uint64_t ContentOf(const v1::InstanceSpec& spec) {
  Hash hash;
  hash.Add(spec.locality().zone());
  for (const v1::Endpoint& endpoint : spec.endpoints()) {
    hash.Add(endpoint.name());
    hash.Add(endpoint.address());
    hash.Add(endpoint.port());
  }
  return hash.value() + SumOf(spec.metadata());
}

uint64_t ContentOf(const Instance& instance) {
  Hash hash;
  hash.Add(instance.locality.zone);
  for (const Endpoint& endpoint : instance.endpoints) {
    hash.Add(endpoint.name);
    hash.Add(endpoint.address);
    hash.Add(uint32_t{endpoint.port});
  }
  return hash.value() + SumOf(instance.metadata);
}

}  // namespace rollcall::sim
