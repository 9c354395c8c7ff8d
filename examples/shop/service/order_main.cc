// shop_order: the order service.
#include <array>
#include <memory>
#include <string>

#include "examples/shop/service/serve.h"
#include "shop.grpc.pb.h"

namespace shop {
namespace {

constexpr uint64_t kOrders = 100000;
constexpr uint64_t kUsers = 1000;
constexpr std::array kItems = {"lamp", "kettle", "rug", "desk", "clock", "chair"};

class Orders final : public v1::Orders::Service {
 public:
  explicit Orders(std::string id) : id_(std::move(id)) {}

  grpc::Status GetOrder(grpc::ServerContext*, const v1::GetOrderRequest* request,
                        v1::Order* order) override {
    if (request->id() < 1 || request->id() > kOrders) {
      return {grpc::StatusCode::NOT_FOUND, "there is no such order"};
    }
    order->set_id(request->id());
    order->set_user_id(1 + request->id() * 7 % kUsers);
    order->set_item(kItems[request->id() % kItems.size()]);
    order->set_quantity(1 + request->id() % 3);
    order->set_served_by(id_);
    return grpc::Status::OK;
  }

 private:
  const std::string id_;
};

}  // namespace
}  // namespace shop

int main(int argc, char** argv) {
  return shop::ServeMain(argc, argv, "order",
                         [](const std::string& id) { return std::make_unique<shop::Orders>(id); });
}
