#include "cli/print/json.h"

#include <exception>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/util/json_util.h"
#include "nlohmann/json.hpp"
#include "yaml-cpp/yaml.h"

namespace rollcall::cli {
namespace {

using Json = nlohmann::ordered_json;

// Whether a plain YAML scalar of this text would be read as something else than a string, or not
// at all.
bool NeedsQuotes(const std::string& text) {
  if (text.empty()) return true;
  for (const char* word : {"true", "false", "null", "~", "yes", "no", "on", "off", "y", "n"}) {
    if (absl::EqualsIgnoreCase(text, word)) return true;
  }
  const bool starts_like_number = text.find_first_of("+-.0123456789") == 0;
  const bool plain = text.find_first_not_of(
                         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./") ==
                     std::string::npos;
  return starts_like_number || !plain;
}

void Emit(YAML::Emitter& out, const Json& json) {
  if (json.is_object()) {
    if (json.empty()) out << YAML::Flow;
    out << YAML::BeginMap;
    for (const auto& [key, value] : json.items()) {
      out << YAML::Key;
      Emit(out, Json(key));
      out << YAML::Value;
      Emit(out, value);
    }
    out << YAML::EndMap;
  } else if (json.is_array()) {
    if (json.empty()) out << YAML::Flow;
    out << YAML::BeginSeq;
    for (const Json& item : json) Emit(out, item);
    out << YAML::EndSeq;
  } else if (json.is_string()) {
    const std::string& text = json.get_ref<const std::string&>();
    if (NeedsQuotes(text)) out << YAML::DoubleQuoted;
    out << text;
  } else {
    out << json.dump();
  }
}

Json ScalarToJson(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return text;  // it was quoted
  if (text == "true") return true;
  if (text == "false") return false;
  int64_t integer = 0;
  if (absl::SimpleAtoi(text, &integer)) return integer;
  double number = 0;
  if (absl::SimpleAtod(text, &number)) return number;
  return text;
}

Json NodeToJson(const YAML::Node& node) {
  if (node.IsMap()) {
    Json json = Json::object();
    for (const auto& item : node) json[item.first.as<std::string>()] = NodeToJson(item.second);
    return json;
  }
  if (node.IsSequence()) {
    Json json = Json::array();
    for (const auto& item : node) json.push_back(NodeToJson(item));
    return json;
  }
  return node.IsScalar() ? ScalarToJson(node) : Json();
}

// yaml-cpp and nlohmann-json throw; nothing leaves this function but a status.
absl::StatusOr<std::string> YamlToJson(absl::string_view text) {
  try {
    return NodeToJson(YAML::Load(std::string(text))).dump();
  } catch (const std::exception& e) {
    return absl::InvalidArgumentError(e.what());
  }
}

}  // namespace

std::string ToJson(const google::protobuf::Message& message, JsonShape shape) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  options.add_whitespace = shape == JsonShape::kPretty;
  std::string json;
  // Fails only for messages that hold an invalid time or Any; what was written so far is shown.
  if (!google::protobuf::util::MessageToJsonString(message, &json, options).ok() && json.empty()) {
    json = "{}";
  }
  if (json.back() != '\n') json.push_back('\n');
  return json;
}

std::string ToYaml(const google::protobuf::Message& message) {
  YAML::Emitter out;
  Emit(out, Json::parse(ToJson(message, JsonShape::kOneLine), nullptr, false));
  return absl::StrCat(out.c_str(), "\n");
}

absl::Status FromYaml(absl::string_view text, google::protobuf::Message& message) {
  const auto json = YamlToJson(text);
  if (!json.ok()) return json.status();
  const auto status = google::protobuf::util::JsonStringToMessage(*json, &message);
  if (status.ok()) return absl::OkStatus();
  const auto said = status.message();
  return absl::InvalidArgumentError(absl::string_view(said.data(), said.size()));
}

bool HasTopLevelKey(absl::string_view text, absl::string_view key) {
  const auto json = YamlToJson(text);
  return json.ok() && Json::parse(*json, nullptr, false).contains(std::string(key));
}

std::string FieldNames(const google::protobuf::Descriptor& type) {
  std::vector<std::string> names;
  for (int i = 0; i < type.field_count(); ++i) {
    const google::protobuf::FieldDescriptor& field = *type.field(i);
    const google::protobuf::Descriptor* inner = field.message_type();
    names.push_back(inner == nullptr ? field.name()
                                     : absl::StrCat(field.name(), " {", FieldNames(*inner), "}"));
  }
  return absl::StrJoin(names, ", ");
}

}  // namespace rollcall::cli
