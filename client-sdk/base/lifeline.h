// Lifeline: makes callbacks that do nothing once their owner is gone, or has cut them off.
//
// Owner and callbacks belong to one executor: there, gone is gone. Not thread-safe beyond that.
#pragma once

#include <memory>
#include <utility>

namespace rollcall::base {

class Lifeline {
 public:
  template <typename F>
  auto Guard(F f) const {
    return [alive = std::weak_ptr<const char>(alive_), f = std::move(f)](auto&&... args) mutable {
      if (!alive.expired()) f(std::forward<decltype(args)>(args)...);
    };
  }
  // What was guarded so far does nothing any more.
  void Cut() { alive_ = std::make_shared<const char>(); }

 private:
  std::shared_ptr<const char> alive_ = std::make_shared<const char>();
};

}  // namespace rollcall::base
