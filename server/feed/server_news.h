// ServerNews: the nodes that clients may use, as part of a watch message: encoded once for all
// watchers, told to each once.
//
// Belongs to one publisher.
#pragma once

#include <string>
#include <utility>

#include "server/model/server_source.h"

namespace rollcall::feed {

class ServerNews {
 public:
  explicit ServerNews(ServerSource source) : source_(std::move(source)) {}

  // Fields to add to the next message of a watcher that was last told `told`, which follows; empty
  // if it knows. Good until the next call.
  const std::string& For(ServerNames& told);

 private:
  const ServerSource source_;
  // Held, so that its address means this list and no later one.
  ServerNames newest_;
  std::string encoded_;
  const std::string nothing_;
};

}  // namespace rollcall::feed
