#include "server/health/cut_off.h"

#include "server/health/move_to.h"

namespace rollcall::health {

void CutOff::Set(bool cut_off) {
  if (cut_off == cut_off_) return;
  cut_off_ = cut_off;
  if (drainer_.started()) return;  // They are being told to go anyway.
  book_.ForEach([this](Session& session) {
    if (session.stream == nullptr) return;
    if (cut_off_) {
      Tell(session);
    } else {
      // It stayed; the end of its stream means again what it always meant.
      session.stream->ServerStays();
    }
  });
}

void CutOff::OnBound(Session& session) {
  if (cut_off_ && !drainer_.started()) Tell(session);
}

void CutOff::Tell(Session& session) {
  const ServerNames servers = servers_ ? servers_() : nullptr;
  SendMoveTo(*session.stream, servers ? *servers : std::vector<std::string>(), kTryWithin);
}

}  // namespace rollcall::health
