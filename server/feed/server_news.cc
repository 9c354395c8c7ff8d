#include "server/feed/server_news.h"

#include "server/feed/delta.h"

namespace rollcall::feed {

const std::string& ServerNews::For(ServerNames& told) {
  ServerNames now = source_ ? source_() : nullptr;
  if (now == nullptr || now->empty() || now == told) return nothing_;
  if (now != newest_) {
    encoded_ = EncodeServers(*now);
    newest_ = now;
  }
  told = std::move(now);
  return encoded_;
}

}  // namespace rollcall::feed
