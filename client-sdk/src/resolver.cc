#include "client-sdk/src/resolver.h"

#include <algorithm>
#include <utility>

#include "client-sdk/base/backoff.h"
#include "client-sdk/src/convert.h"

namespace rollcall::sdk {

struct Resolver::Ask {
  v1::ResolveRequest request;
  ResolveOptions options;
  Done done;
  base::Instant deadline;
  base::Backoff backoff{absl::Milliseconds(50), absl::Seconds(1)};
};

void Resolver::Resolve(const std::string& service, const ResolveOptions& options, Done done) {
  auto ask = std::make_shared<Ask>();
  ask->request.set_namespace_(context_.name_space);
  ask->request.set_service(service);
  ask->request.set_selector(options.selector);
  ask->request.set_consistency(options.latest ? v1::CONSISTENCY_LATEST : v1::CONSISTENCY_ANY);
  ask->request.set_strict(options.strict);
  ask->options = options;
  ask->done = std::move(done);
  ask->deadline = context_.clock.Steady() + options.timeout;
  Try(std::move(ask));
}

void Resolver::Try(std::shared_ptr<Ask> ask) {
  const absl::Duration left = ask->deadline - context_.clock.Steady();
  ask->request.set_at_least_revision(context_.last_seen.revision());
  ask->request.set_store_id(context_.last_seen.store_id());
  const std::string server = context_.servers.preferred();
  v1::ResolveRequest request = ask->request;
  context_.transport.Resolve(server, std::move(request), std::min(left, context_.rpc_timeout),
                             lifeline_.Guard([this, ask = std::move(ask), server](
                                                 absl::StatusOr<v1::ResolveResponse> response) {
                               OnAnswer(ask, server, std::move(response));
                             }));
}

void Resolver::OnAnswer(std::shared_ptr<Ask> ask, const std::string& server,
                        absl::StatusOr<v1::ResolveResponse> response) {
  if (response.ok()) {
    context_.servers.Worked(server);
    context_.last_seen.Note(response->store_id(), response->revision());
    std::vector<InstancePtr> instances;
    for (const v1::Instance& i : response->instances()) instances.push_back(InstanceFromProto(i));
    return ask->done(
        std::make_shared<ServiceView>(ask->request.service(), std::move(instances),
                                      ViewOrigin{.revision = response->revision(),
                                                 .store_id = response->store_id(),
                                                 .verified = true,
                                                 .age = DurationFromProto(response->age())}));
  }
  const Verdict verdict = VerdictOf(response.status());
  if (verdict == Verdict::kServerFailed) context_.servers.Failed(server);
  // The store was exchanged: what we know of the old one is no measure any more.
  if (absl::IsOutOfRange(response.status())) context_.last_seen = {};
  const base::Instant next = context_.clock.Steady() + ask->backoff.Next(context_.random);
  if (verdict == Verdict::kRefused) return ask->done(response.status());
  if (next >= ask->deadline) return GiveUp(*ask, response.status());
  context_.executor.PostAt(next, lifeline_.Guard([this, ask = std::move(ask)] { Try(ask); }));
}

void Resolver::GiveUp(Ask& ask, const absl::Status& why) {
  const CachedView* known = cache_.Find(ask.request.service(), ask.options.selector);
  if (!ask.options.allow_stale || known == nullptr) return ask.done(why);
  ask.done(std::make_shared<ServiceView>(
      ask.request.service(), known->instances,
      ViewOrigin{.revision = known->revision,
                 .store_id = known->store_id,
                 .verified = false,
                 .age = context_.clock.Wall() - known->confirmed_at}));
}

}  // namespace rollcall::sdk
