// Pass: brings one subscription from where it stands to what is published now, message by message.
//
// Begins by reading the newest state; what is published meanwhile belongs to the next pass. Only
// its last message says caught_up, with the revision that the client's view reflects then. For one
// service that is the last part of its delta. For all services of a namespace it is a message of
// its own after the parts of each service that changed.
//
// Rule that keeps cursors true: the revision to reach is read before the snapshots, and a replica
// publishes snapshots before it says that their revision is applied. Thread-compatible.
#pragma once

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

 private:
  using Part = std::shared_ptr<const catalog::ServiceSnapshot>;

  void ReadOne(const ServiceName& name);
  void ReadAll(const ServiceName& name, const From& from);
  Part Newest(Part part) const;
  Message Say(bool caught_up, std::shared_ptr<const Frame> body);

  const catalog::ViewTable* views_;
  const Selector* selector_;
  bool whole_namespace_;
  Revision since_;
  Revision reach_;
  bool must_speak_;
  bool done_ = false;
  std::vector<Part> parts_;
  size_t next_part_ = 0;
  std::shared_ptr<const Encoding> encoding_;  // of the part before next_part_
  size_t next_frame_ = 0;
};

}  // namespace rollcall::feed
