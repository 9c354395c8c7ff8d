// GrpcFrame: shared encoded bytes as a ref-counted gRPC slice: copied into it once, sent to many.
//
// Immutable; thread-safe.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>

#include <array>
#include <memory>
#include <string>

#include "server/feed/watch_stream.h"

namespace rollcall::rpc {

class GrpcFrame final : public feed::Frame {
 public:
  explicit GrpcFrame(const std::string& bytes) : slice_(bytes) {}
  size_t size() const override { return slice_.size(); }
  const grpc::Slice& slice() const { return slice_; }

 private:
  const grpc::Slice slice_;
};

inline std::shared_ptr<const feed::Frame> MakeGrpcFrame(std::string bytes) {
  return std::make_shared<GrpcFrame>(bytes);
}

// `prefix` and the frame's bytes (null: none) as one message. Not both empty: gRPC aborts on that.
inline grpc::ByteBuffer Join(const std::string& prefix, const feed::Frame* body) {
  std::array<grpc::Slice, 2> slices = {grpc::Slice(prefix), grpc::Slice()};
  if (body != nullptr) slices[1] = static_cast<const GrpcFrame*>(body)->slice();
  return grpc::ByteBuffer(slices.data(), body != nullptr ? 2 : 1);
}

}  // namespace rollcall::rpc
