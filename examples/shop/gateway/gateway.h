// Gateway: the shop's answers, put together from its services.
//
// Thread-safe; calls block for at most two seconds for each service that is asked.
#pragma once

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "examples/shop/gateway/backend.h"
#include "nlohmann/json.hpp"
#include "rollcall/client.h"
#include "shop.grpc.pb.h"

namespace shop {

class Gateway {
 public:
  // The client must outlive it.
  static absl::StatusOr<std::unique_ptr<Gateway>> Create(rollcall::Client& client);

  absl::StatusOr<nlohmann::json> User(uint64_t id);
  // With the user who ordered in it.
  absl::StatusOr<nlohmann::json> Order(uint64_t id);
  // By service and instance: what was called, what came of it, and what the registry says.
  nlohmann::json Stats() const;

 private:
  Gateway(std::unique_ptr<Backend<v1::Users>> users, std::unique_ptr<Backend<v1::Orders>> orders)
      : users_(std::move(users)), orders_(std::move(orders)) {}

  const std::unique_ptr<Backend<v1::Users>> users_;
  const std::unique_ptr<Backend<v1::Orders>> orders_;
};

}  // namespace shop
