// Somebody writes a record that nobody can read, past all validation.
#include "absl/strings/str_cat.h"
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kUnreadable = {"unreadable",
                          "KEY",
                          Verb::Kind::kByHand,
                          0,
                          [](const Draw& draw) -> Words {
                            (void)draw;
                            return {};
                          },
                          [](World& world, const Words& words) {
                            world.etcd().Put(absl::StrCat("/rollcall/", words[0]), "\xff\xff");
                          }};

}  // namespace rollcall::sim
