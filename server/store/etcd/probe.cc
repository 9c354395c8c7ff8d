#include "server/store/etcd/probe.h"

#include <optional>
#include <string>
#include <utility>

#include "server/model/keys.h"

namespace rollcall::etcd {

Probe::Probe(Calls& calls, const Contact& contact, const KeyPrefix& prefix, StoreFence& fence,
             base::Executor& executor, const base::Clock& clock, Options options,
             std::function<Revision()> told, std::function<void(Revision)> on_seen)
    : calls_(calls),
      contact_(contact),
      key_(prefix.Full(kStoreKey)),
      fence_(fence),
      executor_(executor),
      clock_(clock),
      options_(options),
      told_(std::move(told)),
      on_seen_(std::move(on_seen)) {
  ArmFrom(contact_.last());
}

void Probe::ArmFrom(base::Instant last) {
  executor_.PostAt(last + options_.every, lifeline_.Guard([this] { OnTimer(); }));
}

void Probe::OnTimer() {
  if (fence_.broken()) return;
  if (contact_.age() < options_.every) return ArmFrom(contact_.last());
  Read();
}

void Probe::Read() {
  pb::RangeRequest request;
  request.set_key(key_);
  const base::Instant sent = clock_.Steady();
  calls_.Range(std::move(request), options_.within,
               [this, sent, told = told_()](const absl::StatusOr<pb::RangeResponse>& answer) {
                 OnRead(told, answer);
                 ArmFrom(sent);
               });
}

void Probe::OnRead(Revision told_before, const absl::StatusOr<pb::RangeResponse>& answer) {
  if (!answer.ok()) return;
  const Revision revision(static_cast<uint64_t>(answer->header().revision()));
  std::optional<std::string> record;
  if (!answer->kvs().empty()) record = answer->kvs(0).value();
  fence_.Saw(record);
  fence_.SawRevision(told_before, revision);
  if (!fence_.broken()) on_seen_(revision);
}

}  // namespace rollcall::etcd
