#include "cli/bench/sessions.h"

#include "cli/print/times.h"

namespace rollcall::cli {
namespace {

// Clearing away is gentle, too: so many at a time, and a pause before trying again.
constexpr uint64_t kTogether = 32;
constexpr uint64_t kRounds = 4;
constexpr absl::Duration kPause = absl::Milliseconds(300);

// Kept for documentation (RFC 5737): nobody answers there, should anybody call.
constexpr char kNobody[] = "192.0.2.1";
// With it an instance is about 300 bytes, as many are.
constexpr size_t kPadding = 180;

}  // namespace

v1::RegisterRequest Sessions::RequestOf(const Session& session, const std::string& service,
                                        const std::string& id) const {
  v1::RegisterRequest request;
  request.set_session_id(session.id);
  request.set_session_secret(session.secret);
  request.set_open(true);
  request.set_client_name(client_name_);
  *request.mutable_ttl() = ToProto(plan_.ttl);
  v1::InstanceSpec& spec = *request.add_instances();
  spec.set_namespace_(plan_.ns);
  spec.set_service(service);
  spec.set_id(id);
  spec.mutable_locality()->set_zone(id);
  spec.add_endpoints()->set_address(kNobody);
  spec.mutable_endpoints(0)->set_port(9);
  (*spec.mutable_metadata())["padding"] = std::string(kPadding, '-');
  return request;
}

uint64_t Sessions::Open(const std::string& service, const std::string& id, Opened opened) {
  sessions_.push_back({random_.Hex128(), random_.Hex128()});
  ++left_;
  queue_.Call(channels_[turn_++ % channels_.size()], &v1::Registry::Stub::AsyncRegister,
              RequestOf(sessions_.back(), service, id), std::move(opened));
  return sessions_.size() - 1;
}

void Sessions::End(uint64_t number, Ended ended) {
  EndBy(channels_[turn_++ % channels_.size()], number, std::move(ended));
}

void Sessions::EndBy(const Channel& channel, uint64_t number, Ended ended) {
  v1::DeregisterRequest request;
  request.set_session_id(sessions_[number].id);
  request.set_session_secret(sessions_[number].secret);
  queue_.Call(channel, &v1::Registry::Stub::AsyncDeregister, request,
              [this, number, ended = std::move(ended)](const absl::Status& status,
                                                       const v1::DeregisterResponse&) {
                if (status.ok() || absl::IsNotFound(status)) Forget(number);
                ended(status);
              });
}

void Sessions::Forget(uint64_t number) {
  if (sessions_[number].secret.empty()) return;
  sessions_[number] = {};
  --left_;
}

absl::Status Sessions::EndAll(const Channel& other) {
  std::vector<Channel> channels = channels_;
  if (other != nullptr) channels.push_back(other);
  const base::Instant limit = queue_.now() + plan_.ttl;
  absl::Status why_left = absl::DeadlineExceededError("there was no time");
  for (uint64_t round = 0; left_ > 0 && round < kRounds && queue_.now() < limit; ++round) {
    if (round > 0) queue_.TurnUntil([] { return false; }, kPause);
    EndRound(channels, round, limit, why_left);
  }
  return left_ == 0 ? absl::OkStatus() : why_left;
}

void Sessions::EndRound(const std::vector<Channel>& channels, uint64_t round, base::Instant limit,
                        absl::Status& trouble) {
  uint64_t next = 0;
  uint64_t under_way = 0;
  const auto go_on = [&] {
    for (; next < sessions_.size() && under_way < kTogether; ++next) {
      if (sessions_[next].secret.empty() || queue_.now() >= limit) continue;
      ++under_way;
      // From round to round another connection for the same one.
      EndBy(channels[(next + round) % channels.size()], next, [&](const absl::Status& status) {
        --under_way;
        if (!status.ok()) trouble = status;
      });
    }
    return next == sessions_.size() && under_way == 0;
  };
  queue_.TurnUntil(go_on, absl::InfiniteDuration());
}

}  // namespace rollcall::cli
