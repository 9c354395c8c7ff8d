#include "tests/bench/sides/bare_messages.h"

namespace rollcall::bench {

const char kBareStoreId[] = "00000000000000000000000000000000";

namespace {

constexpr uint64_t kRevision = 1'000'000;

}  // namespace

v1::Instance InstanceOf(const v1::InstanceSpec& spec, v1::Standing standing) {
  v1::Instance instance;
  *instance.mutable_spec() = spec;
  instance.mutable_spec()->set_namespace_("default");
  instance.mutable_spec()->set_lifetime(v1::LIFETIME_EPHEMERAL);
  instance.set_standing(standing);
  instance.set_effective_weight(100);
  instance.set_lease_epoch(kRevision);
  instance.set_create_revision(kRevision);
  instance.set_revision(kRevision);
  v1::Change& change = *instance.mutable_last_change();
  change.mutable_time()->set_seconds(1'700'000'000);
  change.mutable_time()->set_nanos(123'456'789);
  change.set_kind("instance");
  change.set_to(standing);
  change.set_cause(v1::CAUSE_REGISTERED);
  change.set_actor(kBareStoreId);
  change.set_session_id(kBareStoreId);
  return instance;
}

grpc::ByteBuffer Encode(const google::protobuf::MessageLite& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

grpc::ByteBuffer CaughtUpMessage() {
  v1::WatchResponse message;
  message.set_id(1);
  message.set_snapshot(true);
  message.set_caught_up(true);
  message.set_revision(kRevision);
  message.set_store_id(kBareStoreId);
  return Encode(message);
}

grpc::ByteBuffer ChangeMessage(const v1::InstanceSpec& spec, v1::Standing standing) {
  v1::WatchResponse message;
  message.set_id(1);
  message.set_namespace_("default");
  message.set_service(spec.service());
  message.set_revision(kRevision);
  message.set_store_id(kBareStoreId);
  message.set_caught_up(true);
  *message.add_updated() = InstanceOf(spec, standing);
  return Encode(message);
}

}  // namespace rollcall::bench
