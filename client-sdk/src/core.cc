#include "client-sdk/src/core.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"
#include "client-sdk/src/convert.h"
#include "client-sdk/src/options.h"

namespace rollcall::sdk {

Core::Core(const ClientOptions& options, std::shared_ptr<Gate> gate, base::Random& random,
           Transport& transport, std::unique_ptr<CacheStore> cache)
    : options_(options),
      gate_(std::move(gate)),
      context_{.clock = gate_->clock(),
               .executor = gate_->executor(),
               .random = random,
               .transport = transport,
               .servers = ServerList(options.servers, random),
               .log = Log(options.log),
               .name_space = options.name_space,
               .client_name = options.client_name,
               .rpc_timeout = options.rpc_timeout},
      cache_(context_, std::move(cache)),
      registrar_(context_),
      watcher_(context_, cache_),
      resolver_(context_, cache_) {
  context_.servers.OnSpread([this] {
    registrar_.Spread();
    watcher_.Spread();
  });
  gate_->Open(*this);
}

Core::~Core() { gate_->Close(); }

absl::StatusOr<std::shared_ptr<RegistrationHandle>> Core::Register(InstanceOptions options) {
  RETURN_IF_ERROR(Validate(options));
  if (options.id.empty()) {
    options.id = absl::StrCat(options.service, "-", context_.random.Hex128().substr(0, 12));
  }
  v1::InstanceSpec spec = SpecFromOptions(options, context_.name_space, options_.locality);
  const absl::Duration ttl =
      options.ttl == absl::ZeroDuration() ? options_.session_ttl : options.ttl;
  auto handle =
      std::make_shared<RegistrationHandle>(gate_, options.service, options.id, options.drain_time,
                                           options_.rpc_timeout, std::move(options.on_change));
  RETURN_IF_ERROR(registrar_.Add(handle, std::move(spec), ttl));
  return handle;
}

std::shared_ptr<SubscriptionCell> Core::Watch(const std::string& service, WatchOptions options) {
  auto cell = std::make_shared<SubscriptionCell>(gate_, service, std::move(options.on_change));
  watcher_.Add(cell, service, options.selector);
  return cell;
}

void Core::Stop(absl::AnyInvocable<void()> done) {
  watcher_.Stop();
  cache_.Flush();
  registrar_.Stop(std::move(done));
}

}  // namespace rollcall::sdk
