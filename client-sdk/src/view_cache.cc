// The blob: "rollcall-views 1\n", then the CRC-32C of the rest (4 bytes, big-endian), then for each
// view, each part led by its length (4 bytes, big-endian): the selector; the time of confirmation
// in microseconds since 1970 in decimal; the view as a serialised WatchResponse.
#include "client-sdk/src/view_cache.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client-sdk/base/crc32c.h"
#include "client-sdk/src/convert.h"

namespace rollcall::sdk {
namespace {

constexpr char kMagic[] = "rollcall-views 1\n";
constexpr size_t kMostViews = 1000;
// Written soon after a change, but not over and over; and now and then for the age's sake.
constexpr absl::Duration kDelay = absl::Seconds(1);
constexpr absl::Duration kPause = absl::Seconds(5);
constexpr absl::Duration kRefresh = absl::Minutes(1);

void PutNumber(uint32_t number, std::string& out) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(number >> shift));
}

bool TakeNumber(absl::string_view& in, uint32_t& number) {
  if (in.size() < 4) return false;
  number = 0;
  for (int i = 0; i < 4; ++i) number = number << 8 | static_cast<uint8_t>(in[i]);
  in.remove_prefix(4);
  return true;
}

void PutPart(const std::string& part, std::string& out) {
  PutNumber(static_cast<uint32_t>(part.size()), out);
  out += part;
}

bool TakePart(absl::string_view& in, std::string& part) {
  uint32_t size;
  if (!TakeNumber(in, size) || in.size() < size) return false;
  part.assign(in.data(), size);
  in.remove_prefix(size);
  return true;
}

v1::WatchResponse ToMessage(const std::string& service, const CachedView& view) {
  v1::WatchResponse message;
  message.set_service(service);
  message.set_revision(view.revision);
  message.set_store_id(view.store_id);
  for (const InstancePtr& instance : view.instances) {
    *message.add_updated() = InstanceToProto(*instance);
  }
  return message;
}

bool TakeView(absl::string_view& in, ViewCache::Views& views) {
  std::string selector, micros, bytes;
  int64_t at;
  v1::WatchResponse message;
  if (!TakePart(in, selector) || !TakePart(in, micros) || !TakePart(in, bytes) ||
      !absl::SimpleAtoi(micros, &at) || !message.ParseFromString(bytes)) {
    return false;
  }
  CachedView& view = views[{message.service(), selector}];
  view.revision = message.revision();
  view.store_id = message.store_id();
  view.confirmed_at = absl::FromUnixMicros(at);
  for (const v1::Instance& i : message.updated()) view.instances.push_back(InstanceFromProto(i));
  return true;
}

}  // namespace

std::string ViewCache::Encode(const Views& views) {
  std::string body;
  for (const auto& [key, view] : views) {
    PutPart(key.second, body);
    PutPart(absl::StrCat(absl::ToUnixMicros(view.confirmed_at)), body);
    PutPart(ToMessage(key.first, view).SerializeAsString(), body);
  }
  std::string blob = kMagic;
  PutNumber(base::Crc32c(body), blob);
  return blob + body;
}

absl::StatusOr<ViewCache::Views> ViewCache::Decode(const std::string& blob) {
  absl::string_view rest = blob;
  uint32_t crc;
  if (!absl::ConsumePrefix(&rest, kMagic) || !TakeNumber(rest, crc)) {
    return absl::DataLossError("it does not begin as a view cache of this version does");
  }
  if (crc != base::Crc32c(rest)) return absl::DataLossError("its checksum is wrong");
  Views views;
  while (!rest.empty()) {
    if (!TakeView(rest, views)) return absl::DataLossError("it ends in the middle of a view");
  }
  return views;
}

ViewCache::ViewCache(CoreContext& context, std::unique_ptr<CacheStore> store)
    : context_(context), store_(std::move(store)) {
  if (store_ == nullptr) return;
  const absl::StatusOr<std::string> blob = store_->Load();
  if (absl::IsNotFound(blob.status())) return;
  absl::StatusOr<Views> views = blob.ok() ? Decode(*blob) : blob.status();
  if (views.ok()) {
    views_ = *std::move(views);
  } else {
    context_.log.Warning(
        absl::StrCat("the view cache is ignored: ", std::string(views.status().message())));
  }
}

ViewCache::~ViewCache() {
  if (timer_) context_.executor.Cancel(*timer_);
}

const CachedView* ViewCache::Find(const std::string& service, const std::string& selector) const {
  const auto at = views_.find({service, selector});
  return at == views_.end() ? nullptr : &at->second;
}

void ViewCache::Put(const std::string& service, const std::string& selector, CachedView view) {
  views_[{service, selector}] = std::move(view);
  MakeRoom();
  dirty_ = true;
  SaveSoon();
}

void ViewCache::Confirm(const std::string& service, const std::string& selector, absl::Time at) {
  const auto found = views_.find({service, selector});
  if (found == views_.end()) return;
  found->second.confirmed_at = at;
  if (context_.clock.Steady() - last_save_ < kRefresh) return;
  dirty_ = true;
  SaveSoon();
}

// Those confirmed longest ago go first.
void ViewCache::MakeRoom() {
  while (views_.size() > kMostViews) {
    views_.erase(std::min_element(views_.begin(), views_.end(), [](const auto& a, const auto& b) {
      return a.second.confirmed_at < b.second.confirmed_at;
    }));
  }
}

void ViewCache::SaveSoon() {
  if (store_ == nullptr || timer_ || saving_ > 0) return;
  const base::Instant now = context_.clock.Steady();
  timer_ =
      context_.executor.PostAt(std::max(now + kDelay, last_save_ + kPause), lifeline_.Guard([this] {
        timer_.reset();
        Flush();
      }));
}

void ViewCache::Flush() {
  if (store_ == nullptr || !dirty_) return;
  dirty_ = false;
  last_save_ = context_.clock.Steady();
  ++saving_;
  store_->Save(Encode(views_),
               lifeline_.Guard([this](const absl::Status& status) { OnSaved(status); }));
}

void ViewCache::OnSaved(const absl::Status& status) {
  --saving_;
  // Told once, and tried again until it is written.
  if (!status.ok() && !failing_) {
    context_.log.Warning(
        absl::StrCat("the view cache is not written: ", std::string(status.message())));
  }
  failing_ = !status.ok();
  if (failing_) dirty_ = true;
  if (dirty_) SaveSoon();
}

}  // namespace rollcall::sdk
