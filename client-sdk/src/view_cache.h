// ViewCache: the last good view of every service that is followed, kept over restarts.
//
// Holds them in memory and writes all of them as one blob, some time after the last change, through
// a CacheStore. What is read back is marked as not verified and carries its age. A blob that does
// not prove whole is ignored with a warning.
//
// Belongs to the core's executor.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client-sdk/base/lifeline.h"
#include "client-sdk/src/core_context.h"
#include "rollcall/instance.h"

namespace rollcall::sdk {

// Where the blob lives. Called, and answers, on the core's executor.
class CacheStore {
 public:
  using Done = absl::AnyInvocable<void(const absl::Status&)>;

  virtual ~CacheStore() = default;
  // NOT_FOUND if there is none yet. May take as long as a small file takes.
  virtual absl::StatusOr<std::string> Load() = 0;
  // Replaces it, durably and in one step, without being waited for. Of several the last one stays.
  virtual void Save(std::string blob, Done done) = 0;
};

struct CachedView {
  std::vector<InstancePtr> instances;
  uint64_t revision = 0;
  std::string store_id;
  absl::Time confirmed_at;
};

class ViewCache {
 public:
  using Key = std::pair<std::string, std::string>;  // service, selector
  using Views = std::map<Key, CachedView>;

  // `store` may be null: then views are not kept over restarts.
  ViewCache(CoreContext& context, std::unique_ptr<CacheStore> store);
  ~ViewCache();

  // Null if it is not known.
  const CachedView* Find(const std::string& service, const std::string& selector) const;
  void Put(const std::string& service, const std::string& selector, CachedView view);
  // The registry vouched for it again.
  void Confirm(const std::string& service, const std::string& selector, absl::Time at);
  // Begins to write what is not written yet.
  void Flush();

  // The file's format: see view_cache.cc. Pure.
  static std::string Encode(const Views& views);
  static absl::StatusOr<Views> Decode(const std::string& blob);

 private:
  void SaveSoon();
  void OnSaved(const absl::Status& status);
  void MakeRoom();

  CoreContext& context_;
  const std::unique_ptr<CacheStore> store_;
  base::Lifeline lifeline_;
  Views views_;
  bool dirty_ = false;
  int saving_ = 0;  // saves that have not ended
  bool failing_ = false;
  std::optional<base::Executor::TimerId> timer_;
  base::Instant last_save_;
};

}  // namespace rollcall::sdk
