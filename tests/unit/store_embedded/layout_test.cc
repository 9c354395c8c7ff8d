#include "server/store/embedded/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace rollcall::store::layout {
namespace {

using ::testing::ElementsAre;

TEST(LayoutTest, WhatIsEncodedDecodes) {
  const absl::Time time = absl::FromUnixNanos(1'704'067'200'123'456'789);
  EXPECT_EQ(DecodeNumber(EncodeNumber(uint64_t{1} << 63)).value(), uint64_t{1} << 63);

  const StandingRecord record = DecodeRecord(EncodeRecord(Revision(9), "value")).value();
  EXPECT_EQ(record.revision, Revision(9));
  EXPECT_EQ(record.value, "value");

  const Version version =
      DecodeVersion(VersionKey("i/a", Revision(256)), EncodeVersion("v")).value();
  EXPECT_EQ(version.key, "i/a");
  EXPECT_EQ(version.revision, Revision(256));
  EXPECT_EQ(version.value, "v");
  EXPECT_EQ(DecodeVersion(VersionKey("k", Revision(1)), EncodeVersion(std::nullopt)).value().value,
            std::nullopt);
  EXPECT_EQ(DecodeVersion(VersionKey("k", Revision(1)), EncodeVersion("")).value().value, "");

  const RevisionEntry entry = DecodeRevision(EncodeRevision({time, 77, {"a", "b"}})).value();
  EXPECT_EQ(entry.time, time);
  EXPECT_EQ(entry.total_bytes, 77u);
  EXPECT_THAT(entry.keys, ElementsAre("a", "b"));

  const Floor floor = DecodeFloor(EncodeFloor({{Revision(5), time}, 33})).value();
  EXPECT_EQ(floor.at.revision, Revision(5));
  EXPECT_EQ(floor.at.time, time);
  EXPECT_EQ(floor.total_bytes, 33u);
}

TEST(LayoutTest, KeysSortAsTheirRecordsAndRevisionsDo) {
  EXPECT_LT(VersionKey("a", Revision(255)), VersionKey("a", Revision(256)));
  EXPECT_LT(VersionKey("a", Revision(~uint64_t{0})), VersionKey("a-b", Revision(1)));
  EXPECT_LT(RevisionKey(Revision(255)), RevisionKey(Revision(256)));
}

TEST(LayoutTest, ARangeOfVersionsHoldsThemAndNothingElse) {
  const auto holds = [](const ScanRange& range, const std::string& key) {
    return key >= range.from && (range.to.empty() || key < range.to);
  };
  EXPECT_TRUE(holds(VersionsOf("a"), VersionKey("a", Revision(~uint64_t{0}))));
  EXPECT_FALSE(holds(VersionsOf("a"), VersionKey("a-b", Revision(1))));
  EXPECT_TRUE(holds(VersionsBefore("a", Revision(5)), VersionKey("a", Revision(4))));
  EXPECT_FALSE(holds(VersionsBefore("a", Revision(5)), VersionKey("a", Revision(5))));
  EXPECT_TRUE(holds(Under("i/"), VersionKey("i/zzz", Revision(5))));
  EXPECT_FALSE(holds(Under("i/"), VersionKey("j/a", Revision(5))));
  EXPECT_TRUE(holds(Under("\xff"), VersionKey("\xff\xff", Revision(5))));
}

TEST(LayoutTest, BytesThatNoEncoderMadeAreDataLoss) {
  EXPECT_EQ(DecodeNumber("1234567").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(DecodeRecord("1234567").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(DecodeVersion("short", "\1v").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(DecodeVersion(VersionKey("k", Revision(1)), "").status().code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(DecodeVersion(VersionKey("k", Revision(1)), "\7v").status().code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(DecodeRevision("12345678").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(DecodeRevision("1234567812345678key without an end").status().code(),
            absl::StatusCode::kDataLoss);
  for (const char* version : {"", "\x9e", "\x02v"}) {
    EXPECT_EQ(DecodeVersion(VersionKey("k", Revision(1)), version).status().code(),
              absl::StatusCode::kDataLoss);
  }
  EXPECT_EQ(DecodeFloor("").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(DecodeFloor(EncodeFloor({}) + "more").status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace rollcall::store::layout
