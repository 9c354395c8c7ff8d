// StoreHash: the hash of all records in etcd as they stood at one revision, to hold a replica's
// against: read in pages, through any number of members, and kept by nobody.
//
// Lives on one executor. Once it is gone, no answer comes.
#pragma once

#include <cstdint>
#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client-sdk/base/lifeline.h"
#include "server/model/ids.h"
#include "server/store/etcd/etcd_api.h"
#include "server/store/etcd/key_prefix.h"
#include "server/store/record_hash.h"

namespace rollcall::etcd {

class StoreHash {
 public:
  // Records of one page, and how long it may take.
  struct Options {
    int64_t page = 2000;
    absl::Duration within = absl::Seconds(10);
  };
  StoreHash(EtcdApi& api, KeyPrefix prefix) : StoreHash(api, std::move(prefix), Options()) {}
  StoreHash(EtcdApi& api, KeyPrefix prefix, Options options)
      : api_(api), prefix_(std::move(prefix)), options_(options) {}

  // OUT_OF_RANGE: the revision is not kept any more, or was not reached yet. Any other error:
  // a page could not be read. Several readings may be under way.
  using Done = absl::AnyInvocable<void(absl::StatusOr<store::RecordsHash>)>;
  void Read(Revision revision, Done done);

 private:
  struct Reading {
    Revision revision;
    KeyPrefix::Span left;
    store::RecordsHash sum;
    Done done;
  };
  void ReadPage(std::unique_ptr<Reading> reading);
  void OnPage(std::unique_ptr<Reading> reading, absl::StatusOr<pb::RangeResponse> page);

  EtcdApi& api_;
  const KeyPrefix prefix_;
  const Options options_;
  base::Lifeline lifeline_;
};

}  // namespace rollcall::etcd
