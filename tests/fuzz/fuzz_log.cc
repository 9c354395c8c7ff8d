// RocksDB's logs, as they are checked before it reads them: any bytes, and logs that were written
// well and then cut or damaged.
#include <bit>
#include <string>

#include "client-sdk/base/crc32c.h"
#include "server/store/embedded/log_check.h"
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/properties.h"

namespace rollcall::fuzz {
namespace {

constexpr size_t kBlock = 32 << 10;
constexpr size_t kHead = 7;

std::string Number(uint32_t number, size_t bytes) {
  std::string text;
  for (size_t i = 0; i < bytes; ++i) text += static_cast<char>(number >> (8 * i));
  return text;
}

void AppendFragment(std::string& log, char kind, const std::string& payload) {
  const uint32_t crc = base::Crc32c(kind + payload);
  log += Number(std::rotr(crc, 15) + 0xa282ead8u, 4);
  log += Number(static_cast<uint32_t>(payload.size()), 2) + kind + payload;
}

// As RocksDB writes it.
void AppendRecord(std::string& log, std::string payload) {
  for (bool first = true;; first = false) {
    if (kBlock - log.size() % kBlock < kHead) log.resize((log.size() / kBlock + 1) * kBlock);
    const size_t room = kBlock - log.size() % kBlock - kHead;
    const bool last = payload.size() <= room;
    const char kind = static_cast<char>(first ? (last ? 1 : 2) : (last ? 4 : 3));
    AppendFragment(log, kind, payload.substr(0, room));
    if (last) return;
    payload.erase(0, room);
  }
}

void CheckAny(const std::string& log, size_t together) {
  const absl::StatusOr<size_t> whole = store::CheckLog(log, together);
  if (!whole.ok()) return ExpectRefusal(whole.status(), absl::StatusCode::kDataLoss);
  Expect(*whole <= log.size(), "what is whole is in the log");
  const absl::StatusOr<size_t> again = store::CheckLog(log.substr(0, *whole), together);
  Expect(again.ok() && *again == *whole, "cut to what is whole, it is whole");
}

void CheckWritten(Bytes bytes) {
  const uint8_t how = bytes.Byte();
  const size_t place = bytes.Number(2);
  std::string log;
  size_t before_last = 0;
  do {
    before_last = log.size();
    const size_t times = bytes.Byte() % 8 == 0 ? 3000 : 1;
    std::string payload;
    const std::string part = bytes.Part();
    for (size_t i = 0; i < times; ++i) payload += part;
    AppendRecord(log, payload + 'e');
  } while (!bytes.empty() && log.size() < 4 * kBlock);
  const absl::StatusOr<size_t> whole = store::CheckLog(log);
  Expect(whole.ok() && *whole == log.size(), "what was written is whole");
  const size_t at = place % log.size();
  if (how % 2 == 0) {
    const absl::StatusOr<size_t> cut = store::CheckLog(log.substr(0, at));
    // One torn record in 16 000 is one bit away from a whole one.
    if (cut.ok())
      Expect(*cut <= at && (at < before_last || *cut >= before_last), "cut, it is torn");
    return;
  }
  log[at] = static_cast<char>(log[at] ^ (1 << how / 2 % 8));
  // Empty room at the end of a block is nobody's.
  const absl::StatusOr<size_t> flipped = store::CheckLog(log);
  Expect(!flipped.ok() || *flipped == log.size(), "a turned bit is seen, or nobody's");
}

}  // namespace

FUZZ_TARGET(log) {
  Bytes bytes(input);
  const uint8_t kind = bytes.Byte();
  if (kind % 4 != 0) return CheckWritten(bytes);
  CheckAny(bytes.Rest(), 1 + kind / 4 % 2);
}

}  // namespace rollcall::fuzz
