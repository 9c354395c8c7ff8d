// Next: the function that a symbol would be if this program did not define it.
#pragma once

#include <dlfcn.h>

#include "client-sdk/base/check.h"

namespace rollcall::tsan {

template <typename Function>
Function* Next(const char* symbol) {
  void* const found = dlsym(RTLD_NEXT, symbol);
  ROLLCALL_CHECK(found != nullptr, symbol);
  return reinterpret_cast<Function*>(found);
}

}  // namespace rollcall::tsan
