#include "cli/bench/registrations.h"

#include "absl/strings/str_cat.h"

namespace rollcall::cli {
namespace {

std::string IdOf(uint64_t i) { return absl::StrCat("c", i); }

}  // namespace

void Registrations::Register(base::Instant intended) {
  const uint64_t i = instances_.size();
  const uint64_t session =
      sessions_.Open(kService, IdOf(i),
                     [this, i, intended](const absl::Status& status, const v1::RegisterResponse&) {
                       Answered(i, intended, status);
                     });
  instances_.push_back({session});
}

void Registrations::Answered(uint64_t i, base::Instant intended, const absl::Status& status) {
  const base::Instant now = queue_.now();
  registered_.Ended(status, now - intended);
  Instance& instance = instances_[i];
  const bool to_go = instance.state == State::kToGo;
  instance.state = status.ok() ? State::kThere : State::kFailed;
  if (!status.ok()) return;
  acknowledged_(IdOf(i), now);
  if (to_go) End(instance.session, now);
}

void Registrations::Deregister(base::Instant intended) {
  if (gone_ == instances_.size()) return;
  Instance& instance = instances_[gone_++];
  if (instance.state == State::kAsked) instance.state = State::kToGo;
  if (instance.state == State::kThere) End(instance.session, intended);
}

void Registrations::End(uint64_t session, base::Instant intended) {
  sessions_.End(session, [this, intended](const absl::Status& status) {
    deregistered_.Ended(status, queue_.now() - intended);
  });
}

}  // namespace rollcall::cli
