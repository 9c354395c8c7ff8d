#include "tests/sim/runner/under_way.h"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <initializer_list>

namespace rollcall::sim {
namespace {

// Read by a signal's handler: no more than write() may be called there.
char line[160];

void Tell(int signal) {
  if (line[0] != '\0') (void)!::write(STDERR_FILENO, line, std::strlen(line));
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

}  // namespace

UnderWay::UnderWay(uint64_t seed, const std::string& profile) {
  static const bool installed = [] {
    for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) std::signal(signal, Tell);
    return true;
  }();
  (void)installed;
  std::snprintf(
      line, sizeof line, "\nthe simulator stopped in seed %llu (%s): make sim SEED=%llu%s%s\n",
      static_cast<unsigned long long>(seed), profile.c_str(), static_cast<unsigned long long>(seed),
      profile == "small" ? "" : " PROFILE=", profile == "small" ? "" : profile.c_str());
}

UnderWay::~UnderWay() { line[0] = '\0'; }

}  // namespace rollcall::sim
