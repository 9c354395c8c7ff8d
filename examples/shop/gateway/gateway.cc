#include "examples/shop/gateway/gateway.h"

#include <utility>

namespace shop {
namespace {

using nlohmann::json;

double MillisecondsSince(std::chrono::steady_clock::time_point then) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - then).count();
}

json ViewStats(const rollcall::Subscription& subscription) {
  const rollcall::ViewPtr view = subscription.view();
  json stats = {{"revision", view->revision()},
                {"verified", view->verified()},
                {"panic", view->panic()},
                {"serving", json::array()},
                {"age_ms", nullptr}};
  if (const absl::Duration age = subscription.age(); age != absl::InfiniteDuration()) {
    stats["age_ms"] = absl::ToInt64Milliseconds(age);
  }
  for (const auto& instance : view->serving()) stats["serving"].push_back(instance->id);
  return stats;
}

// Instances that are gone keep their counts.
json InstanceStats(const Tally::Totals& totals, const rollcall::ServiceView& view) {
  json stats = json::object();
  for (const auto& instance : view.instances()) {
    stats[instance->id] = {
        {"weight", instance->weight}, {"attempts", 0}, {"served", 0}, {"failed", 0}};
  }
  for (const auto& [id, counts] : totals.instances) {
    json& row = stats[id];
    row["attempts"] = counts.attempts;
    row["served"] = counts.served;
    row["failed"] = counts.failed;
    row["since_last_attempt_ms"] = MillisecondsSince(counts.last_attempt);
  }
  for (auto& [id, row] : stats.items()) {
    const rollcall::Instance* instance = view.Find(id);
    row["standing"] = instance == nullptr ? "GONE" : rollcall::StandingName(instance->standing);
  }
  return stats;
}

template <typename Service>
json ServiceStats(const Backend<Service>& backend) {
  const Tally::Totals totals = backend.totals();
  const rollcall::Subscription& subscription = backend.caller().subscription();
  return {{"calls", totals.calls},
          {"failed", totals.failed},
          {"repeated", totals.repeated},
          {"set_aside", backend.caller().SetAside()},
          {"view", ViewStats(subscription)},
          {"instances", InstanceStats(totals, *subscription.view())}};
}

json ToJson(const v1::User& user) {
  return {{"id", user.id()},
          {"name", user.name()},
          {"city", user.city()},
          {"served_by", user.served_by()}};
}

}  // namespace

absl::StatusOr<std::unique_ptr<Gateway>> Gateway::Create(rollcall::Client& client) {
  auto users = Backend<v1::Users>::Create(client, "user");
  if (!users.ok()) return users.status();
  auto orders = Backend<v1::Orders>::Create(client, "order");
  if (!orders.ok()) return orders.status();
  return std::unique_ptr<Gateway>(new Gateway(*std::move(users), *std::move(orders)));
}

absl::StatusOr<json> Gateway::User(uint64_t id) {
  v1::GetUserRequest request;
  request.set_id(id);
  const absl::StatusOr<v1::User> user = users_->Call(&v1::Users::Stub::GetUser, request);
  if (!user.ok()) return user.status();
  return ToJson(*user);
}

absl::StatusOr<json> Gateway::Order(uint64_t id) {
  v1::GetOrderRequest request;
  request.set_id(id);
  const absl::StatusOr<v1::Order> order = orders_->Call(&v1::Orders::Stub::GetOrder, request);
  if (!order.ok()) return order.status();
  absl::StatusOr<json> user = User(order->user_id());
  if (!user.ok()) return user.status();
  return json{{"id", order->id()},
              {"item", order->item()},
              {"quantity", order->quantity()},
              {"served_by", order->served_by()},
              {"user", *std::move(user)}};
}

json Gateway::Stats() const {
  return {{"user", ServiceStats(*users_)}, {"order", ServiceStats(*orders_)}};
}

}  // namespace shop
