// shop_user: the user service.
#include <array>
#include <memory>
#include <string>

#include "examples/shop/service/serve.h"
#include "shop.grpc.pb.h"

namespace shop {
namespace {

constexpr uint64_t kUsers = 1000;
constexpr std::array kNames = {"Ada", "Barbara", "Edsger", "Frances", "Grace", "Leslie", "Nancy"};
constexpr std::array kCities = {"Bergen", "Graz", "Lyon", "Porto", "Utrecht"};

class Users final : public v1::Users::Service {
 public:
  explicit Users(std::string id) : id_(std::move(id)) {}

  grpc::Status GetUser(grpc::ServerContext*, const v1::GetUserRequest* request,
                       v1::User* user) override {
    if (request->id() < 1 || request->id() > kUsers) {
      return {grpc::StatusCode::NOT_FOUND, "there is no such user"};
    }
    user->set_id(request->id());
    user->set_name(kNames[request->id() % kNames.size()]);
    user->set_city(kCities[request->id() % kCities.size()]);
    user->set_served_by(id_);
    return grpc::Status::OK;
  }

 private:
  const std::string id_;
};

}  // namespace
}  // namespace shop

int main(int argc, char** argv) {
  return shop::ServeMain(argc, argv, "user",
                         [](const std::string& id) { return std::make_unique<shop::Users>(id); });
}
