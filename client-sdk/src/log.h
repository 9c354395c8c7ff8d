// Log: the SDK's way to say something; the sink is the user's.
#pragma once

#include <string>

#include "rollcall/client.h"

namespace rollcall::sdk {

class Log {
 public:
  explicit Log(LogSink sink) : sink_(std::move(sink)) {}
  void Info(const std::string& message) const { Say(LogLevel::kInfo, message); }
  void Warning(const std::string& message) const { Say(LogLevel::kWarning, message); }
  void Error(const std::string& message) const { Say(LogLevel::kError, message); }

 private:
  void Say(LogLevel level, const std::string& message) const {
    if (sink_) sink_(level, message);
  }
  LogSink sink_;
};

}  // namespace rollcall::sdk
