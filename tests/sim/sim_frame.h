// SimFrame: the feed's encoded bytes, held as a string.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "server/feed/watch_stream.h"

namespace rollcall::sim {

class SimFrame final : public feed::Frame {
 public:
  explicit SimFrame(std::string bytes) : bytes_(std::move(bytes)) {}
  size_t size() const override { return bytes_.size(); }
  const std::string& bytes() const { return bytes_; }

  static std::shared_ptr<const feed::Frame> Make(std::string bytes) {
    return std::make_shared<SimFrame>(std::move(bytes));
  }
  // The message whose parts the feed hands to a stream.
  static std::string Join(std::string prefix, const std::shared_ptr<const feed::Frame>& body) {
    return body ? prefix + static_cast<const SimFrame&>(*body).bytes() : prefix;
  }

 private:
  const std::string bytes_;
};

}  // namespace rollcall::sim
