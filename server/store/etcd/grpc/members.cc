#include "server/store/etcd/grpc/members.h"

#include "absl/strings/str_cat.h"

namespace rollcall::etcd {

Members::Members(const GrpcEtcdOptions& options, const ChannelFactory& channels,
                 const base::Clock& clock, CompletionThread& thread, size_t first)
    : thread_(thread), preferred_(first) {
  for (const Endpoint& endpoint : options.endpoints) {
    members_.push_back(std::make_unique<Member>(endpoint, channels, options, clock, thread,
                                                [this] { OnChange(); }));
  }
}

Member* Members::ReadyFrom(size_t from, size_t& at) const {
  for (size_t i = 0; i < members_.size(); ++i) {
    at = (from + i) % members_.size();
    if (members_[at]->ready()) return members_[at].get();
  }
  return nullptr;
}

Member* Members::Pick() {
  if (members_[preferred_]->head_start_until()) return nullptr;
  size_t at = 0;
  Member* member = ReadyFrom(preferred_, at);
  if (member != nullptr) preferred_ = at;
  return member;
}

Member* Members::PickForWatch() {
  size_t at = preferred_;
  Member* member = last_watched_ ? ReadyFrom(*last_watched_ + 1, at) : Pick();
  if (member != nullptr) last_watched_ = last_watched_ ? at : preferred_;
  return member;
}

void Members::Failed(const Member& member) {
  if (members_[preferred_].get() != &member) return;
  const size_t next = (preferred_ + 1) % members_.size();
  size_t at = 0;
  preferred_ = ReadyFrom(next, at) != nullptr ? at : next;
}

void Members::WhenConnected(std::function<void()> then) {
  waiting_.push_back(std::move(then));
  const std::optional<base::Instant> until = members_[preferred_]->head_start_until();
  if (!until || std::exchange(head_start_timer_, true)) return;
  thread_.PostAt(*until, [this] {
    head_start_timer_ = false;
    OnChange();
  });
}

void Members::OnChange() {
  if (!waiting_.empty() && Pick() != nullptr) RunWaiting();
}

void Members::RunWaiting() {
  std::vector<std::function<void()>> waiting;
  waiting.swap(waiting_);
  for (const std::function<void()>& then : waiting) then();
}

std::string Members::Troubles() const {
  std::string text;
  for (const auto& member : members_) {
    if (member->ready()) continue;
    absl::StrAppend(&text, text.empty() ? "" : "; ", member->endpoint().url, ": ",
                    member->trouble().empty() ? "not connected yet" : member->trouble());
  }
  return text;
}

void Members::Close() {
  waiting_.clear();
  for (const auto& member : members_) member->Close();
}

}  // namespace rollcall::etcd
