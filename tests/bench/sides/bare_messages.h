// The bare server's messages, encoded, of the sizes that rollcalld's have.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <string>

#include "rollcall/v1/discovery.pb.h"
#include "rollcall/v1/registry.pb.h"

namespace rollcall::bench {

// 32 digits.
extern const char kBareStoreId[];

// What a registry makes of a spec.
v1::Instance InstanceOf(const v1::InstanceSpec& spec, v1::Standing standing);
grpc::ByteBuffer CaughtUpMessage();
grpc::ByteBuffer ChangeMessage(const v1::InstanceSpec& spec, v1::Standing standing);
grpc::ByteBuffer Encode(const google::protobuf::MessageLite& message);

}  // namespace rollcall::bench
