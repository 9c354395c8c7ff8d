// Backend: calls one gRPC service by way of the registry.
//
// rollcall::Caller picks an instance by weight, repeats a failed attempt on another one, and sets
// failing ones aside. What is left to do here is one gRPC call to one address.
//
// Thread-safe; calls block.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "examples/shop/gateway/stub_cache.h"
#include "examples/shop/gateway/tally.h"
#include "grpcpp/client_context.h"
#include "rollcall/client.h"

namespace shop {

// How the gateway calls. Its calls are reads: made twice they do no harm, so an instance that does
// not answer (it hangs, or its machine is gone) is given up quickly for another one.
inline rollcall::CallerOptions ReadingCalls() {
  rollcall::CallerOptions options;
  options.timeout = absl::Seconds(2);
  options.attempt_timeout = absl::Milliseconds(250);
  options.max_attempts = 4;
  options.retriable = {absl::StatusCode::kUnavailable, absl::StatusCode::kDeadlineExceeded};
  return options;
}

// The codes of gRPC and of Abseil are the same.
inline absl::Status FromGrpc(const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

template <typename Service>
class Backend {
 public:
  using Stub = typename Service::Stub;
  template <typename Request, typename Response>
  using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*);

  static absl::StatusOr<std::unique_ptr<Backend>> Create(rollcall::Client& client,
                                                         std::string service) {
    auto stubs = std::make_shared<StubCache<Service>>();
    rollcall::CallerOptions options = ReadingCalls();
    options.watch.on_change = [stubs](const rollcall::ViewPtr& view) {
      std::set<std::string> targets;
      for (const auto& instance : view->instances()) targets.insert(instance->Target("grpc"));
      stubs->KeepOnly(targets);
    };
    auto caller = client.MakeCaller(std::move(service), std::move(options));
    if (!caller.ok()) return caller.status();
    return std::unique_ptr<Backend>(new Backend(*std::move(caller), std::move(stubs)));
  }

  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(Method<Request, Response> method, const Request& request) {
    Response response;
    const absl::Status status = caller_.Call(
        [&](const rollcall::Attempt& attempt) { return Try(attempt, method, request, response); });
    tally_.Finished(IsAnswer(status));
    if (!status.ok()) return status;
    return response;
  }

  const rollcall::Caller& caller() const { return caller_; }
  Tally::Totals totals() const { return tally_.totals(); }

 private:
  Backend(rollcall::Caller caller, std::shared_ptr<StubCache<Service>> stubs)
      : stubs_(std::move(stubs)), caller_(std::move(caller)) {}

  // "Not found" is the service at work, not a failure of it.
  static bool IsAnswer(const absl::Status& status) {
    return status.ok() || absl::IsNotFound(status);
  }

  template <typename Request, typename Response>
  absl::Status Try(const rollcall::Attempt& attempt, Method<Request, Response> method,
                   const Request& request, Response& response) {
    const std::string& id = attempt.instance->id;
    const auto stub = stubs_->Get(attempt.instance->Target("grpc"));
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(attempt.deadline));
    tally_.Attempted(id, attempt.number);
    absl::Status status = FromGrpc((stub.get()->*method)(&context, request, &response));
    tally_.Returned(id, IsAnswer(status));
    return status;
  }

  const std::shared_ptr<StubCache<Service>> stubs_;
  Tally tally_;
  const rollcall::Caller caller_;
};

}  // namespace shop
