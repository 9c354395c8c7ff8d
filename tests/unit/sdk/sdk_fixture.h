// SdkTest: a real Core on a fake clock, executor and transport.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "client-sdk/base/random.h"
#include "client-sdk/src/core.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_clock.h"
#include "tests/support/manual_executor.h"
#include "tests/unit/sdk/fake_transport.h"

namespace rollcall::testing {

// A CacheStore in memory that outlives the core.
struct MemoryCache {
  std::string blob;
  int saves = 0;
  // A disk that does not answer for now.
  bool stands_still = false;
  absl::Status outcome;
  std::vector<sdk::CacheStore::Done> under_way;
};
class MemoryCacheStore final : public sdk::CacheStore {
 public:
  explicit MemoryCacheStore(MemoryCache& cache) : cache_(cache) {}
  absl::StatusOr<std::string> Load() override {
    if (cache_.blob.empty()) return absl::NotFoundError("nothing yet");
    return cache_.blob;
  }
  void Save(std::string blob, Done done) override {
    cache_.blob = std::move(blob);
    ++cache_.saves;
    if (cache_.stands_still) {
      cache_.under_way.push_back(std::move(done));
    } else {
      done(cache_.outcome);
    }
  }

 private:
  MemoryCache& cache_;
};

class SdkTest : public ::testing::Test {
 protected:
  SdkTest() { options_.client_name = "test"; }
  ~SdkTest() override { core_ = nullptr; }

  void Start() {
    options_.log = [this](LogLevel, const std::string& text) { log_.push_back(text); };
    gate_ = std::make_shared<sdk::Gate>(clock_, executor_);
    core_ = std::make_unique<sdk::Core>(options_, gate_, random_, transport_,
                                        std::make_unique<MemoryCacheStore>(cache_));
  }

  std::shared_ptr<sdk::RegistrationHandle> Register(InstanceOptions options) {
    auto handle = core_->Register(std::move(options));
    EXPECT_TRUE(handle.ok()) << handle.status();
    return *handle;
  }
  std::shared_ptr<sdk::RegistrationHandle> Register(const std::string& service,
                                                    const std::string& id) {
    InstanceOptions options;
    options.service = service;
    options.id = id;
    options.endpoints = {{.address = "10.0.0.1", .port = 80}};
    return Register(std::move(options));
  }
  void Settle() { executor_->RunReady(); }
  void AdvanceBy(absl::Duration d) { executor_->AdvanceBy(d); }

  std::shared_ptr<FakeClock> clock_ = std::make_shared<FakeClock>();
  std::shared_ptr<ManualExecutor> executor_ = std::make_shared<ManualExecutor>(*clock_);
  base::SeededRandom random_{1};
  FakeTransport transport_{*executor_, *clock_};
  MemoryCache cache_;
  ClientOptions options_{.servers = {"a:1"}};
  std::vector<std::string> log_;
  std::shared_ptr<sdk::Gate> gate_;
  std::unique_ptr<sdk::Core> core_;
};

}  // namespace rollcall::testing
