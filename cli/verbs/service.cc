// rollcall service get|set|delete SERVICE
#include <fstream>
#include <iostream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "cli/print/json.h"
#include "cli/print/operations_text.h"
#include "cli/print/words.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/verb.h"
#include "client-sdk/base/status_macros.h"
#include "rollcall/v1/operations.grpc.pb.h"

namespace rollcall::cli {
namespace {

constexpr char kFileExample[] =
    "A FILE:\n"
    "  eviction_brake:\n"
    "    share: 0.3\n"
    "    window_seconds: 120";

struct ServiceArguments {
  std::string service;
  std::string file;
  std::optional<bool> enabled;
  std::optional<double> share;
  std::optional<uint32_t> more_than;
  std::string window;
  std::string max_hold;
  bool any_flag() const {
    return enabled || share || more_than || !window.empty() || !max_hold.empty();
  }
};

absl::StatusOr<v1::GetServiceResponse> Fetch(const v1::ServiceKey& key, Context& context,
                                             v1::Consistency consistency = v1::CONSISTENCY_ANY) {
  v1::GetServiceRequest request;
  *request.mutable_key() = key;
  request.set_consistency(consistency);
  return context.registry.Call(&v1::Operations::Stub::GetService, request);
}

absl::StatusOr<uint32_t> Seconds(const char* option, const std::string& text) {
  ASSIGN_OR_RETURN(const absl::Duration span, ParseSpan(option, text));
  if (span != absl::Floor(span, absl::Seconds(1)) || span > absl::Hours(24)) {
    return absl::InvalidArgumentError(
        absl::StrCat(option, ": must be whole seconds, at most 24h; write for example 90s"));
  }
  return static_cast<uint32_t>(absl::ToInt64Seconds(span));
}

absl::Status ApplyFlags(const ServiceArguments& a, v1::EvictionBrake& brake) {
  if (a.enabled) brake.set_enabled(*a.enabled);
  if (a.share) brake.set_share(*a.share);
  if (a.more_than) brake.set_more_than(*a.more_than);
  if (!a.window.empty()) {
    ASSIGN_OR_RETURN(const uint32_t seconds, Seconds("--brake-window", a.window));
    brake.set_window_seconds(seconds);
  }
  if (!a.max_hold.empty()) {
    ASSIGN_OR_RETURN(const uint32_t seconds, Seconds("--brake-max-hold", a.max_hold));
    brake.set_max_hold_seconds(seconds);
  }
  return absl::OkStatus();
}

// A specification, or what `service get -o yaml` printed of one.
absl::StatusOr<v1::ServiceSpec> ParseSpec(absl::string_view text) {
  if (HasTopLevelKey(text, "spec")) {
    v1::GetServiceResponse got;
    RETURN_IF_ERROR(FromYaml(text, got));
    return got.spec();
  }
  v1::ServiceSpec spec;
  RETURN_IF_ERROR(FromYaml(text, spec));
  return spec;
}

absl::StatusOr<v1::ServiceSpec> ReadSpec(const std::string& path) {
  std::ifstream file;
  if (path != "-") file.open(path, std::ios::binary);
  std::istream& in = path == "-" ? std::cin : file;
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (in.bad() || text.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("-f: cannot read ", path, ", or it is empty"));
  }
  const auto spec = ParseSpec(text);
  if (spec.ok()) return spec;
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": ", absl::StripSuffix(spec.status().message(), "."),
                   "; known fields: ", FieldNames(*v1::ServiceSpec::descriptor())));
}

// The file's specification, or the present one (empty, if there is none) to change by flags.
absl::StatusOr<v1::ServiceSpec> StartingPoint(const ServiceArguments& arguments,
                                              const v1::ServiceKey& key, Context& context) {
  if (!arguments.file.empty()) return ReadSpec(arguments.file);
  // It is written back: a lagging node's would undo what others have set since.
  const auto present = Fetch(key, context, v1::CONSISTENCY_LATEST);
  if (present.ok()) return present->spec();
  if (!absl::IsNotFound(present.status())) return present.status();
  return v1::ServiceSpec();
}

absl::StatusOr<ExitCode> GetService(const ServiceArguments& arguments, Context& context) {
  ASSIGN_OR_RETURN(const auto key, ParseServiceKey(context.ns, arguments.service));
  ASSIGN_OR_RETURN(const auto got, Fetch(key, context));
  context.printer.Show(got, [&](const Look& look) { return ServiceSpecText(got.spec(), look); });
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> SetService(const ServiceArguments& arguments, Context& context) {
  ASSIGN_OR_RETURN(const auto key, ParseServiceKey(context.ns, arguments.service));
  if (arguments.file.empty() && !arguments.any_flag()) {
    return absl::InvalidArgumentError(
        "service set: nothing to set; give -f FILE or --brake-… flags");
  }
  v1::PutServiceRequest request;
  ASSIGN_OR_RETURN(*request.mutable_spec(), StartingPoint(arguments, key, context));
  v1::ServiceSpec& spec = *request.mutable_spec();
  if (!spec.service().empty() && spec.service() != key.service()) {
    return absl::InvalidArgumentError(absl::StrCat(arguments.file, ": is about service \"",
                                                   spec.service(), "\", not \"", key.service(),
                                                   "\"; correct one of them"));
  }
  spec.set_namespace_(key.namespace_());
  spec.set_service(key.service());
  if (arguments.any_flag()) {
    RETURN_IF_ERROR(ApplyFlags(arguments, *spec.mutable_eviction_brake()));
  }
  request.set_actor(context.actor);
  ASSIGN_OR_RETURN(const auto put,
                   context.registry.Call(&v1::Operations::Stub::PutService, request));
  context.printer.Show(put, [&](const Look& look) { return ServiceSpecText(spec, look); });
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> DeleteService(const ServiceArguments& arguments, Context& context) {
  v1::DeleteServiceRequest request;
  ASSIGN_OR_RETURN(*request.mutable_key(), ParseServiceKey(context.ns, arguments.service));
  request.set_actor(context.actor);
  ASSIGN_OR_RETURN(const auto deleted,
                   context.registry.Call(&v1::Operations::Stub::DeleteService, request));
  context.printer.Show(deleted, [&](const Look&) {
    return absl::StrCat("Deleted the specification of ", arguments.service,
                        "; its instances stay, with the defaults. Revision ", deleted.revision(),
                        ".\n");
  });
  return ExitCode::kDone;
}

}  // namespace

Action ConfigureService(CLI::App& app) {
  auto a = std::make_shared<ServiceArguments>();
  app.require_subcommand(1);
  CLI::App* get = app.add_subcommand("get", "Show the specification");
  CLI::App* set = app.add_subcommand("set", "Change what the flags name, or replace all with -f");
  CLI::App* remove = app.add_subcommand("delete", "Go back to the defaults");
  for (CLI::App* sub : {get, set, remove}) {
    sub->add_option("SERVICE", a->service, "The service")->required();
  }
  set->add_option("-f,--file", a->file,
                  "YAML or JSON of the specification, or what 'service get -o yaml' prints; - is "
                  "stdin");
  set->footer(absl::StrCat(kFileExample, "\n\n", app.get_footer()));
  set->add_option("--brake", a->enabled, "Whether the eviction brake may engage: true or false");
  set->add_option("--brake-share", a->share, "Share that may go in a window, above 0 to 1");
  set->add_option("--brake-more-than", a->more_than, "Engages only when more than this would go");
  set->add_option("--brake-window", a->window, "Length of the window, 1s to 1h");
  set->add_option("--brake-max-hold", a->max_hold, "Holds at most this long, 1s to 24h");
  return [a, get, set](Context& context) {
    if (get->parsed()) return GetService(*a, context);
    return set->parsed() ? SetService(*a, context) : DeleteService(*a, context);
  };
}

}  // namespace rollcall::cli
