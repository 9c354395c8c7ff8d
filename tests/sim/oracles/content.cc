#include "tests/sim/oracles/content.h"

#include <map>
#include <string>

#include "absl/strings/str_cat.h"

namespace rollcall::sim {
namespace {

// FNV-1a: the same in every run.
uint64_t HashOf(const std::string& text) {
  uint64_t hash = 0xcbf2'9ce4'8422'2325u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100'0000'01b3u;
  return hash;
}

template <typename Endpoints, typename Place, typename Metadata>
uint64_t Hash(const std::string& zone, const Endpoints& endpoints, Place place,
              const Metadata& metadata) {
  std::string text = zone;
  for (const auto& endpoint : endpoints) absl::StrAppend(&text, "\n", place(endpoint));
  for (const auto& [key, value] :
       std::map<std::string, std::string>(metadata.begin(), metadata.end())) {
    absl::StrAppend(&text, "\n", key, "=", value);
  }
  return HashOf(text);
}

}  // namespace

uint64_t ContentOf(const v1::InstanceSpec& spec) {
  return Hash(
      spec.locality().zone(), spec.endpoints(),
      [](const v1::Endpoint& e) { return absl::StrCat(e.name(), " ", e.address(), " ", e.port()); },
      spec.metadata());
}

uint64_t ContentOf(const Instance& instance) {
  return Hash(
      instance.locality.zone, instance.endpoints,
      [](const Endpoint& e) { return absl::StrCat(e.name, " ", e.address, " ", e.port); },
      instance.metadata);
}

}  // namespace rollcall::sim
