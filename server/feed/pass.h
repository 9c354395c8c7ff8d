// Pass: brings one subscription from where it stands to what is published now, message by message.
//
// Only its last message says caught_up, with the revision that the client's view reflects then:
// what was published when the pass began. For one service that is the last part of its delta. For
// all services of a namespace it is a message of its own after the parts of each service that
// changed, and each is told as it stands when its turn comes: ahead of that revision, if it changed
// again.
//
// Rule that keeps cursors true: the revision to reach is read before the snapshots, and a replica
// publishes snapshots before it says that their revision is applied. Thread-compatible.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "server/catalog/view_table.h"
#include "server/feed/encoding_cache.h"
#include "server/feed/watch_stream.h"
#include "server/model/ids.h"
#include "server/model/selector.h"

namespace rollcall::feed {

class Pass {
 public:
  // Of these services more was told than of the others: everything up to that revision. At most
  // kMaxChangedServices; more are told again.
  using Ahead = std::map<ServiceName, Revision>;

  // What is referred to outlives the pass.
  struct From {
    // Service empty: all of the namespace; namespace "*" then means all namespaces.
    const ServiceName& name;
    const Selector& selector;
    // Everything at or below was sent; 0: nothing was.
    Revision since;
    // All services only: what changed between `since` and `heard`; nullopt: not known, look at all.
    std::optional<std::set<ServiceName>> changed;
    Revision heard;
    // All services only: as the pass before left it.
    Ahead ahead;
    // Say caught_up even if nothing changed.
    bool must_speak = false;
  };
  struct Message {
    Revision revision;
    bool caught_up = false;
    bool fresh = false;
    std::shared_ptr<const Frame> body;  // null: only the scope
  };

  Pass(const catalog::ViewTable& views, From from);

  // The next message; nullopt if the pass ends without a word, because nothing was to be told.
  std::optional<Message> Next(EncodingCache& encodings);
  bool done() const { return done_; }
  // What the subscription has once the pass is done.
  Revision reach() const { return reach_; }
  // And what it has beyond that. Ends the pass.
  Ahead TakeAhead();

 private:
  using Part = std::shared_ptr<const catalog::ServiceSnapshot>;

  void ReadOne();
  void ReadAll(const From& from);
  void BeginAnew();
  bool MayMissRemovals() const;
  // False: there is no other.
  bool EncodeNext(EncodingCache& encodings);
  void NoteTold(const catalog::ServiceSnapshot& part);
  // The next service of which something is to be told; null: there is none.
  Part NextPart();
  Revision ToldOf(const ServiceName& service) const;
  Message Say(bool caught_up, std::shared_ptr<const Frame> body);

  const catalog::ViewTable* views_;
  const ServiceName* name_;
  const Selector* selector_;
  Revision since_;
  Revision reach_;
  Ahead ahead_;
  bool must_speak_;
  bool done_ = false;
  Part one_;  // of one service, until it is encoded
  // Of all services: those to look at.
  std::vector<ServiceName> names_;
  size_t next_name_ = 0;
  std::shared_ptr<const Encoding> encoding_;  // of the service whose turn it is
  size_t next_frame_ = 0;
};

}  // namespace rollcall::feed
