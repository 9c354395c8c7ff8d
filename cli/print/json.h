// JSON and YAML of messages: protobuf's mapping with the field names of the proto files and default
// values printed; and the way back for files that people write.
//
// Pure.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace rollcall::cli {

enum class JsonShape { kPretty, kOneLine };

// Ends with a newline.
std::string ToJson(const google::protobuf::Message& message, JsonShape shape);
// The same values as JSON's, as one YAML document; ends with a newline.
std::string ToYaml(const google::protobuf::Message& message);
// Reads YAML or JSON (which is YAML). INVALID_ARGUMENT naming the line or the field; unknown fields
// are refused.
absl::Status FromYaml(absl::string_view text, google::protobuf::Message& message);
// Whether `text` is a YAML or JSON map that has this key.
bool HasTopLevelKey(absl::string_view text, absl::string_view key);
// The fields of a message as a file may name them: "service, eviction_brake {enabled, share}".
std::string FieldNames(const google::protobuf::Descriptor& type);

}  // namespace rollcall::cli
