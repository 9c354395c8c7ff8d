#include "server/catalog/spec_bytes.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/wire_format_lite.h>

#include <utility>

#include "rollcall/internal/v1/records.pb.h"

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

v1::InstanceSpec DecodeSpecField(absl::string_view bytes) {
  v1::Instance holder;
  holder.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  return std::move(*holder.mutable_spec());
}

absl::string_view SpecFieldOf(absl::string_view record) {
  static_assert(int{internal::v1::InstanceRecord::kSpecFieldNumber} ==
                int{v1::Instance::kSpecFieldNumber});
  using google::protobuf::internal::WireFormatLite;
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const uint8_t*>(record.data()),
                                            static_cast<int>(record.size()));
  const uint32_t tag = WireFormatLite::MakeTag(v1::Instance::kSpecFieldNumber,
                                               WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
  uint32_t size = 0;
  if (in.ReadTag() != tag || !in.ReadVarint32(&size)) return {};
  const size_t end = static_cast<size_t>(in.CurrentPosition()) + size;
  return end <= record.size() ? record.substr(0, end) : absl::string_view();
}

}  // namespace rollcall::catalog
