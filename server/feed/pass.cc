#include "server/feed/pass.h"

#include <algorithm>
#include <utility>

#include "client-sdk/base/mutant.h"
#include "server/model/limits.h"

namespace rollcall::feed {

Pass::Pass(const catalog::ViewTable& views, From from)
    : views_(&views),
      name_(&from.name),
      selector_(&from.selector),
      since_(from.since),
      reach_(from.since),
      ahead_(std::move(from.ahead)),
      must_speak_(from.must_speak || from.since == Revision(0)) {
  if (name_->service.empty()) {
    ReadAll(from);
  } else {
    ReadOne();
  }
}

void Pass::ReadOne() {
  reach_ = std::max(reach_, views_->applied());
  one_ = views_->Find(*name_);
  if (one_ != nullptr) reach_ = std::max(reach_, one_->revision);
  if (!MayMissRemovals()) return;
  since_ = Revision(0);
  must_speak_ = true;
}

void Pass::ReadAll(const From& from) {
  if (since_ == Revision(0)) return BeginAnew();
  if (from.changed) {
    // Later changes than those heard of are not in `changed`, whatever is applied by now.
    reach_ = std::max(reach_, from.heard);
    names_.assign(from.changed->begin(), from.changed->end());
  } else {
    reach_ = std::max(reach_, views_->applied());
    names_ = views_->Names(name_->ns, since_);
  }
  if (MayMissRemovals()) BeginAnew();
}

void Pass::BeginAnew() {
  since_ = Revision(0);
  must_speak_ = true;
  ahead_.clear();
  reach_ = std::max(reach_, views_->applied());
  names_ = views_->Names(name_->ns);
  next_name_ = 0;
}

// To be asked after a snapshot was read: the horizon rises before anything at or below is purged.
bool Pass::MayMissRemovals() const {
  return since_ != Revision(0) && since_ < views_->horizon() && !MUTANT(horizon_ignored);
}

std::optional<Pass::Message> Pass::Next(EncodingCache& encodings) {
  while (encoding_ == nullptr || next_frame_ == encoding_->frames.size()) {
    if (EncodeNext(encodings)) continue;
    done_ = true;
    if (!must_speak_) return std::nullopt;
    return Say(true, nullptr);
  }
  std::shared_ptr<const Frame> frame = encoding_->frames[next_frame_++];
  must_speak_ = true;  // What was begun must end with caught_up.
  done_ = !name_->service.empty() && next_frame_ == encoding_->frames.size();
  return Say(done_, std::move(frame));
}

bool Pass::EncodeNext(EncodingCache& encodings) {
  const Part part = NextPart();
  if (part == nullptr) return false;
  encoding_ = encodings.Get(*part, *selector_, ToldOf(part->name));
  next_frame_ = 0;
  NoteTold(*part);
  return true;
}

void Pass::NoteTold(const catalog::ServiceSnapshot& part) {
  if (part.revision <= reach_) return;
  if (ahead_.size() < kMaxChangedServices || ahead_.contains(part.name)) {
    ahead_[part.name] = part.revision;
  }
}

Pass::Part Pass::NextPart() {
  if (!name_->service.empty()) return std::exchange(one_, nullptr);
  while (next_name_ < names_.size()) {
    Part part = views_->Find(names_[next_name_++]);
    if (MayMissRemovals()) {
      BeginAnew();
      continue;
    }
    if (part == nullptr || part->revision <= since_) continue;
    if (part->revision > ToldOf(part->name)) return part;
    must_speak_ = true;  // The pass before told it, and did not reach it.
  }
  return nullptr;
}

Revision Pass::ToldOf(const ServiceName& service) const {
  const auto at = ahead_.find(service);
  return at == ahead_.end() ? since_ : std::max(since_, at->second);
}

Pass::Ahead Pass::TakeAhead() {
  std::erase_if(ahead_, [this](const auto& told) { return told.second <= reach_; });
  return std::move(ahead_);
}

Pass::Message Pass::Say(bool caught_up, std::shared_ptr<const Frame> body) {
  return {reach_, caught_up, since_ == Revision(0), std::move(body)};
}

}  // namespace rollcall::feed
