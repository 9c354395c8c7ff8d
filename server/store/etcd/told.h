// What etcd tells of a key, before it is believed: that it was asked for, and that it stands at a
// revision that etcd gives. An etcd behind a proxy that rewrites keys, or a broken one, tells
// otherwise; that must not end the node.
//
// Pure.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/store/etcd/etcd_api.h"
#include "server/store/etcd/key_prefix.h"

namespace rollcall::etcd {

// INTERNAL naming the key.
inline absl::Status CheckTold(const KeyPrefix& prefix, const pb::KeyValue& kv) {
  if (!absl::StartsWith(kv.key(), prefix.value())) {
    return absl::InternalError(absl::StrCat("etcd told the key \"", absl::CHexEscape(kv.key()),
                                            "\", which is not under ", prefix.value()));
  }
  if (kv.mod_revision() > 0) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("etcd told the key \"", absl::CHexEscape(kv.key()),
                                          "\" at revision ", kv.mod_revision()));
}

}  // namespace rollcall::etcd
