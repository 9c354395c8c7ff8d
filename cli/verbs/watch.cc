// rollcall watch [SERVICE…]
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/client/duplex.h"
#include "cli/client/reconnects.h"
#include "cli/client/watch_view.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/verb.h"
#include "client-sdk/base/status_macros.h"
#include "rollcall/v1/discovery.grpc.pb.h"

namespace rollcall::cli {
namespace {

using WatchStream = Duplex<v1::WatchRequest, v1::WatchResponse>;

// The registry sends a sign of life every 5 s; three missed ones are a dead connection.
constexpr absl::Duration kLongestSilence = absl::Seconds(15);

struct WatchArguments {
  std::vector<std::string> services;
  std::string selector;
};

// One run of `watch`: its subscriptions, over as many connections as it takes.
class Watcher {
 public:
  Watcher(const WatchArguments& arguments, Context& context)
      : arguments_(arguments), context_(context), reconnects_(context.clock, context.random) {
    services_ = arguments.services;
    if (services_.empty()) services_.emplace_back();
    views_.resize(services_.size());
  }

  absl::StatusOr<ExitCode> Run() {
    const Interrupt::Listener listener(context_.interrupt, [] {});
    while (!context_.interrupt.requested()) {
      const absl::Status status = Connection();
      if (context_.interrupt.requested()) break;
      if (!MayComeBack(status)) return status;
      if (!away_) context_.printer.Note("rollcall: the registry went away; reconnecting");
      away_ = true;
      context_.registry.MoveOn();
      context_.interrupt.WaitFor(reconnects_.Wait());
    }
    return ExitCode::kDone;
  }

 private:
  // A registry that never answered is an error to report, not to wait out; but of a node that
  // refuses because it is behind, another may not be.
  bool MayComeBack(const absl::Status& status) const {
    if (status.ok()) return true;
    if (absl::IsUnavailable(status) && refusals_ > 0 && refusals_ <= Servers()) return true;
    return answered_ && (ExitCodeOf(status) == ExitCode::kUnreachable || absl::IsAborted(status) ||
                         absl::IsCancelled(status) || absl::IsInternal(status) ||
                         absl::IsResourceExhausted(status));
  }

  // Until the stream ends or an interrupt.
  absl::Status Connection() {
    ASSIGN_OR_RETURN(auto channel, context_.registry.Connect());
    WatchStream stream(channel, &v1::Discovery::Stub::Watch, context_.interrupt, context_.clock);
    told_ = false;
    for (size_t i = 0; i < services_.size(); ++i) Subscribe(i, stream);
    while (!context_.interrupt.requested()) {
      auto response = stream.Read(kLongestSilence);
      if (response.has_value()) {
        RETURN_IF_ERROR(Take(*response, stream));
      } else if (const auto ended = stream.ended()) {
        if (!told_) ++refusals_;
        return *ended;
      } else if (!context_.interrupt.requested()) {
        return absl::UnavailableError("the registry has been silent for 15s");
      }
    }
    return absl::OkStatus();
  }

  size_t Servers() const { return context_.registry.options().servers.size(); }

  void Subscribe(size_t index, WatchStream& stream) {
    v1::WatchRequest request;
    auto& subscribe = *request.mutable_subscribe();
    subscribe.set_id(static_cast<uint32_t>(index + 1));
    subscribe.set_namespace_(context_.ns);
    subscribe.set_service(services_[index]);
    subscribe.set_selector(arguments_.selector);
    subscribe.set_resume_revision(views_[index].revision());
    subscribe.set_store_id(views_[index].store_id());
    subscribe.set_client_name(absl::StrCat("rollcall watch ", context_.actor));
    subscribe.set_accept_stale(refusals_ >= Servers());
    // A failed write shows itself as the end of the stream.
    stream.Write(request);
  }

  absl::Status Take(const v1::WatchResponse& response, WatchStream& stream) {
    context_.registry.Learn({response.servers().begin(), response.servers().end()},
                            context_.random);
    if (response.id() == 0 || response.id() > views_.size()) return absl::OkStatus();
    const size_t index = response.id() - 1;
    if (response.has_error()) return TakeError(response.error(), index, stream);
    if (away_) {
      context_.printer.Note(response.snapshot()
                                ? "rollcall: connected again; catching up from a new snapshot"
                                : "rollcall: connected again; resumed where it stopped");
    }
    away_ = false;
    answered_ = told_ = true;
    refusals_ = 0;
    reconnects_.Served();
    const auto events = views_[index].Apply(response, context_.clock.Wall());
    Print(response, events);
    if (!context_.printer.writable()) return CannotWrite();
    return absl::OkStatus();
  }

  absl::Status TakeError(const v1::WatchResponse::Error& error, size_t index, WatchStream& stream) {
    const absl::Status status(static_cast<absl::StatusCode>(error.code()), error.message());
    if (!absl::IsOutOfRange(status)) return status;
    // Its place in the order of changes is gone: it starts from a snapshot.
    views_[index].ForgetRevision();
    Subscribe(index, stream);
    return absl::OkStatus();
  }

  void Print(const v1::WatchResponse& response, const std::vector<WatchEvent>& events) {
    if (context_.printer.for_people()) {
      const Look look = context_.printer.look();
      for (const WatchEvent& event : events) context_.printer.Say(WatchLine(event, look));
      return;
    }
    // Signs of life are for this program, not for its readers.
    const bool news = !response.updated().empty() || !response.removed().empty() ||
                      (response.snapshot() && response.caught_up());
    if (news) context_.printer.ShowNext(response, [](const Look&) { return std::string(); });
  }

  const WatchArguments& arguments_;
  Context& context_;
  Reconnects reconnects_;
  std::vector<std::string> services_;
  std::vector<WatchView> views_;
  bool answered_ = false;
  bool told_ = false;  // Something, on this connection.
  // Streams in a row that ended before they told anything; after one for each server, old data is
  // better than none.
  size_t refusals_ = 0;
  bool away_ = false;
};

absl::StatusOr<ExitCode> RunWatch(const WatchArguments& arguments, Context& context) {
  std::set<std::pair<std::string, std::string>> named;
  for (const std::string& service : arguments.services) {
    ASSIGN_OR_RETURN(const v1::ServiceKey key, ParseServiceKey(context.ns, service));
    if (!named.emplace(key.namespace_(), key.service()).second) {
      return absl::InvalidArgumentError(absl::StrCat("\"", service, "\" is named twice"));
    }
  }
  return Watcher(arguments, context).Run();
}

}  // namespace

Action ConfigureWatch(CLI::App& app) {
  auto arguments = std::make_shared<WatchArguments>();
  app.add_option("SERVICE", arguments->services, "The services; none: all of the namespace");
  app.add_option("--selector", arguments->selector,
                 "Only these: key=value or key!=value, comma-joined");
  return [arguments](Context& context) { return RunWatch(*arguments, context); };
}

}  // namespace rollcall::cli
