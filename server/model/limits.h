// Every limit on what a client may ask or hold, with its name, in one table. docs/limits.md
// explains them; going over one is INVALID_ARGUMENT for the shape of a request and
// RESOURCE_EXHAUSTED for amounts.
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace rollcall {

// Requests.
inline constexpr size_t kMaxMessageBytes = 4 << 20;
inline constexpr size_t kMaxInstancesPerRequest = 1000;
inline constexpr size_t kMaxNameBytes = 253;
inline constexpr size_t kMaxEndpoints = 16;
inline constexpr size_t kMaxAddressBytes = 253;
inline constexpr size_t kMaxMetadataKeys = 64;
inline constexpr size_t kMaxMetadataBytes = 16 << 10;
inline constexpr size_t kMaxTextBytes = 1024;  // reasons, actors, versions, client names
inline constexpr size_t kMaxSelectorBytes = 1024;
inline constexpr uint32_t kMaxWeight = 10000;
inline constexpr size_t kMaxHistoryRows = 10000;

// Sessions.
inline constexpr absl::Duration kMinTtl = absl::Seconds(1);
inline constexpr absl::Duration kMaxTtl = absl::Minutes(10);
inline constexpr absl::Duration kDefaultTtl = absl::Seconds(10);
inline constexpr size_t kMaxSessionsPerNode = 200000;
inline constexpr size_t kMaxStreamsPerNode = 100000;  // of sessions; watches are counted apart
inline constexpr size_t kMaxInstancesPerSession = 10000;
inline constexpr size_t kMaxLostPerSession = 1000;
inline constexpr absl::Duration kMaxOverride = absl::Hours(24 * 366);

// Watches.
inline constexpr size_t kMaxSubscriptionsPerStream = 10000;
inline constexpr absl::Duration kWatcherCutOff = absl::Seconds(10);
inline constexpr absl::Duration kSignOfLife = absl::Seconds(5);
inline constexpr absl::Duration kRevisionWait = absl::Seconds(2);
inline constexpr size_t kMaxWatchersPerNode = 100000;
inline constexpr size_t kMaxSubscriptionsPerNode = 1000000;
// A watch message's shared part is split above this.
inline constexpr size_t kMaxWatchBodyBytes = 1 << 20;
// Refusals waiting for a watcher that does not read; more, and it is cut off.
inline constexpr size_t kMaxUnsentErrors = 100;
// Changed services that a subscription to a whole namespace remembers; above, it looks at all.
inline constexpr size_t kMaxChangedServices = 1000;
// Per publisher; the least recently used go first.
inline constexpr size_t kMaxCachedEncodings = 4096;
inline constexpr size_t kMaxCachedEncodingBytes = 32 << 20;
inline constexpr absl::Duration kMaxMergeWindow = absl::Milliseconds(10);
inline constexpr size_t kMaxLaggardsTold = 1000;

// Backups.
inline constexpr size_t kMaxBackupsPerNode = 4;
inline constexpr size_t kBackupChunkBytes = 256 << 10;
inline constexpr absl::Duration kBackupStall = absl::Seconds(30);

// The committer.
inline constexpr size_t kAtomicRegistrationInstances = 50;
// Of the specs that a larger registration puts into one transaction.
inline constexpr size_t kMaxPartBytes = 1 << 20;
inline constexpr size_t kMaxQueuedCommands = 200000;

}  // namespace rollcall
