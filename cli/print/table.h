// Table: rows of cells in aligned columns, as text; and Facts: names with values below each other.
//
// Columns are as wide as their widest cell; numbers are set to the right. The last column is not
// padded. Widths count characters, not bytes. Thread-compatible; pure.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "rollcall/v1/types.pb.h"

namespace rollcall::cli {

enum class Colour { kNone, kGreen, kYellow, kRed, kDim, kBold };

// `text` in a colour, or as it is.
std::string Painted(absl::string_view text, Colour colour, bool colours);
Colour ColourOf(v1::Standing standing);

// Implicit, so that a row is written as its texts.
struct Cell {
  // NOLINTNEXTLINE(google-explicit-constructor)
  Cell(std::string t, Colour c = Colour::kNone) : text(std::move(t)), colour(c) {}
  Cell(const char* t) : text(t) {}  // NOLINT(google-explicit-constructor)
  std::string text;
  Colour colour = Colour::kNone;
};

class Table {
 public:
  struct Column {
    // NOLINTNEXTLINE(google-explicit-constructor)
    Column(const char* t, bool right = false) : title(t), numbers(right) {}
    std::string title;
    bool numbers;
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  // As many cells as there are columns.
  void Add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.empty(); }
  // With the titles and a newline at the end of each line.
  std::string Text(bool colours) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

class Facts {
 public:
  // Leaves the line out if `value` is empty.
  void Add(std::string name, Cell value);
  std::string Text(bool colours) const;

 private:
  std::vector<std::pair<std::string, Cell>> lines_;
};

// Characters of UTF-8 text.
size_t Width(absl::string_view text);
// `text` with spaces up to `width` characters.
std::string Padded(std::string text, size_t width);

}  // namespace rollcall::cli
