#include "server/catalog/spec_bytes.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <utility>

namespace rollcall::catalog {

std::string EncodeSpecField(const v1::InstanceSpec& spec) {
  v1::Instance holder;
  *holder.mutable_spec() = spec;
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream out(&stream);
  out.SetSerializationDeterministic(true);
  holder.SerializeToCodedStream(&out);
  out.Trim();
  return bytes;
}

v1::InstanceSpec DecodeSpecField(const std::string& bytes) {
  v1::Instance holder;
  holder.ParseFromString(bytes);
  return std::move(*holder.mutable_spec());
}

}  // namespace rollcall::catalog
