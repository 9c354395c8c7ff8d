// FakeRegistry: a gRPC server on a free port with canned answers, for tests of the whole command.
//
// Unary answers are fields; the last requests are kept. Streams run a script, one function per
// stream in the order they come; when the scripts are used up a stream ends with UNAVAILABLE.
// Answers are set before the command runs and requests read after it; `mu` orders that for
// ThreadSanitizer, which cannot see through gRPC.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/mutex.h"
#include "grpcpp/grpcpp.h"
#include "rollcall/v1/discovery.grpc.pb.h"
#include "rollcall/v1/operations.grpc.pb.h"
#include "rollcall/v1/registry.grpc.pb.h"

namespace rollcall::cli {

template <typename Request, typename Response>
struct Canned {
  // Given out one by one, before the lasting answer below.
  std::deque<std::pair<grpc::Status, Response>> first;
  Response response;
  grpc::Status status;
  Request last;
  std::atomic<int> calls{0};  // read by the test while it serves

  grpc::Status Answer(const Request& request, Response* out) {
    last = request;
    ++calls;
    if (!first.empty()) {
      const auto [first_status, first_response] = first.front();
      first.pop_front();
      *out = first_response;
      return first_status;
    }
    *out = response;
    return status;
  }
};

template <typename Request, typename Response>
class Scripts {
 public:
  using Stream = grpc::ServerReaderWriter<Response, Request>;
  using Script = std::function<grpc::Status(Stream&)>;

  explicit Scripts(base::Mutex& mu) : mu_(mu) {}

  void Add(Script script) {
    base::MutexLock lock(mu_);
    scripts_.push_back(std::move(script));
  }
  grpc::Status Run(Stream& stream) {
    Script script;
    {
      base::MutexLock lock(mu_);
      if (scripts_.empty()) return {grpc::StatusCode::UNAVAILABLE, "no more scripts"};
      script = std::move(scripts_.front());
      scripts_.pop_front();
    }
    return script(stream);
  }

 private:
  base::Mutex& mu_;
  std::deque<Script> scripts_ ABSL_GUARDED_BY(mu_);
};

#define ROLLCALL_CANNED(Method, field)                                          \
  Canned<v1::Method##Request, v1::Method##Response> field;                      \
  grpc::Status Method(grpc::ServerContext*, const v1::Method##Request* request, \
                      v1::Method##Response* response) override {                \
    base::MutexLock lock(mu);                                                   \
    return field.Answer(*request, response);                                    \
  }

class FakeRegistry {
 public:
  struct RegistryService : v1::Registry::Service {
    explicit RegistryService(base::Mutex& m) : mu(m) {}
    base::Mutex& mu;
    ROLLCALL_CANNED(Register, registered)
    ROLLCALL_CANNED(Deregister, deregistered)
    Scripts<v1::KeepAliveRequest, v1::KeepAliveResponse> keep_alive{mu};
    grpc::Status KeepAlive(
        grpc::ServerContext*,
        grpc::ServerReaderWriter<v1::KeepAliveResponse, v1::KeepAliveRequest>* s) override {
      return keep_alive.Run(*s);
    }
  };
  struct DiscoveryService : v1::Discovery::Service {
    explicit DiscoveryService(base::Mutex& m) : mu(m) {}
    base::Mutex& mu;
    ROLLCALL_CANNED(Resolve, resolved)
    ROLLCALL_CANNED(ListServices, services)
    ROLLCALL_CANNED(GetInstance, instance)
    Scripts<v1::WatchRequest, v1::WatchResponse> watch{mu};
    grpc::Status Watch(grpc::ServerContext*,
                       grpc::ServerReaderWriter<v1::WatchResponse, v1::WatchRequest>* s) override {
      return watch.Run(*s);
    }
  };
  struct OperationsService : v1::Operations::Service {
    explicit OperationsService(base::Mutex& m) : mu(m) {}
    base::Mutex& mu;
    ROLLCALL_CANNED(SetOverride, override_set)
    ROLLCALL_CANNED(ClearOverride, override_cleared)
    ROLLCALL_CANNED(ListOverrides, overrides)
    ROLLCALL_CANNED(RemoveInstance, removed)
    ROLLCALL_CANNED(GetDrainStatus, drain)
    ROLLCALL_CANNED(GetService, service)
    ROLLCALL_CANNED(PutService, service_put)
    ROLLCALL_CANNED(GetHistory, history)
    ROLLCALL_CANNED(Explain, explained)
    ROLLCALL_CANNED(ListInstances, instances)
    ROLLCALL_CANNED(ListBrakes, brakes)
    ROLLCALL_CANNED(ReleaseBrake, brake_released)
    ROLLCALL_CANNED(GetStatus, node_status)
    ROLLCALL_CANNED(ListNodes, nodes)
    // The pieces of a backup, and how it ends.
    std::vector<std::string> backup;
    grpc::Status backup_status;
    grpc::Status Backup(grpc::ServerContext*, const v1::BackupRequest*,
                        grpc::ServerWriter<v1::BackupResponse>* writer) override {
      base::MutexLock lock(mu);
      for (const std::string& chunk : backup) {
        v1::BackupResponse response;
        response.set_chunk(chunk);
        writer->Write(response);
      }
      return backup_status;
    }
  };

  FakeRegistry() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&registry);
    builder.RegisterService(&discovery);
    builder.RegisterService(&operations);
    server_ = builder.BuildAndStart();
    address = absl::StrCat("127.0.0.1:", port);
  }
  ~FakeRegistry() { server_->Shutdown(std::chrono::system_clock::now()); }

  std::string address;
  base::Mutex mu;
  RegistryService registry{mu};
  DiscoveryService discovery{mu};
  OperationsService operations{mu};

 private:
  std::unique_ptr<grpc::Server> server_;
};

#undef ROLLCALL_CANNED

}  // namespace rollcall::cli
