// A full disk refuses writes, loses nothing, and hurts nobody who only reads or beats.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <iostream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/support/registry.h"
#include "tests/integration/support/session.h"
#include "tests/integration/support/watch.h"

namespace rollcall::integration {
namespace {

constexpr uint64_t kMiB = 1 << 20;
constexpr uint64_t kReserve = 64 * kMiB;
// So little that it is below the reserve even when the store gives up what it holds itself.
constexpr uint64_t kLeft = 8 * kMiB;

uint64_t FreeBytes(const std::string& path) {
  struct statvfs info = {};
  if (statvfs(path.c_str(), &info) != 0) Fail("statvfs failed");
  return static_cast<uint64_t>(info.f_bavail) * info.f_frsize;
}

// A small file system in memory, seen by this process and its children only, so that nothing is
// left behind. Where mounting is not permitted: the machine's disk with a reserve so large that
// little is left above it.
class SmallDisk {
 public:
  SmallDisk() {
    const bool mounted = unshare(CLONE_NEWNS) == 0 &&
                         mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                         mount("none", dir_.path().c_str(), "tmpfs", 0, "size=256m") == 0;
    mounted_ = mounted;
    reserve_ = mounted ? kReserve : FreeBytes(dir_.path()) - 200 * kMiB;
    if (!mounted) std::cout << "cannot mount here: using a large --disk-reserve instead\n";
  }
  ~SmallDisk() {
    if (mounted_) umount2(dir_.path().c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  std::string data() const { return dir_.File("data"); }
  Flags flags() const { return {"--disk-reserve", absl::StrCat(reserve_)}; }
  void Fill() {
    const uint64_t free = FreeBytes(dir_.path());
    const uint64_t size = free - std::min(free, reserve_ - kReserve + kLeft);
    const int fd = open(filler().c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    const int failed = posix_fallocate(fd, 0, static_cast<off_t>(size));
    close(fd);
    if (failed != 0) Fail("cannot fill the disk");
  }
  void Clear() { unlink(filler().c_str()); }

 private:
  std::string filler() const { return dir_.File("filler"); }

  TempDir dir_;
  bool mounted_ = false;
  uint64_t reserve_ = 0;
};

TEST(DiskFullTest, WritesAreRefusedAllElseGoesOnAndNothingIsLost) {
  SmallDisk disk;
  Registry registry(disk.flags(), disk.data());
  RawClient client(registry);
  Session session(client, Registration({Spec("user", "u1")}, absl::Minutes(5)));
  Watch watch(client, "user");

  disk.Fill();
  const grpc::Status refused =
      client.TryRegister(Registration({Spec("user", "u2")}, absl::Minutes(5)));
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(refused.error_message(), ::testing::HasSubstr("disk"));
  const Outcome status = registry.Cli({"status"});
  EXPECT_EQ(status.exit_code, 1);
  EXPECT_THAT(status.out, ::testing::HasSubstr("refused: the disk of data directory"));
  EXPECT_EQ(client.Instances("user").instances_size(), 1);
  session.Beat();
  Watch another(client, "user");
  EXPECT_EQ(another.StandingOf("u1"), v1::STANDING_PASSING);
  EXPECT_TRUE(registry.process().running());

  disk.Clear();
  client.Register(Registration({Spec("user", "u3")}, absl::Minutes(5)));
  watch.UntilStanding("u3", v1::STANDING_PASSING);
  EXPECT_EQ(registry.Cli({"status"}).exit_code, 0);
}

TEST(DiskFullTest, OneThatDiedMeanwhileGoesWhenThereIsRoomAgain) {
  SmallDisk disk;
  Registry registry(disk.flags(), disk.data());
  RawClient client(registry);
  constexpr absl::Duration kTtl = absl::Seconds(3);
  Watch watch(client, "user");
  Session other(client, Registration({Spec("user", "u2")}, absl::Minutes(5)));
  Session session(client, Registration({Spec("user", "u1")}, kTtl));
  disk.Fill();
  session.Break();
  // Twice its TTL: the registry may try, and must not lose its head over it.
  EXPECT_EQ(registry.process().Wait(2 * kTtl), std::nullopt);
  EXPECT_EQ(client.StandingOf("user", "u2"), v1::STANDING_PASSING);
  other.Beat();
  disk.Clear();
  EXPECT_EQ(watch.UntilRemoved("u1"), v1::CAUSE_EXPIRED);
  EXPECT_EQ(client.StandingOf("user", "u2"), v1::STANDING_PASSING);
  EXPECT_LT(registry.process().err().size(), 20000u) << registry.process().err().substr(0, 4000);
}

TEST(DiskFullTest, ARegistryStartsOnAFullDiskWithAllThatItAcknowledged) {
  SmallDisk disk;
  Registry registry(disk.flags(), disk.data());
  {
    RawClient client(registry);
    for (int i = 0; i < 20; ++i) {
      client.Register(Registration({Spec("user", absl::StrCat("u", i))}, absl::Minutes(5)));
    }
    disk.Fill();
    client.TryRegister(Registration({Spec("user", "late")}, absl::Minutes(5)));
  }
  registry.Restart();
  RawClient client(registry);
  EXPECT_EQ(client.Instances("user").instances_size(), 20);
  EXPECT_EQ(client.TryRegister(Registration({Spec("user", "late")}, absl::Minutes(5))).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  disk.Clear();
  client.Register(Registration({Spec("user", "late")}, absl::Minutes(5)));
  EXPECT_EQ(client.Instances("user").instances_size(), 21);
}

}  // namespace
}  // namespace rollcall::integration
