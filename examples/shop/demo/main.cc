// shop_demo: the whole shop with its registry, what goes wrong in a life, and what is seen of it.
// Exit status: 0 only if every claim holds.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <thread>

#include "CLI/CLI.hpp"
#include "examples/shop/common/stop_signals.h"
#include "examples/shop/demo/cluster.h"
#include "examples/shop/demo/cluster_story.h"
#include "examples/shop/demo/plan.h"
#include "examples/shop/demo/story.h"

namespace shop::demo {
namespace {

std::string MakeDirectory() {
  std::string path = (std::filesystem::temp_directory_path() / "rollcall-shop-XXXXXX").string();
  return mkdtemp(path.data()) == nullptr ? "" : path;
}

// On Ctrl-C: leaves nothing behind. The kernel ends our children with us.
void ExitWhenAsked(const StopSignals& stop, const std::string& directory) {
  std::thread([stop, directory] {
    stop.Wait();
    std::error_code ignored;
    std::filesystem::remove_all(directory, ignored);
    std::cerr << "\nstopped\n";
    _exit(130);
  }).detach();
}

struct Flags {
  std::string programs = "build/bin";
  std::string etcd = "/usr/bin/etcd";
  bool cluster = false;
};

absl::Status Tell(const Flags& flags, const std::string& directory, Screen& screen,
                  Claims& claims) {
  Cluster cluster(flags.programs, flags.etcd, directory);
  Shop shop(flags.programs, directory, kTtl);
  if (flags.cluster) return ClusterStory(cluster, shop, screen, claims).Tell();
  return Story(shop, screen, claims).Tell();
}

bool TellStory(const Flags& flags, const std::string& directory) {
  Screen screen;
  Claims claims;
  const Moment start = Now();
  const absl::Status told = Tell(flags, directory, screen, claims);
  screen.Chapter("What was seen");
  claims.Print(screen);
  if (!told.ok()) screen.Say(screen.Bad(absl::StrCat("\nThe story broke off: ", told.ToString())));
  const bool good = told.ok() && claims.all_hold();
  screen.Say(absl::StrCat("\n", good ? screen.Good("Every claim holds.") : screen.Bad("Failed."),
                          screen.Dim(absl::StrCat("  ", Text(Between(start, Now()))))));
  return good;
}

int Run(const Flags& flags) {
  const StopSignals stop;
  const std::string directory = MakeDirectory();
  if (directory.empty()) {
    std::cerr << "cannot make a directory for the demo's files\n";
    return 1;
  }
  ExitWhenAsked(stop, directory);
  if (!TellStory(flags, directory)) {
    std::cerr << "The processes' output is in " << directory << "\n";
    return 1;
  }
  std::filesystem::remove_all(directory);
  return 0;
}

}  // namespace
}  // namespace shop::demo

int main(int argc, char** argv) {
  shop::demo::Flags flags;
  CLI::App app("The shop: services that register, die, freeze and come back, and no failed call");
  app.add_option("--programs", flags.programs,
                 "Where rollcalld, rollcall and the shop's programs are")
      ->check(CLI::ExistingDirectory)
      ->capture_default_str();
  app.add_flag("--cluster", flags.cluster,
               "On three nodes over three etcd members, which are killed in turn");
  app.add_option("--etcd", flags.etcd, "The etcd program")
      ->check(CLI::ExistingFile)
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return shop::demo::Run(flags);
}
