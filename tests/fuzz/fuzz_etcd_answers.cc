// etcd's answers to transactions and reads, whatever they hold: outcomes, pages, versions, hashes,
// and which store it is.
#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "server/store/etcd/contact.h"
#include "server/store/etcd/outcomes.h"
#include "server/store/etcd/pager.h"
#include "server/store/etcd/store_hash.h"
#include "server/store/etcd/txn_builder.h"
#include "server/store/etcd/versions_walk.h"
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/etcd_script.h"
#include "tests/fuzz/properties.h"
#include "tests/support/fake_clock.h"
#include "tests/support/manual_executor.h"

namespace rollcall::fuzz {
namespace {

const etcd::KeyPrefix& Prefix() {
  static const etcd::KeyPrefix prefix("/p/");
  return prefix;
}

std::vector<store::Transaction> Members(Bytes& bytes) {
  std::vector<store::Transaction> members(bytes.Byte() % 4);
  for (store::Transaction& member : members) {
    for (int i = bytes.Byte() % 4; i > 0; --i) {
      member.guards.push_back({bytes.Part(), Revision(bytes.Byte())});
    }
    for (int i = bytes.Byte() % 4; i > 0; --i) member.puts.push_back({bytes.Part(), bytes.Part()});
    for (int i = bytes.Byte() % 4; i > 0; --i) member.deletes.push_back(bytes.Part());
  }
  return members;
}

void CheckFailed(const store::Transaction& member, const store::GuardFailed& failed) {
  bool own = false;
  for (const store::Guard& guard : member.guards) {
    own |= guard.key == failed.guard.key && guard.revision == failed.guard.revision;
  }
  Expect(own, "the guard that failed is one of its own");
  const Revision at = failed.current ? failed.current->revision : Revision(0);
  Expect(at != failed.guard.revision, "and does not stand");
}

void CheckOutcomes(Bytes& bytes) {
  const std::vector<store::Transaction> members = Members(bytes);
  pb::TxnResponse response;
  if (!response.ParseFromString(bytes.Rest())) return;
  static_cast<void>(etcd::WroteAnything(response));
  const auto outcomes = etcd::OutcomesOf(Prefix(), members, response);
  Expect(outcomes.size() == members.size(), "one outcome for each");
  for (size_t i = 0; i < members.size(); ++i) {
    if (const auto* failed = std::get_if<store::GuardFailed>(&outcomes[i])) {
      CheckFailed(members[i], *failed);
    }
    if (const auto* unknown = std::get_if<store::Unknown>(&outcomes[i])) {
      Expect(!unknown->why.ok(), "what is unknown has a reason");
    }
  }
}

void CheckSplit(Bytes& bytes) {
  const std::vector<store::Transaction> members = Members(bytes);
  const etcd::TxnLimits limits{2, 40, 5};
  std::vector<int> seen(members.size());
  for (const std::vector<size_t>& part : etcd::SplitGroup(members, limits)) {
    size_t size = 0, ops = 0;
    for (const size_t place : part) {
      ++seen.at(place);
      size += etcd::BytesOf(members[place]);
      ops = std::max(ops, etcd::OpsOf(members[place]));
    }
    Expect(part.size() <= limits.max_group, "a part is within the limits");
    Expect(part.size() == 1 || size <= limits.max_group_bytes, "of bytes");
    Expect(part.size() == 1 || part.size() + ops <= limits.max_txn_ops, "and of operations");
  }
  Expect(std::count(seen.begin(), seen.end(), 1) == static_cast<ptrdiff_t>(members.size()),
         "each transaction is sent once");
}

// The readers, over whatever etcd answers.
class Reading {
 public:
  explicit Reading(Bytes answers) : api_(answers) {}

  void Pages() {
    size_t pages = 0;
    etcd::Pager pager(calls_, executor_, Prefix(), {Prefix().Under("i/"), Prefix().Under("s/")},
                      Revision(0), {.page = 2}, [&](const std::vector<store::Record>& records) {
                        ++pages;
                        Expect(records.size() <= 2, "a part is small");
                        for (const auto& record : records) CheckTold(record);
                      });
    pager.Run([&](const absl::Status& status) {
      Expect(!std::exchange(answered_, true), "answered once");
      Expect(!status.ok() || pages > 0, "complete is at least a page");
    });
    Finish();
  }
  void Versions() {
    etcd::VersionsWalk::Start(calls_, Prefix(), "i/ns/svc/a", Revision(3), absl::Seconds(1),
                              [&](const absl::StatusOr<std::vector<store::Record>>& versions) {
                                Expect(!std::exchange(answered_, true), "answered once");
                                if (versions.ok()) CheckVersions(*versions);
                              });
    Finish();
  }
  void Hash() {
    etcd::StoreHash hash(api_, Prefix());
    hash.Read(Revision(9), [&](const absl::StatusOr<store::RecordsHash>& sum) {
      Expect(!std::exchange(answered_, true), "answered once");
      if (sum.ok()) Expect(sum->records > 0 || sum->hash == 0, "nothing has no hash");
    });
    Finish();
  }

 private:
  static void CheckTold(const store::Record& record) {
    Expect(record.revision.value() <= std::numeric_limits<int64_t>::max(), "a revision is etcd's");
  }
  static void CheckVersions(const std::vector<store::Record>& versions) {
    for (size_t i = 0; i < versions.size(); ++i) {
      Expect(versions[i].revision > Revision(3), "a version is newer than was asked");
      Expect(versions[i].key == "i/ns/svc/a", "and the record's");
      Expect(i == 0 || versions[i - 1].revision < versions[i].revision, "oldest first, each once");
    }
  }
  void Finish() {
    do {
      api_.Run();
    } while (executor_.RunReady() > 0);
    Expect(answered_, "whoever asked is answered");
  }

  testing::FakeClock clock_;
  testing::ManualExecutor executor_{clock_};
  etcd::Contact contact_{clock_, clock_.Steady()};
  EtcdScript api_;
  etcd::Calls calls_{api_, clock_, contact_};
  bool answered_ = false;
};

}  // namespace

FUZZ_TARGET(etcd_answers) {
  Bytes bytes(input);
  switch (bytes.Byte() % 5) {
    case 0:
      return CheckOutcomes(bytes);
    case 1:
      return CheckSplit(bytes);
    case 2:
      return Reading(bytes).Pages();
    case 3:
      return Reading(bytes).Versions();
    default:
      return Reading(bytes).Hash();
  }
}

}  // namespace rollcall::fuzz
