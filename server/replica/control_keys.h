// ControlKeys: the keys of a store that are no records: what stands, and who hears of it.
//
// Leased keys (nodes, offices) and control keys are noted while a revision is applied and told when
// it is published: first the catalog, which nodes are present; then the listeners, key by key in
// key order. Whoever was told of a key hears when it is gone, also when that happened unseen.
//
// Thread-compatible: the replica owns it.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "server/catalog/catalog.h"
#include "server/store/store.h"

namespace rollcall::replica {

// A key that is no record stands so since `revision`; nullopt: it is gone.
using ControlListener = std::function<void(const std::string& key, Revision revision,
                                           const std::optional<std::string>& value)>;

class ControlKeys {
 public:
  explicit ControlKeys(catalog::Catalog& catalog) : catalog_(catalog) {}

  void Listen(ControlListener listener) { listeners_.push_back(std::move(listener)); }

  void Note(std::string key, Revision revision, std::optional<std::string> value);
  // `standing` is all there is at `revision`; of the leased keys alone, if `leased_only`.
  void NoteAll(Revision revision, std::vector<store::Record> standing, bool leased_only);
  // Tells the catalog what was noted of the nodes.
  void TellCatalog();
  // Tells the listeners all that was noted, and forgets it.
  void TellListeners();

 private:
  struct Noted {
    Revision revision;
    std::optional<std::string> value;
  };

  catalog::Catalog& catalog_;
  std::vector<ControlListener> listeners_;
  std::map<std::string, Noted> noted_;
  std::map<std::string, Revision> standing_;
};

}  // namespace rollcall::replica
