#include "tests/sim/faults/verb.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "client-sdk/base/check.h"
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

std::string Draw::Node() const { return absl::StrCat("node-", 1 + random.Below(nodes)); }
std::string Draw::Zone() const { return absl::StrCat("z", random.Below(zones)); }

Words Draw::For(absl::Duration least, absl::Duration most) const {
  return {"for", absl::StrFormat("%.3f", absl::ToDoubleSeconds(random.Between(least, most)))};
}

Words Draw::NodeFor(absl::Duration least, absl::Duration most) const {
  Words words = For(least, most);
  words.insert(words.begin(), Node());
  return words;
}

const Verb* FindVerb(absl::string_view name) {
  for (const Verb* verb : AllVerbs()) {
    if (name == verb->name) return verb;
  }
  return nullptr;
}

SimClusterNode& NodeOf(World& world, const std::string& word) {
  SimClusterNode* const node = world.Node(word);
  ROLLCALL_CHECK(node != nullptr, word.c_str());
  return *node;
}

absl::Duration DurationOf(const Words& words) {
  const auto at = std::find(words.begin(), words.end(), "for");
  double seconds = 0;
  ROLLCALL_CHECK(at != words.end() && at + 1 != words.end() && absl::SimpleAtod(at[1], &seconds),
                 "a fault goes on \"for SECONDS\"");
  return absl::Milliseconds(std::lround(seconds * 1000));
}

void AtNode(World& world, const Words& words, const std::string& name,
            void (*begin)(SimClusterNode& node), std::function<void(SimClusterNode& node)> end) {
  SimClusterNode& node = NodeOf(world, words[0]);
  const absl::Duration duration = DurationOf(words);
  world.TroubleFor(duration + kAftermathOfANode);
  begin(node);
  world.After(duration, [&world, &node, name, end = std::move(end)] {
    world.Say(node.id() + ": " + name + " is over");
    end(node);
  });
}

OperatorCommand CommandFor(const std::string& instance) {
  OperatorCommand command;
  const size_t slash = instance.find('/');
  command.service = instance.substr(0, slash);
  command.id = instance.substr(slash + 1);
  return command;
}

std::string ValueOf(const Words& words, absl::string_view name, std::string otherwise) {
  for (const std::string& word : words) {
    absl::string_view value = word;
    if (absl::ConsumePrefix(&value, name) && absl::ConsumePrefix(&value, "=")) {
      return std::string(value);
    }
  }
  return otherwise;
}

int NumberOf(const Words& words, absl::string_view name, int otherwise) {
  int number = otherwise;
  const std::string value = ValueOf(words, name, absl::StrCat(otherwise));
  ROLLCALL_CHECK(absl::SimpleAtoi(value, &number), "a number");
  return number;
}

}  // namespace rollcall::sim
