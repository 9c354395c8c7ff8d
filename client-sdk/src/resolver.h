// Resolver: asks the registry once who serves, trying several servers under one deadline.
//
// Belongs to the core's executor.
#pragma once

#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "client-sdk/base/lifeline.h"
#include "client-sdk/src/core_context.h"
#include "client-sdk/src/view_cache.h"
#include "rollcall/client.h"

namespace rollcall::sdk {

class Resolver {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<ViewPtr>)>;
  Resolver(CoreContext& context, const ViewCache& cache) : context_(context), cache_(cache) {}

  void Resolve(const std::string& service, const ResolveOptions& options, Done done);

 private:
  struct Ask;
  void Try(std::shared_ptr<Ask> ask);
  void OnAnswer(std::shared_ptr<Ask> ask, const std::string& server,
                absl::StatusOr<v1::ResolveResponse> response);
  // The last good view instead of a failure, if that is allowed and there is one.
  void GiveUp(Ask& ask, const absl::Status& why);

  CoreContext& context_;
  const ViewCache& cache_;
  base::Lifeline lifeline_;
};

}  // namespace rollcall::sdk
