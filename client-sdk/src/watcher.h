// Watcher: all subscriptions of a client, on one Watch stream.
//
// Keeps the stream open while there are subscriptions, resumes each from its revision after a
// break, takes 15 s of silence for a break, acknowledges what it has published, and confirms by a
// second read what its ViewBuilder doubts. While its server is behind the store it looks for one
// that is not, and stays where it is until it has found one.
//
// Belongs to the core's executor.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client-sdk/base/backoff.h"
#include "client-sdk/base/lifeline.h"
#include "client-sdk/src/core_context.h"
#include "client-sdk/src/subscription_cell.h"
#include "client-sdk/src/view_builder.h"
#include "client-sdk/src/view_cache.h"

namespace rollcall::sdk {

class Watcher {
 public:
  Watcher(CoreContext& context, ViewCache& cache);
  ~Watcher();

  void Add(std::shared_ptr<SubscriptionCell> cell, const std::string& service,
           const std::string& selector);
  void Remove(const SubscriptionCell& cell);
  // Another server is preferred: the stream is opened there, sometime soon.
  void Spread();
  // Closes the stream; views stay as they are.
  void Stop();

  // So long it stays with a server before it looks for one that is less behind.
  static constexpr absl::Duration kLeastStay = absl::Seconds(5);
  // After so many servers, or all there are, that told nothing, old data is better than none.
  static constexpr size_t kMostFruitless = 5;

 private:
  struct Subscription {
    std::shared_ptr<SubscriptionCell> cell;
    std::string service;
    std::string selector;
    ViewBuilder builder;
    uint32_t wire_id = 0;  // 0: not on the stream.
    bool from_scratch = false;
    bool current = false;  // Caught up on this stream.
    uint64_t acknowledged = 0;
    base::Instant confirmed_at = base::Instant::FromOrigin(-absl::InfiniteDuration());
    base::Backoff retry{absl::Milliseconds(200), absl::Seconds(10)};
    // Of what is to be done later for this subscription; cut when it goes.
    base::Lifeline lifeline;
    bool confirming = false;
  };

  // The stream: watcher_stream.cc.
  void OpenStream();
  void OpenStreamLater();
  void OnMessage(const v1::WatchResponse& message);
  void OnEnd(absl::Status status);
  void Break(absl::Status why);
  // Lets go of the stream; all subscriptions can be resumed on another.
  void DropStream();
  void ArmSilence();
  void CheckSilence();
  absl::Duration Patience() const;
  void Send(v1::WatchRequest request);

  // Another server: watcher_move.cc.
  void MoveToPreferred();
  void NoteAge(absl::Duration age);
  void LookElsewhereLater();
  void LookElsewhere();
  void OnFoundElsewhere(const std::string& server,
                        const absl::StatusOr<v1::ResolveResponse>& response);
  void StopLooking();

  // One subscription: watcher.cc.
  void Subscribe(Subscription& subscription);
  void Unsubscribe(Subscription& subscription);
  void SubscribeAgain(Subscription& subscription, bool from_scratch);
  void OnError(Subscription& subscription, const v1::WatchResponse::Error& error);
  void OnUpdate(Subscription& subscription, const v1::WatchResponse& message);
  void Acknowledge(Subscription& subscription, const v1::WatchResponse& message);
  void Publish(Subscription& subscription);
  void Confirm(Subscription& subscription, base::Instant confirmed_at);
  void ConfirmAll(base::Instant confirmed_at);
  void Doubt(Subscription& subscription);
  void ConfirmLater(Subscription& subscription);
  void AskAgain(Subscription& subscription);
  void OnAskedAgain(Subscription& subscription, const std::string& server,
                    absl::StatusOr<v1::ResolveResponse> response);

  CoreContext& context_;
  ViewCache& cache_;
  base::Lifeline lifeline_;
  // In the order they came, not of addresses: requests are sent in it.
  std::vector<std::pair<const SubscriptionCell*, std::unique_ptr<Subscription>>> subscriptions_;
  std::map<uint32_t, Subscription*> on_stream_;
  uint32_t next_wire_id_ = 1;
  std::unique_ptr<WatchStream> stream_;
  base::Lifeline stream_lifeline_;
  std::string server_;
  base::Instant opened_at_;
  std::optional<base::Instant> last_heard_;  // Nullopt: nothing yet on this stream.
  base::Instant last_confirmed_all_;
  std::optional<base::Executor::TimerId> silence_timer_;
  std::optional<base::Executor::TimerId> open_timer_;
  std::optional<base::Executor::TimerId> spread_timer_;
  base::Backoff backoff_;
  // Streams in a row that ended before they told anything, since the last one that was not behind.
  size_t fruitless_ = 0;
  // For a server that is not behind; the lifeline is of the timer and of the question under way.
  bool looking_ = false;
  base::Lifeline looking_lifeline_;
  base::Backoff look_backoff_{absl::Seconds(1), absl::Seconds(30)};
  bool told_of_break_ = false;
  bool stopped_ = false;
};

}  // namespace rollcall::sdk
