#include "server/catalog/instance_view.h"

#include <new>
#include <string>

#include "server/catalog/spec_bytes.h"

namespace rollcall::catalog {

using internal::v1::Stamp;

// The bytes of the spec, then whatever text does not occur in them: the id and the zone do.
struct InstanceView::Layout {
  Layout(const Content& content, const Stamp& last)
      : spec_field(content.spec_field),
        id(Place(content.id)),
        zone(Place(content.zone)),
        actor(Place(last.actor())),
        evidence(Place(last.evidence())) {}

  Text Place(absl::string_view text) {
    size_t at = spec_field.find(text);
    if (at == absl::string_view::npos) {
      at = size();
      rest.append(text.data(), text.size());
    }
    return {static_cast<uint32_t>(at), static_cast<uint32_t>(text.size())};
  }
  size_t size() const { return spec_field.size() + rest.size(); }
  void CopyTo(char* out) const {
    spec_field.copy(out, spec_field.size());
    rest.copy(out + spec_field.size(), rest.size());
  }

  const absl::string_view spec_field;
  std::string rest;
  const Text id;
  const Text zone;
  const Text actor;
  const Text evidence;
};

InstanceView::InstanceView(const Content& content, const Verdict& verdict, const Stamp& last,
                           const Layout& layout)
    : standing_(verdict.standing),
      effective_weight_(verdict.effective_weight),
      cause_(last.cause()),
      nanos_(last.time().nanos()),
      spec_size_(static_cast<uint32_t>(content.spec_field.size())),
      seconds_(last.time().seconds()),
      revision_(verdict.revision),
      create_revision_(content.create_revision),
      lease_epoch_(content.lease_epoch),
      session_(content.session),
      id_(layout.id),
      zone_(layout.zone),
      actor_(layout.actor),
      evidence_(layout.evidence) {
  layout.CopyTo(reinterpret_cast<char*>(this + 1));
}

SharedView InstanceView::Make(const Content& content, const Verdict& verdict, const Stamp& last) {
  const Layout layout(content, last);
  void* const memory = ::operator new(sizeof(InstanceView) + layout.size());
  return SharedView(::new (memory) InstanceView(content, verdict, last, layout));
}

SharedView InstanceView::Purged(absl::string_view id) { return Make({.id = id}, {}, {}); }

Stamp InstanceView::LastStamp() const {
  Stamp stamp;
  stamp.mutable_time()->set_seconds(seconds_);
  stamp.mutable_time()->set_nanos(nanos_);
  stamp.set_cause(cause_);
  stamp.set_actor(std::string(At(actor_)));
  stamp.set_evidence(std::string(At(evidence_)));
  return stamp;
}

v1::InstanceSpec InstanceView::Spec() const { return DecodeSpecField(spec_field()); }

v1::Instance InstanceView::Told() const {
  v1::Instance told;
  TellRest(told);
  *told.mutable_spec() = Spec();
  return told;
}

void InstanceView::TellRest(v1::Instance& told) const {
  told.set_standing(standing_);
  told.set_effective_weight(effective_weight_);
  told.set_lease_epoch(lease_epoch_.value());
  told.set_create_revision(create_revision_.value());
  told.set_revision(revision_.value());
  v1::Change& change = *told.mutable_last_change();
  change.mutable_time()->set_seconds(seconds_);
  change.mutable_time()->set_nanos(nanos_);
  change.set_kind("instance");
  change.set_to(standing_);
  change.set_cause(cause_);
  change.mutable_actor()->assign(At(actor_).data(), actor_.size);
  change.mutable_evidence()->assign(At(evidence_).data(), evidence_.size);
  change.set_session_id(session_ == nullptr ? "" : session_->id.value());
}

}  // namespace rollcall::catalog
