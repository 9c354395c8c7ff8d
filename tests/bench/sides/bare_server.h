// The bare server: what gRPC itself costs for Rollcall's work. It serves rollcall.v1 with the
// callback API, as rollcalld does, with messages of the same sizes, and does nothing: no store, no
// order, no health.
//
//   Register    answers; keeps what Resolve gives back; a change in the watched service is told to
//               everybody who watches
//   KeepAlive   answers each heartbeat that asks for it, every third of a client; tells who watches
//               when the stream of one in the watched service breaks
//   Resolve     answers with bytes that were encoded before
//   Watch       all streams are sent the same buffer, connection by connection
#pragma once

namespace rollcall::bench {

// What `rollcall_bench --serve-bare` runs: writes its port, and serves until it is killed.
int ServeBare();

}  // namespace rollcall::bench
