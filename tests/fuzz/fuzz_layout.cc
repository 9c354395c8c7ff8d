// What the embedded store reads from its tables: accepted is only what an encoder writes.
#include <string>

#include "server/store/embedded/layout.h"
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/properties.h"

namespace rollcall::fuzz {
namespace {

namespace layout = store::layout;

template <typename T, typename Encode>
void Check(const absl::StatusOr<T>& decoded, const std::string& bytes, Encode encode) {
  if (!decoded.ok()) return ExpectRefusal(decoded.status(), absl::StatusCode::kDataLoss);
  Expect(encode(*decoded) == bytes, "decoded are only bytes that an encoder makes");
}

void CheckVersion(Bytes bytes) {
  const std::string key = bytes.Part();
  const std::string value = bytes.Rest();
  const auto version = layout::DecodeVersion(key, value);
  Check(version, value, [](const store::Version& v) { return layout::EncodeVersion(v.value); });
  Check(version, version.ok() ? key : "",
        [](const store::Version& v) { return layout::VersionKey(v.key, v.revision); });
  const store::ScanRange range = layout::Under(key);
  Expect(range.to.empty() || range.from < range.to, "a range runs forward");
  Expect(range.to.empty() || key + "\xff\xff" < range.to, "and holds all that begins so");
}

}  // namespace

FUZZ_TARGET(layout) {
  Bytes bytes(input);
  const uint8_t kind = bytes.Byte() % 6;
  if (kind == 5) return CheckVersion(bytes);
  const std::string rest = bytes.Rest();
  switch (kind) {
    case 0:
      return Check(layout::DecodeNumber(rest), rest, layout::EncodeNumber);
    case 1:
      return Check(layout::DecodeRecord(rest), rest, [](const layout::StandingRecord& record) {
        return layout::EncodeRecord(record.revision, record.value);
      });
    case 2:
      return Check(layout::DecodeRevisionKey(rest), rest, layout::RevisionKey);
    case 3:
      return Check(layout::DecodeRevision(rest), rest, layout::EncodeRevision);
    default:
      return Check(layout::DecodeFloor(rest), rest, layout::EncodeFloor);
  }
}

}  // namespace rollcall::fuzz
