#include "server/rpc/grpc/peer_channels.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <grpcpp/support/client_callback.h>

#include <functional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/check.h"

namespace rollcall::rpc {
namespace {

constexpr unsigned kRefreshSeconds = 1;
// A node that is back is to be heard again soon.
constexpr int kLongestReconnectMs = 1000;

// A call to nowhere, on a channel that is never destroyed, on purpose: when the last channel that
// used the callback API goes, gRPC 1.51 tears its hidden completion queue down and now and then
// aborts the process in that ("ref_counted.h: assertion failed: prior > 0"). Ours come and go.
struct Nowhere {
  static Nowhere& Get() {
    static auto* const nowhere = new Nowhere;
    return *nowhere;
  }
  Nowhere() {
    stub->async()->GetStatus(&context, &request, &response, [](const grpc::Status&) {});
  }
  const std::unique_ptr<v1::Operations::Stub> stub =
      v1::Operations::NewStub(grpc::CreateChannel("none", nullptr));
  grpc::ClientContext context;
  v1::GetStatusRequest request;
  v1::GetStatusResponse response;
};

// Words for operators: what failed, not how gRPC spells it.
absl::Status Spoken(const Peer& peer, const grpc::Status& status, absl::Duration deadline) {
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  if (code == absl::StatusCode::kDeadlineExceeded) {
    return absl::DeadlineExceededError(
        absl::StrCat("no answer from ", peer.address, " within ", absl::FormatDuration(deadline)));
  }
  return {code, absl::StrCat(peer.address, ": ", status.error_message())};
}

}  // namespace

std::shared_ptr<grpc::ChannelCredentials> MakePeerCredentials(const TlsFiles& files) {
  if (!files.enabled()) return grpc::InsecureChannelCredentials();
  namespace tls = grpc::experimental;
  tls::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(std::make_shared<tls::FileWatcherCertificateProvider>(
      files.key, files.cert, files.ca, kRefreshSeconds));
  options.watch_identity_key_cert_pairs();
  // Without authorities of our own: those that the system trusts.
  if (!files.ca.empty()) options.watch_root_certs();
  return tls::TlsCredentials(options);
}

// The questions that are under way.
class PeerChannels::Open {
 public:
  // False: nothing may be asked any more.
  bool Add(grpc::ClientContext* context) {
    base::MutexLock lock(mu_);
    if (stopped_) return false;
    contexts_.insert(context);
    return true;
  }
  void Remove(grpc::ClientContext* context) {
    base::MutexLock lock(mu_);
    contexts_.erase(context);
    if (contexts_.empty()) empty_.NotifyAll();
  }
  void Stop() {
    base::MutexLock lock(mu_);
    stopped_ = true;
    for (grpc::ClientContext* context : contexts_) context->TryCancel();
    while (!contexts_.empty()) empty_.Wait(mu_);
  }

 private:
  base::Mutex mu_;
  base::CondVar empty_;
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  std::set<grpc::ClientContext*> contexts_ ABSL_GUARDED_BY(mu_);
};

template <typename Request, typename Response>
struct PeerChannels::Question {
  grpc::ClientContext context;
  Request request;
  Response response;
  Reply<Response> reply;
  std::shared_ptr<Stub> stub;
};

PeerChannels::PeerChannels(std::shared_ptr<grpc::ChannelCredentials> credentials,
                           const base::Clock& clock)
    : credentials_(std::move(credentials)), clock_(clock), open_(std::make_shared<Open>()) {
  // Looked at, or else no compiler keeps where it is, and who looks for leaks finds one.
  ROLLCALL_CHECK(Nowhere::Get().stub != nullptr, "there is a channel to nowhere");
}

PeerChannels::~PeerChannels() { Stop(); }

void PeerChannels::Stop() { open_->Stop(); }

void PeerChannels::OnNodes(const cluster::NodeSnapshot& now) {
  std::set<std::string> addresses;
  for (const cluster::PresentNode& node : now.nodes) addresses.insert(node.record.grpc_address());
  base::MutexLock lock(mu_);
  std::erase_if(stubs_, [&](const auto& stub) { return !addresses.contains(stub.first); });
}

std::shared_ptr<PeerChannels::Stub> PeerChannels::StubOf(const std::string& address) {
  base::MutexLock lock(mu_);
  std::shared_ptr<Stub>& stub = stubs_[address];
  if (stub == nullptr) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kLongestReconnectMs / 10);
    arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kLongestReconnectMs);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kLongestReconnectMs);
    stub = v1::Operations::NewStub(grpc::CreateCustomChannel(address, credentials_, arguments));
  }
  return stub;
}

template <typename Request, typename Response, typename Method>
void PeerChannels::Ask(const Peer& peer, const Request& request, absl::Duration deadline,
                       Reply<Response> reply, Method method) {
  if (peer.address.empty()) {
    reply(absl::UnavailableError("it does not say where it can be reached"));
    return;
  }
  auto question = std::make_shared<Question<Request, Response>>();
  if (!open_->Add(&question->context)) {
    reply(absl::UnavailableError("this node is shutting down"));
    return;
  }
  question->context.set_deadline(absl::ToChronoTime(clock_.Wall() + deadline));
  question->request = request;
  question->reply = std::move(reply);
  question->stub = StubOf(peer.address);
  auto* const async = question->stub->async();
  (async->*method)(&question->context, &question->request, &question->response,
                   [open = open_, question, peer, deadline](const grpc::Status& status) {
                     if (status.ok()) {
                       question->reply(std::move(question->response));
                     } else {
                       question->reply(Spoken(peer, status, deadline));
                     }
                     open->Remove(&question->context);
                   });
}

void PeerChannels::GetDrainStatus(const Peer& peer, const v1::GetDrainStatusRequest& request,
                                  absl::Duration deadline,
                                  Reply<v1::GetDrainStatusResponse> reply) {
  using Callback = std::function<void(grpc::Status)>;
  using Method = void (Stub::async::*)(grpc::ClientContext*, const v1::GetDrainStatusRequest*,
                                       v1::GetDrainStatusResponse*, Callback);
  Ask<v1::GetDrainStatusRequest, v1::GetDrainStatusResponse, Method>(
      peer, request, deadline, std::move(reply), &Stub::async::GetDrainStatus);
}

void PeerChannels::ListBrakes(const Peer& peer, const v1::ListBrakesRequest& request,
                              absl::Duration deadline, Reply<v1::ListBrakesResponse> reply) {
  using Callback = std::function<void(grpc::Status)>;
  using Method = void (Stub::async::*)(grpc::ClientContext*, const v1::ListBrakesRequest*,
                                       v1::ListBrakesResponse*, Callback);
  Ask<v1::ListBrakesRequest, v1::ListBrakesResponse, Method>(
      peer, request, deadline, std::move(reply), &Stub::async::ListBrakes);
}

void PeerChannels::ReleaseBrake(const Peer& peer, const v1::ReleaseBrakeRequest& request,
                                absl::Duration deadline, Reply<v1::ReleaseBrakeResponse> reply) {
  using Callback = std::function<void(grpc::Status)>;
  using Method = void (Stub::async::*)(grpc::ClientContext*, const v1::ReleaseBrakeRequest*,
                                       v1::ReleaseBrakeResponse*, Callback);
  Ask<v1::ReleaseBrakeRequest, v1::ReleaseBrakeResponse, Method>(
      peer, request, deadline, std::move(reply), &Stub::async::ReleaseBrake);
}

void PeerChannels::GetStatus(const Peer& peer, absl::Duration deadline,
                             Reply<v1::GetStatusResponse> reply) {
  using Callback = std::function<void(grpc::Status)>;
  using Method = void (Stub::async::*)(grpc::ClientContext*, const v1::GetStatusRequest*,
                                       v1::GetStatusResponse*, Callback);
  Ask<v1::GetStatusRequest, v1::GetStatusResponse, Method>(peer, {}, deadline, std::move(reply),
                                                           &Stub::async::GetStatus);
}

}  // namespace rollcall::rpc
