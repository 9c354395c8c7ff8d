#include "server/feed/pass.h"

#include <algorithm>
#include <utility>

#include "client-sdk/base/mutant.h"

namespace rollcall::feed {

Pass::Pass(const catalog::ViewTable& views, From from)
    : views_(&views),
      selector_(&from.selector),
      whole_namespace_(from.name.service.empty()),
      since_(from.since),
      must_speak_(from.must_speak) {
  if (whole_namespace_) {
    ReadAll(from.name, from);
  } else {
    ReadOne(from.name);
  }
  must_speak_ = must_speak_ || since_ == Revision(0);
}

void Pass::ReadOne(const ServiceName& name) {
  reach_ = std::max(since_, views_->applied());
  if (Part part = views_->Find(name)) {
    reach_ = std::max(reach_, part->revision);
    parts_.push_back(std::move(part));
  }
  // After the snapshot: the horizon rises before anything at or below it is purged.
  if (since_ < views_->horizon() && !MUTANT(horizon_ignored)) since_ = Revision(0);
}

void Pass::ReadAll(const ServiceName& name, const From& from) {
  const Revision applied = views_->applied();
  if (from.changed && since_ != Revision(0)) {
    // Later changes than those heard of are not in `changed`, whatever is applied by now.
    reach_ = std::max(since_, from.heard);
    for (const ServiceName& service : *from.changed) {
      if (Part part = views_->Find(service)) parts_.push_back(std::move(part));
    }
  } else {
    reach_ = std::max(since_, applied);
    parts_ = views_->List(name.ns, since_);
  }
  if (since_ != Revision(0) && since_ < views_->horizon()) {
    since_ = Revision(0);
    reach_ = std::max(reach_, applied);
    parts_ = views_->List(name.ns);
  }
}

// A slow watcher of a whole namespace gets each service as it stands when its turn comes, unless
// what the watcher needs may have been purged since.
Pass::Part Pass::Newest(Part part) const {
  Part now = views_->Find(part->name);
  const bool usable = now != nullptr && now->revision > part->revision &&
                      (since_ == Revision(0) || since_ >= views_->horizon());
  return usable ? now : part;
}

std::optional<Pass::Message> Pass::Next(EncodingCache& encodings) {
  while (encoding_ == nullptr || next_frame_ == encoding_->frames.size()) {
    if (next_part_ == parts_.size()) {
      done_ = true;
      if (!must_speak_) return std::nullopt;
      return Say(true, nullptr);
    }
    Part part = std::move(parts_[next_part_++]);
    if (whole_namespace_) part = Newest(std::move(part));
    encoding_ = encodings.Get(*part, *selector_, since_);
    next_frame_ = 0;
  }
  std::shared_ptr<const Frame> frame = encoding_->frames[next_frame_++];
  must_speak_ = true;  // What was begun must end with caught_up.
  done_ = !whole_namespace_ && next_frame_ == encoding_->frames.size();
  return Say(done_, std::move(frame));
}

Pass::Message Pass::Say(bool caught_up, std::shared_ptr<const Frame> body) {
  return {reach_, caught_up, since_ == Revision(0), std::move(body)};
}

}  // namespace rollcall::feed
