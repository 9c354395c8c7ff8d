// Verb: one thing that a plan can do to a world: a fault, or what its people do. One per file.
//
// A fault ends by itself: how long it goes on is part of the line, so that each line can be left
// out of a plan.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "client-sdk/base/random.h"
#include "tests/sim/world/world.h"

namespace rollcall::sim {

using Words = std::vector<std::string>;

// What words can be drawn from.
struct Draw {
  base::Random& random;
  int nodes;
  std::vector<std::string> instances;  // "web/3"
  int zones;

  std::string Node() const;
  std::string Instance() const { return instances[random.Below(instances.size())]; }
  std::string Zone() const;
  // "for", "4.512"
  Words For(absl::Duration least, absl::Duration most) const;
  // "node-2", "for", "4.512"
  Words NodeFor(absl::Duration least, absl::Duration most) const;
};

struct Verb {
  // kAdded and kNewer: drawn beside the others, by some seeds only, so that those that failed once
  // go on meaning what they meant.
  enum class Kind { kFault, kWork, kAdded, kNewer, kByHand };

  const char* name;
  // The words after the name, for people.
  const char* usage;
  Kind kind;
  // How often it is drawn, beside the others of its kind.
  int share;
  Words (*draw)(const Draw& draw);
  void (*apply)(World& world, const Words& words);
};

const std::vector<const Verb*>& AllVerbs();
// nullptr: there is none.
const Verb* FindVerb(absl::string_view name);

// -- For verbs. What a plan says wrongly stops the process.

SimClusterNode& NodeOf(World& world, const std::string& word);
// From "for 4.512" at the end of `words`.
absl::Duration DurationOf(const Words& words);
// A fault of one node, by words of Draw::NodeFor: begins now, and ends when its time is over, which
// is said. Noted as trouble until its aftermath is over.
void AtNode(World& world, const Words& words, const std::string& name,
            void (*begin)(SimClusterNode& node), std::function<void(SimClusterNode& node)> end);
// What an operator decides of an instance, "web/3".
OperatorCommand CommandFor(const std::string& instance);
// "zones=2" among `words`; `otherwise` if it is not there.
int NumberOf(const Words& words, absl::string_view name, int otherwise);
std::string ValueOf(const Words& words, absl::string_view name, std::string otherwise);

}  // namespace rollcall::sim
