#include "examples/shop/demo/claims.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "examples/shop/demo/moment.h"

namespace shop::demo {
namespace {

constexpr size_t kWhatWidth = 44;
constexpr size_t kSeenWidth = 20;
constexpr size_t kWantedWidth = 20;

// Characters, not bytes: what follows the first byte of one in UTF-8 begins with the bits 10.
size_t WidthOf(const std::string& text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; });
}

std::string Padded(const std::string& text, size_t width) {
  return text + std::string(width - std::min(width, WidthOf(text)), ' ');
}

std::string Columns(const std::string& what, const std::string& seen, const std::string& wanted) {
  return absl::StrCat(Padded(what, kWhatWidth), "  ", Padded(seen, kSeenWidth), "  ",
                      Padded(wanted, kWantedWidth), "  ");
}

}  // namespace

void Claims::Section(const std::string& title) { rows_.push_back({.what = title, .title = true}); }

void Claims::Note(const std::string& what, const std::string& seen) {
  rows_.push_back({.what = what, .seen = seen});
}

void Claims::Claim(const std::string& what, const std::string& seen, const std::string& wanted,
                   bool holds) {
  rows_.push_back({.what = what, .seen = seen, .wanted = wanted, .holds = holds});
}

void Claims::AtMost(const std::string& what, absl::Duration seen, absl::Duration most) {
  Claim(what, Text(seen), absl::StrCat("at most ", Text(most)), seen <= most);
}

void Claims::Within(const std::string& what, absl::Duration seen, absl::Duration least,
                    absl::Duration most) {
  Claim(what, Text(seen), absl::StrCat(Text(least), " to ", Text(most)),
        least <= seen && seen <= most);
}

void Claims::Zero(const std::string& what, uint64_t seen) {
  Claim(what, absl::StrCat(seen), "0", seen == 0);
}

bool Claims::all_hold() const {
  return std::all_of(rows_.begin(), rows_.end(),
                     [](const Row& row) { return row.holds.value_or(true); });
}

void Claims::Print(const Screen& screen) const {
  screen.Say(screen.Dim(Columns("", "seen", "must be")));
  for (const Row& row : rows_) {
    if (row.title) {
      screen.Say(screen.Bold(row.what));
      continue;
    }
    std::string line = Columns("  " + row.what, row.seen, row.wanted);
    if (!row.holds) line.erase(line.find_last_not_of(' ') + 1);
    if (row.holds) absl::StrAppend(&line, *row.holds ? screen.Good("✓") : screen.Bad("✗"));
    screen.Say(line);
  }
}

}  // namespace shop::demo
