// Lifeline: makes callbacks that do nothing once their owner is gone.
//
// Owner, callbacks and destruction must all be on one executor; it is no lock.
#pragma once

#include <memory>
#include <utility>

namespace rollcall::sdk {

class Lifeline {
 public:
  template <typename F>
  auto Tie(F f) const {
    return [alive = std::weak_ptr<int>(alive_), f = std::move(f)](auto&&... args) mutable {
      if (!alive.expired()) f(std::forward<decltype(args)>(args)...);
    };
  }
  // What was tied so far does nothing any more.
  void Cut() { alive_ = std::make_shared<int>(0); }

 private:
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace rollcall::sdk
