#include "rollcall/client.h"

#include <errno.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/random.h"
#include "client-sdk/base/status_macros.h"
#include "client-sdk/base/system_clock.h"
#include "client-sdk/base/thread_executor.h"
#include "client-sdk/src/cache_file.h"
#include "client-sdk/src/cache_writer.h"
#include "client-sdk/src/caller_core.h"
#include "client-sdk/src/core.h"
#include "client-sdk/src/grpc_transport.h"
#include "client-sdk/src/options.h"

namespace rollcall {
namespace {

constexpr absl::Duration kIdleLimit = absl::Seconds(3);
constexpr absl::Duration kDiskLimit = absl::Seconds(3);

absl::Status Gone() { return absl::FailedPreconditionError("the client is gone or was forked"); }

absl::Status MustNotBlock() {
  return absl::FailedPreconditionError("a blocking call was made from a callback of the client");
}

void LogToStderr(LogLevel level, const std::string& message) {
  if (level == LogLevel::kInfo) return;
  std::fprintf(stderr, "rollcall: %s\n", message.c_str());
}

std::string DefaultName() {
  char host[256] = "";
  if (gethostname(host, sizeof host - 1) != 0) host[0] = '\0';
  return absl::StrCat(program_invocation_short_name, "@", host);
}

}  // namespace

// The real edges around a Core. The core and the transport live on the executor's thread.
class Client::Impl {
 public:
  explicit Impl(const ClientOptions& options)
      : options_(options),
        clock_(std::make_shared<base::SystemClock>()),
        executor_(std::make_shared<base::ThreadExecutor>("rollcall-sdk")),
        gate_(std::make_shared<sdk::Gate>(clock_, executor_)) {
    if (!options_.cache_directory.empty()) {
      disk_ = std::make_unique<base::ThreadExecutor>("rollcall-cache");
    }
    sdk::Latch made;
    executor_->Post([&] {
      transport_ = std::make_unique<sdk::GrpcTransport>(clock_, executor_, options_.tls);
      core_ = std::make_unique<sdk::Core>(options_, gate_, random_, *transport_, Cache());
      made.Set(absl::OkStatus());
    });
    made.WaitFor(*clock_, absl::InfiniteDuration());
  }

  ~Impl() {
    sdk::Latch stopped, destroyed;
    executor_->Post([&] { core_->Stop([&] { stopped.Set(absl::OkStatus()); }); });
    // The core bounds its own work: the longest drain and two requests. Waiting without a limit of
    // our own is safe, and nothing may be left that refers to this frame.
    stopped.WaitFor(*clock_, absl::InfiniteDuration());
    WaitForDisk();
    executor_->Post([&] {
      core_ = nullptr;
      destroyed.Set(absl::OkStatus());
    });
    destroyed.WaitFor(*clock_, absl::InfiniteDuration());
    transport_->WaitUntilIdle(kIdleLimit);
    sdk::Latch closed;
    executor_->Post([&] {
      transport_ = nullptr;
      closed.Set(absl::OkStatus());
    });
    closed.WaitFor(*clock_, absl::InfiniteDuration());
    executor_->Stop();
  }

  const ClientOptions& options() const { return options_; }
  sdk::Gate& gate() { return *gate_; }
  const std::shared_ptr<sdk::Gate>& shared_gate() { return gate_; }
  base::Random& random() { return random_; }

 private:
  // Null if no views are kept on disk.
  std::unique_ptr<sdk::CacheStore> Cache() {
    if (disk_ == nullptr) return nullptr;
    return std::make_unique<sdk::CacheWriter>(
        sdk::CacheFile(options_.cache_directory, options_.client_name, options_.name_space), *disk_,
        executor_);
  }
  // Until what was given to it is written; but for a disk that stands still nobody waits for long.
  void WaitForDisk() {
    if (disk_ == nullptr) return;
    const auto written = std::make_shared<sdk::Latch>();
    disk_->Post([written] { written->Set(absl::OkStatus()); });
    if (written->WaitFor(*clock_, kDiskLimit)) return;
    sdk::Log(options_.log).Warning("the view cache is not written: the disk stands still");
    (void)disk_.release();  // Its thread stands still with the disk, and cannot be joined.
  }

  const ClientOptions options_;
  const std::shared_ptr<base::SystemClock> clock_;
  const std::shared_ptr<base::ThreadExecutor> executor_;
  std::unique_ptr<base::ThreadExecutor> disk_;
  const std::shared_ptr<sdk::Gate> gate_;
  base::SecureRandom random_;
  std::unique_ptr<sdk::GrpcTransport> transport_;
  std::unique_ptr<sdk::Core> core_;
};

absl::StatusOr<std::unique_ptr<Client>> Client::Create(ClientOptions options) {
  RETURN_IF_ERROR(sdk::Validate(options));
  if (options.client_name.empty()) options.client_name = DefaultName();
  if (!options.log) options.log = LogToStderr;
  return std::unique_ptr<Client>(new Client(std::make_unique<Impl>(options)));
}

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Client::~Client() {
  if (!impl_->gate().InSameProcess()) {
    (void)impl_.release();  // A child has no share in its parent's registrations, nor its thread.
  } else if (impl_->gate().OnCoreThread()) {
    sdk::Log(impl_->options().log).Error("a Client was destroyed by its own callback; leaked");
    (void)impl_.release();
  }
}

absl::StatusOr<Registration> Client::Register(InstanceOptions options) {
  const absl::Duration wait = options.wait;
  const bool must_succeed = options.must_succeed;
  if (wait > absl::ZeroDuration() && impl_->gate().OnCoreThread()) return MustNotBlock();
  absl::StatusOr<std::shared_ptr<sdk::RegistrationHandle>> made = Gone();
  impl_->gate().Call([&](sdk::Core& core) { made = core.Register(std::move(options)); });
  if (!made.ok()) return made.status();
  const std::shared_ptr<sdk::RegistrationHandle> handle = *std::move(made);
  if (wait <= absl::ZeroDuration()) return Registration(handle);

  const std::optional<absl::Status> outcome =
      handle->first_outcome.WaitFor(impl_->gate().clock(), wait);
  if ((outcome && outcome->ok()) || !must_succeed) return Registration(handle);
  impl_->gate().Post(
      [handle](sdk::Core& core) { core.registrar().Remove(*handle, [](const absl::Status&) {}); });
  if (outcome) return *outcome;
  const absl::Status last = handle->status().last_error;
  return absl::UnavailableError(
      absl::StrCat("not registered within ", absl::FormatDuration(wait),
                   last.ok() ? "" : absl::StrCat("; last error: ", std::string(last.message()))));
}

absl::StatusOr<Subscription> Client::Watch(std::string service, WatchOptions options) {
  RETURN_IF_ERROR(sdk::ValidateService(service));
  std::shared_ptr<sdk::SubscriptionCell> cell;
  impl_->gate().Call([&](sdk::Core& core) { cell = core.Watch(service, std::move(options)); });
  if (cell == nullptr) return Gone();
  return Subscription(std::move(cell));
}

absl::StatusOr<ViewPtr> Client::Resolve(const std::string& service, ResolveOptions options) {
  RETURN_IF_ERROR(sdk::ValidateService(service));
  if (impl_->gate().OnCoreThread()) return MustNotBlock();
  struct Answer {
    sdk::Latch latch;
    ViewPtr view;
  };
  auto answer = std::make_shared<Answer>();
  const bool posted = impl_->gate().Post([=](sdk::Core& core) {
    core.Resolve(service, options, [answer](absl::StatusOr<ViewPtr> view) {
      if (view.ok()) answer->view = *view;
      answer->latch.Set(view.status());
    });
  });
  if (!posted) return Gone();
  const absl::Duration limit = options.timeout + impl_->options().rpc_timeout;
  const absl::Status status =
      answer->latch.WaitFor(impl_->gate().clock(), limit)
          .value_or(absl::DeadlineExceededError("the registry did not answer"));
  if (!status.ok()) return status;
  return answer->view;
}

absl::StatusOr<Caller> Client::MakeCaller(std::string service, CallerOptions options) {
  RETURN_IF_ERROR(sdk::ValidateService(service));
  std::shared_ptr<sdk::SubscriptionCell> cell;
  impl_->gate().Call([&](sdk::Core& core) { cell = core.Watch(service, options.watch); });
  if (cell == nullptr) return Gone();
  auto core = std::make_shared<sdk::CallerCore>(impl_->shared_gate(), cell, options,
                                                impl_->random().Next());
  return Caller(Subscription(std::move(cell)), std::move(core));
}

void Client::Drain() {
  impl_->gate().Post([](sdk::Core& core) { core.registrar().DrainAll(); });
}

}  // namespace rollcall
