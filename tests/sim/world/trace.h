// Trace: what happened in a world, in words, line by line.
//
// Keeps the newest lines only, unless it is told to keep all. What is costly to put into words is
// asked for only when `detailed`.
#pragma once

#include <deque>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"

namespace rollcall::sim {

class Trace {
 public:
  static constexpr size_t kKept = 200;

  explicit Trace(bool detailed) : detailed_(detailed) {}
  bool detailed() const { return detailed_; }

  // Of the story: what is done to the world, and what the store agrees on.
  void Say(absl::Duration at, absl::string_view what) {
    Add(at, what);
    if (keeps_story_) absl::StrAppendFormat(&story_, "%10.3f  %s\n", ToSeconds(at), what);
  }
  // What somebody says or hears besides.
  void Aside(absl::Duration at, absl::string_view what) { Add(at, what); }
  void KeepStory() { keeps_story_ = true; }
  const std::string& story() const { return story_; }
  const std::deque<std::string>& lines() const { return lines_; }
  std::string Last(size_t count) const {
    std::string text;
    const size_t from = lines_.size() > count ? lines_.size() - count : 0;
    for (size_t i = from; i < lines_.size(); ++i) text += lines_[i];
    return text;
  }

 private:
  static double ToSeconds(absl::Duration d) { return absl::ToDoubleSeconds(d); }
  void Add(absl::Duration at, absl::string_view what) {
    lines_.push_back(absl::StrFormat("%12.6f  %s\n", ToSeconds(at), what));
    if (!detailed_ && lines_.size() > kKept) lines_.pop_front();
  }

  bool keeps_story_ = false;
  std::string story_;
  const bool detailed_;
  std::deque<std::string> lines_;
};

}  // namespace rollcall::sim
