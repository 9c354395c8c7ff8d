// What etcd tells on a watch, put together to whole revisions.
#include <cstdint>
#include <limits>
#include <string>
#include <variant>

#include "server/store/etcd/change_assembler.h"
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/properties.h"

namespace rollcall::fuzz {
namespace {

namespace pb = etcdserverpb;
using etcd::ChangeAssembler;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

// A response of few bytes, so that responses concern one another.
pb::WatchResponse Small(Bytes& bytes) {
  pb::WatchResponse response;
  const uint8_t flags = bytes.Byte();
  response.set_watch_id((flags & 1) != 0 ? 8 : 7);
  response.set_created((flags & 2) != 0);
  response.set_fragment((flags & 4) != 0);
  response.mutable_header()->set_revision(bytes.Byte());
  for (int i = flags >> 5; i > 0; --i) {
    pb::Event& event = *response.add_events();
    event.set_type((flags & 8) != 0 ? pb::Event::DELETE : pb::Event::PUT);
    event.mutable_kv()->set_mod_revision(bytes.Byte());
    event.mutable_kv()->set_key("/p/i/ns/svc/" + std::string(1, static_cast<char>(bytes.Byte())));
    event.mutable_kv()->set_value(bytes.Part());
  }
  return response;
}

pb::WatchResponse Next(Bytes& bytes) {
  if (bytes.Byte() % 4 != 0) return Small(bytes);
  pb::WatchResponse response;
  if (!response.ParseFromString(bytes.Part())) response.Clear();
  return response;
}

// What was given out so far.
struct Told {
  Revision revision{5};
  absl::Time at = kNow - absl::Hours(1);

  void Add(const store::ChangeSet& change) {
    Expect(change.revision > revision, "revisions are given out once and in order");
    Expect(change.revision.value() <= std::numeric_limits<int64_t>::max(), "and are etcd's");
    Expect(change.time >= at && change.time <= kNow, "history runs forward, and not ahead");
    for (size_t i = 1; i < change.entries.size(); ++i) {
      Expect(change.entries[i - 1].key <= change.entries[i].key, "entries are in key order");
    }
    revision = change.revision;
    at = change.time;
  }
};

}  // namespace

FUZZ_TARGET(etcd_watch) {
  Bytes bytes(input);
  const etcd::KeyPrefix prefix("/p/");
  Told told;
  ChangeAssembler assembler(prefix, told.revision, told.at);
  while (!bytes.empty()) {
    ChangeAssembler::Taken taken = assembler.Take(Next(bytes), kNow);
    if (const auto* broken = std::get_if<ChangeAssembler::Broken>(&taken)) {
      return Expect(!broken->why.ok() && !broken->why.message().empty(),
                    "a watch breaks for a reason");
    }
    if (std::holds_alternative<ChangeAssembler::Compacted>(taken)) return;
    const auto& changes = std::get<ChangeAssembler::Changes>(taken);
    Expect(changes.empty() || assembler.created(), "nothing is told before the watch stands");
    for (const store::ChangeSet& change : changes) told.Add(change);
    Expect(assembler.told() == told.revision && assembler.told_at() == told.at, "told is what was");
  }
}

}  // namespace rollcall::fuzz
