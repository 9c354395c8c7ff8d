// watch SERVICE [SECONDS]: prints the service's instances whenever they change.
//
// Shows: subscriptions, views from disk, age.
#include <rollcall/client.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <utility>

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: watch SERVICE [SECONDS]\n");
    return 2;
  }
  sigset_t interrupt;  // Blocked before any thread is made, so that only we see it.
  sigemptyset(&interrupt);
  sigaddset(&interrupt, SIGINT);
  pthread_sigmask(SIG_BLOCK, &interrupt, nullptr);

  rollcall::ClientOptions options;
  if (const char* server = std::getenv("ROLLCALL_SERVER")) options.servers = {server};
  if (const char* cache = std::getenv("ROLLCALL_CACHE")) options.cache_directory = cache;
  auto client = rollcall::Client::Create(options);
  if (!client.ok()) {
    std::fprintf(stderr, "%s\n", client.status().ToString().c_str());
    return 2;
  }

  rollcall::WatchOptions watch;
  watch.on_change = [](const rollcall::ViewPtr& view) {
    std::printf("%s: %zu to call, revision %llu%s\n", view->service().c_str(),
                view->serving().size(), static_cast<unsigned long long>(view->revision()),
                view->verified() ? "" : " (last good view, not verified)");
    for (const rollcall::InstancePtr& instance : view->instances()) {
      std::printf("  %s %s %s weight %u\n", instance->id.c_str(), instance->Target().c_str(),
                  rollcall::StandingName(instance->standing), instance->weight);
    }
    std::fflush(stdout);
  };
  auto subscription = (*client)->Watch(argv[1], std::move(watch));
  if (!subscription.ok()) {
    std::fprintf(stderr, "%s\n", subscription.status().ToString().c_str());
    return 2;
  }
  const timespec limit = {.tv_sec = argc > 2 ? std::atoi(argv[2]) : 1'000'000'000};
  // A stop and continue (SIGSTOP, SIGCONT) interrupts the wait too.
  while (sigtimedwait(&interrupt, nullptr, &limit) < 0 && errno == EINTR) {
  }
  return subscription->view()->instances().empty() ? 1 : 0;
}
