// ROLLCALL_EXPORT: marks what the shared library shows; all else in it is hidden.
#pragma once

#define ROLLCALL_EXPORT __attribute__((visibility("default")))
