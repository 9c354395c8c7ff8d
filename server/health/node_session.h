// NodeSession: the session of this node itself, on whose heartbeats accounted time rests.
//
// A client inside the node opens it over the node's own port, as any client does, and beats each
// kBeatInterval; it is in no catalog and nobody judges it. Id and secret are made at start, so
// nobody else can open it. Belongs to the health executor but for the constant members.
#pragma once

#include <memory>
#include <string>

#include "client-sdk/base/random.h"
#include "server/health/accounted_clock.h"
#include "server/health/beat_cell.h"
#include "server/health/stream_binding.h"

namespace rollcall::health {

class NodeSession {
 public:
  static constexpr absl::Duration kBeatInterval = absl::Milliseconds(200);
  static constexpr absl::Duration kTtl = AccountedTime::kSelfBeatGrace;

  // `random` must be good for secrets.
  explicit NodeSession(base::Random& random) : id_(random.Hex128()), secret_(random.Hex128()) {}

  const SessionId& id() const { return id_; }
  const std::string& secret() const { return secret_; }

  // Binds the stream; the one before it is closed.
  void Bind(Binding binding, AccountedClock& clock) {
    if (binding_ != nullptr && binding_->phase() == StreamBinding::Phase::kBound) {
      binding_->Close(absl::AbortedError("replaced by a newer stream"));
    }
    binding_ = std::move(binding);
    cell_->Opened(clock.Read());
    clock.RecordSelfBeat(clock.Read().steady);
    binding_->Bind(kNumber, cell_);
  }
  void Close(absl::Status status) {
    if (binding_ != nullptr) binding_->Close(std::move(status));
    binding_ = nullptr;
  }

  // Its number in bindings; no session in the book has it.
  static constexpr uint64_t kNumber = 0;

 private:
  const SessionId id_;
  const std::string secret_;
  const std::shared_ptr<BeatCell> cell_ = std::make_shared<BeatCell>(kTtl);
  Binding binding_;
};

}  // namespace rollcall::health
