// MUTANT(name): a mistake that somebody could make here, made on purpose.
//
// In every build but the one with ROLLCALL_MUTANTS it is the constant false, and nothing of it is
// left. In that build it is true once the simulator has made that mutant, by its name, the one of
// this run: `make mutants` proves that each is found. tests/sim/mutants.txt lists them;
// docs/testing.md says how to add one.
#pragma once

#ifdef ROLLCALL_MUTANTS

#include "absl/strings/string_view.h"

namespace rollcall::base {

// The mutant of this process; empty: none. One thread only.
inline absl::string_view active_mutant;

}  // namespace rollcall::base

#define MUTANT(name) (::rollcall::base::active_mutant == #name)

#else

#define MUTANT(name) false

#endif
