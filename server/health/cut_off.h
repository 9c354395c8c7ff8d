// CutOff: while this node cannot confirm its presence in the store, others may take it for gone; so
// its clients are told to try another node.
//
// Each stream is told once per such time, those that open meanwhile too. Until the client has moved
// it is served as before: if no other node takes it, it stays where it is. Belongs to the health
// executor.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "server/health/drainer.h"
#include "server/health/session_book.h"
#include "server/model/server_source.h"

namespace rollcall::health {

class CutOff {
 public:
  // Clients try within this, each at a moment of its own.
  static constexpr absl::Duration kTryWithin = absl::Seconds(1);

  CutOff(SessionBook& book, const Drainer& drainer, ServerSource servers)
      : book_(book), drainer_(drainer), servers_(std::move(servers)) {}

  void Set(bool cut_off);
  // A stream was bound to `session`.
  void OnBound(Session& session);

 private:
  void Tell(Session& session);

  SessionBook& book_;
  const Drainer& drainer_;
  const ServerSource servers_;
  bool cut_off_ = false;
};

}  // namespace rollcall::health
