// Lifeline: makes callbacks that do nothing once their owner is gone.
//
// Owner and callbacks belong to one executor: there, gone is gone. Not thread-safe beyond that.
#pragma once

#include <memory>
#include <utility>

namespace rollcall::health {

class Lifeline {
 public:
  template <typename F>
  auto Guard(F f) const {
    return [alive = std::weak_ptr<const char>(alive_), f = std::move(f)](auto&&... args) mutable {
      if (!alive.expired()) f(std::forward<decltype(args)>(args)...);
    };
  }

 private:
  std::shared_ptr<const char> alive_ = std::make_shared<const char>();
};

}  // namespace rollcall::health
