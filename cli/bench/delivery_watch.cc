#include "cli/bench/delivery_watch.h"

namespace rollcall::cli {

void DeliveryWatch::Open(const Channel& channel, const std::string& ns, const std::string& service,
                         const std::string& client_name) {
  stream_.on_message = [this](const v1::WatchResponse& message) { Take(message); };
  stream_.on_end = [this](const absl::Status& status) {
    trouble_.Update(status.ok() ? absl::UnavailableError("the watch ended") : status);
  };
  v1::WatchRequest first;
  v1::WatchRequest::Subscribe& subscribe = *first.mutable_subscribe();
  subscribe.set_id(1);
  subscribe.set_namespace_(ns);
  subscribe.set_service(service);
  subscribe.set_client_name(client_name);
  stream_.Start(channel, &v1::Discovery::Stub::AsyncWatch, first);
}

void DeliveryWatch::Take(const v1::WatchResponse& message) {
  const base::Instant now = queue_.now();
  if (message.has_error()) {
    trouble_.Update(absl::Status(static_cast<absl::StatusCode>(message.error().code()),
                                 message.error().message()));
  }
  if (message.caught_up()) ready_ = true;
  for (const v1::Instance& instance : message.updated()) {
    deliveries_.Told(instance.spec().id(), now);
  }
}

void DeliveryWatch::GiveUp() {
  deliveries_.GiveUp(trouble_.ok() ? "not told" : absl::StatusCodeToString(trouble_.code()));
}

}  // namespace rollcall::cli
