// rollcall register SERVICE ID --endpoint [name=]host:port …
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "cli/client/session_keeper.h"
#include "cli/print/times.h"
#include "cli/print/words.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/verb.h"
#include "client-sdk/base/status_macros.h"
#include "rollcall/v1/registry.grpc.pb.h"

namespace rollcall::cli {
namespace {

struct RegisterArguments {
  std::string service;
  std::string id;
  std::vector<std::string> endpoints;
  std::optional<uint32_t> weight;
  std::string version;
  std::string zone;
  std::string region;
  std::vector<std::string> metadata;
  std::string ttl;
  bool is_static = false;
};

absl::StatusOr<v1::InstanceSpec> SpecOf(const RegisterArguments& arguments, const std::string& ns) {
  v1::InstanceSpec spec;
  spec.set_namespace_(ns);
  spec.set_service(arguments.service);
  spec.set_id(arguments.id);
  for (const std::string& text : arguments.endpoints) {
    ASSIGN_OR_RETURN(*spec.add_endpoints(), ParseEndpoint(text));
  }
  if (arguments.weight.has_value()) spec.set_weight(*arguments.weight);
  if (!arguments.region.empty()) spec.mutable_locality()->set_region(arguments.region);
  if (!arguments.zone.empty()) spec.mutable_locality()->set_zone(arguments.zone);
  spec.set_version(arguments.version);
  for (const std::string& text : arguments.metadata) RETURN_IF_ERROR(AddMetadata(text, spec));
  spec.set_lifetime(arguments.is_static ? v1::LIFETIME_STATIC : v1::LIFETIME_EPHEMERAL);
  return spec;
}

absl::StatusOr<v1::RegisterRequest> RequestOf(const RegisterArguments& arguments,
                                              const Context& context) {
  RETURN_IF_ERROR(CheckOneNamespace(context.ns));
  v1::RegisterRequest request;
  ASSIGN_OR_RETURN(*request.add_instances(), SpecOf(arguments, context.ns));
  request.set_client_name(absl::StrCat("rollcall ", context.actor));
  if (arguments.ttl.empty()) return request;
  if (arguments.is_static) {
    return absl::InvalidArgumentError("--ttl: a static instance has no session; leave --ttl out");
  }
  ASSIGN_OR_RETURN(const absl::Duration ttl, ParseSpan("--ttl", arguments.ttl));
  *request.mutable_ttl() = ToProto(ttl);
  return request;
}

void Show(v1::RegisterResponse response, const v1::InstanceSpec& spec, Context& context) {
  // The secret stays in this process.
  response.clear_session_secret();
  context.printer.ShowNext(response, [&](const Look&) {
    std::string text = absl::StrCat("Registered ", KeyText(KeyOf(spec)), " at ",
                                    EndpointsText(spec), ", revision ", response.revision());
    if (spec.lifetime() == v1::LIFETIME_STATIC) {
      return absl::StrCat(text, "; it stays until 'rollcall deregister ", KeyText(KeyOf(spec)),
                          "'.\n");
    }
    return absl::StrCat(text, ", TTL ", SpanText(ToSpan(response.ttl())),
                        "; interrupt to deregister.\n");
  });
}

absl::StatusOr<ExitCode> RunEphemeral(const v1::RegisterRequest& request, Context& context) {
  SessionKeeper keeper({context.registry, context.interrupt, context.clock, context.random},
                       request,
                       [&](const std::string& line) { context.printer.Note("rollcall: " + line); });
  // Listened to from the start, so that an early interrupt ends in order too.
  const Interrupt::Listener listener(context.interrupt, [] {});
  ASSIGN_OR_RETURN(const auto response, keeper.Register());
  Show(response, request.instances(0), context);
  RETURN_IF_ERROR(keeper.Keep());
  if (context.printer.for_people()) {
    context.printer.Say(absl::StrCat("Deregistered ", KeyText(KeyOf(request.instances(0))), ".\n"));
  }
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> RunRegister(const RegisterArguments& arguments, Context& context) {
  ASSIGN_OR_RETURN(const auto request, RequestOf(arguments, context));
  if (!arguments.is_static) return RunEphemeral(request, context);
  ASSIGN_OR_RETURN(const auto response,
                   context.registry.Call(&v1::Registry::Stub::Register, request));
  Show(response, request.instances(0), context);
  return ExitCode::kDone;
}

}  // namespace

Action ConfigureRegister(CLI::App& app) {
  auto a = std::make_shared<RegisterArguments>();
  app.add_option("SERVICE", a->service, "The service")->required();
  app.add_option("ID", a->id, "The instance's id within the service")->required();
  app.add_option("--endpoint", a->endpoints, "[name=]host:port; may be repeated")
      ->required()
      ->allow_extra_args(false);
  app.add_option("--weight", a->weight, "Share of calls, 0 to 10000; default 100");
  app.add_option("--version", a->version, "Version of the software");
  app.add_option("--zone", a->zone, "Zone it runs in");
  app.add_option("--region", a->region, "Region it runs in");
  app.add_option("--meta", a->metadata, "key=value; may be repeated")->allow_extra_args(false);
  app.add_option("--ttl", a->ttl, "How long the session lives without a heartbeat; default 10s");
  app.add_flag("--static", a->is_static, "Stays until removed, without a session");
  return [a](Context& context) { return RunRegister(*a, context); };
}

}  // namespace rollcall::cli
