#include "cli/print/printer.h"

#include "absl/strings/str_cat.h"

namespace rollcall::cli {

bool Printer::for_people() const {
  return options_.format == Format::kTable || options_.format == Format::kWide;
}

Look Printer::look() const {
  return {clock_.Wall(), options_.zone, options_.colours, options_.format == Format::kWide};
}

void Printer::Show(const google::protobuf::Message& message, const Text& text) {
  switch (options_.format) {
    case Format::kTable:
    case Format::kWide:
      return Say(text(look()));
    case Format::kJson:
      return Say(ToJson(message, JsonShape::kPretty));
    case Format::kYaml:
      return Say(ToYaml(message));
  }
}

void Printer::ShowNext(const google::protobuf::Message& message, const Text& text) {
  if (options_.format == Format::kJson) return Say(ToJson(message, JsonShape::kOneLine));
  if (options_.format == Format::kYaml) return Say(absl::StrCat("---\n", ToYaml(message)));
  Say(text(look()));
}

void Printer::Say(absl::string_view text) {
  out_.write(text.data(), static_cast<std::streamsize>(text.size()));
  out_.flush();
}

void Printer::Remark(absl::string_view line) {
  if (for_people()) return Say(absl::StrCat(line, "\n"));
  Note(absl::StrCat("rollcall: ", line));
}

void Printer::Note(absl::string_view line) {
  notes_.write(line.data(), static_cast<std::streamsize>(line.size()));
  notes_ << std::endl;
}

void Printer::ShowProgress(absl::string_view line) {
  if (!options_.notes_terminal || !for_people()) return;
  // Back to the line's beginning, and what follows on it is wiped out.
  notes_ << "\r\x1b[K";
  notes_.write(line.data(), static_cast<std::streamsize>(line.size()));
  notes_.flush();
}

}  // namespace rollcall::cli
