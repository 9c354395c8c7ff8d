#include "server/history/instance_facts.h"

#include <optional>

#include "server/model/standing.h"

namespace rollcall::history {

v1::Standing InstanceFacts::standing() const {
  if (!registered()) return v1::STANDING_UNSPECIFIED;
  StandingFacts facts;
  facts.start_unready = instance->spec().start_unready();
  if (!instance->session_id().empty()) {
    facts.session = session.exists() ? session->state : internal::v1::SESSION_STATE_ENDED;
  }
  if (override_record.exists() && !override_record->removed()) {
    facts.override_mode = override_record->mode();
  }
  return StandingOf(facts);
}

v1::Instance InstanceFacts::ToInstance() const {
  std::optional<uint32_t> own;
  if (instance->spec().has_weight()) own = instance->spec().weight();
  std::optional<uint32_t> overriding;
  if (override_record.exists() && !override_record->removed() && override_record->has_weight()) {
    overriding = override_record->weight();
  }
  Revision newest = instance.revision;
  const internal::v1::Stamp* stamp = &instance->stamp();
  if (session.exists() && session->changed > newest) {
    newest = session->changed;
    stamp = &session->stamp;
  }
  if (override_record.exists() && override_record.revision > newest) {
    newest = override_record.revision;
    stamp = &override_record->stamp();
  }

  v1::Instance out;
  *out.mutable_spec() = instance->spec();
  out.set_standing(standing());
  out.set_effective_weight(EffectiveWeight(own, overriding));
  out.set_lease_epoch(instance->lease_epoch());
  out.set_create_revision(instance->create_revision() == 0 ? instance.revision.value()
                                                           : instance->create_revision());
  out.set_revision(newest.value());
  v1::Change& change = *out.mutable_last_change();
  *change.mutable_time() = stamp->time();
  change.set_kind("instance");
  change.set_to(out.standing());
  change.set_cause(stamp->cause());
  change.set_actor(stamp->actor());
  change.set_evidence(stamp->evidence());
  change.set_session_id(instance->session_id());
  return out;
}

}  // namespace rollcall::history
