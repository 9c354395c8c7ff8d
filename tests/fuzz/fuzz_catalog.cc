// The catalog over any records in any order: it takes them or refuses them, and what it holds in
// the end is what a catalog holds that loads the records that stand.
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "server/catalog/catalog.h"
#include "server/catalog/instance_encoder.h"
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/pool.h"

namespace rollcall::fuzz {
namespace {

using catalog::Catalog;
using catalog::InstanceEncoder;
using catalog::InstanceView;
using catalog::ServiceSnapshot;
using catalog::ViewTable;

struct Standing {
  Revision revision;
  std::string value;
};

void CheckSame(const InstanceView& one, const InstanceView& other) {
  Expect(one.id() == other.id() && one.revision() == other.revision(), "the same at the same time");
  Expect(one.removed() == other.removed(), "there or gone alike");
  InstanceEncoder encoder;
  const std::string told = encoder.Encode(one);
  Expect(told == encoder.Encode(other), "told in the same bytes");
  v1::Instance parsed;
  Expect(parsed.ParseFromString(told), "which can be read");
  Expect(parsed.SerializeAsString() == one.Told().SerializeAsString(), "and say what is told");
}

void CheckSame(const ServiceSnapshot* one, const ServiceSnapshot* other) {
  Expect((one == nullptr) == (other == nullptr), "a service is there in both or in none");
  if (one == nullptr) return;
  Expect(one->counts == other->counts, "as many of each standing");
  Expect(one->by_revision.size() == other->by_revision.size(), "as many instances");
  for (size_t i = 0; i < one->by_revision.size(); ++i) {
    CheckSame(*one->by_revision[i], *other->by_revision[i]);
  }
}

class Registry {
 public:
  void Change(Bytes& bytes) {
    const std::string key = KeyIn(bytes.Byte());
    if (bytes.Byte() % 8 == 0) return Purge(key);
    std::string value = ValueIn(key, bytes);
    const absl::Status status = catalog_.Apply(key, Now(), value);
    written_[key] = Now();
    if (!status.ok()) return ExpectRefusal(status, absl::StatusCode::kDataLoss);
    standing_[key] = {Now(), std::move(value)};
  }
  void Publish() {
    static_cast<void>(catalog_.Publish(Now()));
    ++revision_;
  }
  // Loaded in key order: instances come before what they derive from.
  void CompareWithLoaded() const {
    ViewTable views{StoreId("store")};
    Catalog loaded{views};
    for (const auto& [key, record] : standing_) {
      Expect(loaded.Load(key, record.revision, record.value).ok(), "what stands can be loaded");
    }
    static_cast<void>(loaded.PublishLoaded(catalog_.applied()));
    for (const char* service : {"web", "web-2"}) {
      const ServiceName name{"ns", service};
      CheckSame(views_.Find(name).get(), views.Find(name).get());
    }
    Expect(loaded.instance_count() == catalog_.instance_count(), "as many instances");
    Expect(loaded.session_count() == catalog_.session_count(), "as many sessions");
    std::map<std::string, Revision> kept;
    catalog_.ForEachKey([&](const std::string& key, Revision revision) { kept[key] = revision; });
    Expect(kept == written_, "each record at the revision that wrote it, read or not");
  }

 private:
  Revision Now() const { return Revision(revision_); }
  void Purge(const std::string& key) {
    const absl::Status status = catalog_.Apply(key, Now(), std::nullopt);
    if (key == kHorizonKey) return ExpectRefusal(status, absl::StatusCode::kDataLoss);
    Expect(status.ok(), "a purge is taken");
    standing_.erase(key);
    written_.erase(key);
  }

  uint64_t revision_ = 1;
  std::map<std::string, Standing> standing_;
  std::map<std::string, Revision> written_;
  ViewTable views_{StoreId("store")};
  Catalog catalog_{views_};
};

}  // namespace

FUZZ_TARGET(catalog) {
  Bytes bytes(input.substr(0, 1024));
  Registry registry;
  while (!bytes.empty()) {
    registry.Change(bytes);
    if (bytes.Byte() % 4 != 0) registry.Publish();
  }
  registry.Publish();
  registry.CompareWithLoaded();
}

}  // namespace rollcall::fuzz
