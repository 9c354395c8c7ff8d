// ROLLCALL_CHECK: stops the process when an invariant of our own is broken. Never for input.
#pragma once

#include <cstdio>
#include <cstdlib>

#define ROLLCALL_CHECK(condition, message)                                                    \
  do {                                                                                        \
    if (!(condition)) {                                                                       \
      std::fprintf(stderr, "%s:%d: broken invariant: %s (%s)\n", __FILE__, __LINE__, message, \
                   #condition);                                                               \
      std::abort();                                                                           \
    }                                                                                         \
  } while (false)
