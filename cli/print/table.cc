#include "cli/print/table.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace rollcall::cli {
namespace {

constexpr absl::string_view kGap = "  ";

absl::string_view Code(Colour colour) {
  switch (colour) {
    case Colour::kGreen:
      return "\033[32m";
    case Colour::kYellow:
      return "\033[33m";
    case Colour::kRed:
      return "\033[31m";
    case Colour::kDim:
      return "\033[2m";
    case Colour::kBold:
      return "\033[1m";
    case Colour::kNone:
      break;
  }
  return "";
}

}  // namespace

std::string Painted(absl::string_view text, Colour colour, bool colours) {
  if (!colours || colour == Colour::kNone || text.empty()) return std::string(text);
  return absl::StrCat(Code(colour), text, "\033[0m");
}

Colour ColourOf(v1::Standing standing) {
  switch (standing) {
    case v1::STANDING_PASSING:
      return Colour::kGreen;
    case v1::STANDING_STARTING:
    case v1::STANDING_SUSPECT:
    case v1::STANDING_DRAINING:
      return Colour::kYellow;
    case v1::STANDING_CRITICAL:
      return Colour::kRed;
    case v1::STANDING_OUT_OF_SERVICE:
      return Colour::kDim;
    default:
      return Colour::kNone;
  }
}

size_t Width(absl::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

std::string Padded(std::string text, size_t width) {
  const size_t have = Width(text);
  if (have < width) text.append(width - have, ' ');
  return text;
}

std::string Table::Text(bool colours) const {
  std::vector<size_t> widths;
  for (size_t c = 0; c < columns_.size(); ++c) {
    size_t width = Width(columns_[c].title);
    for (const auto& row : rows_) width = std::max(width, Width(row[c].text));
    widths.push_back(width);
  }
  std::string text;
  const auto line = [&](auto cell_at) {
    for (size_t c = 0; c < columns_.size(); ++c) {
      const Cell cell = cell_at(c);
      const std::string space(widths[c] - Width(cell.text), ' ');
      const bool last = c + 1 == columns_.size();
      if (c > 0) absl::StrAppend(&text, kGap);
      if (columns_[c].numbers) absl::StrAppend(&text, space);
      absl::StrAppend(&text, Painted(cell.text, cell.colour, colours));
      if (!columns_[c].numbers && !last) absl::StrAppend(&text, space);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    absl::StrAppend(&text, "\n");
  };
  line([&](size_t c) { return Cell(columns_[c].title, Colour::kBold); });
  for (const auto& row : rows_) line([&](size_t c) { return row[c]; });
  return text;
}

void Facts::Add(std::string name, Cell value) {
  if (!value.text.empty()) lines_.emplace_back(std::move(name), std::move(value));
}

std::string Facts::Text(bool colours) const {
  size_t width = 0;
  for (const auto& [name, value] : lines_) width = std::max(width, Width(name));
  std::string text;
  for (const auto& [name, value] : lines_) {
    absl::StrAppend(&text, Painted(Padded(name, width), Colour::kBold, colours), kGap,
                    Painted(value.text, value.colour, colours), "\n");
  }
  return text;
}

}  // namespace rollcall::cli
