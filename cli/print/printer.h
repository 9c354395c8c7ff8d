// Printer: puts answers out in the format that was asked for.
//
// Answers go to `out`, everything said beside them to `notes` (stderr). What goes out is flushed at
// once, so that a long-running verb can be piped. Thread-compatible.
#pragma once

#include <functional>
#include <ostream>
#include <string>

#include "absl/strings/string_view.h"
#include "cli/print/json.h"
#include "cli/print/look.h"
#include "client-sdk/base/clock.h"
#include "google/protobuf/message.h"

namespace rollcall::cli {

enum class Format { kTable, kWide, kJson, kYaml };

class Printer {
 public:
  using Text = std::function<std::string(const Look&)>;
  struct Options {
    Format format = Format::kTable;
    bool colours = false;
    absl::TimeZone zone = absl::UTCTimeZone();
    // Whether the notes go to a terminal.
    bool notes_terminal = false;
  };

  Printer(std::ostream& out, std::ostream& notes, const base::Clock& clock, Options options)
      : out_(out), notes_(notes), clock_(clock), options_(options) {}

  // One answer: the message as JSON or YAML, or `text` for people.
  void Show(const google::protobuf::Message& message, const Text& text);
  // One of a stream of answers: JSON on one line each, YAML as a document each.
  void ShowNext(const google::protobuf::Message& message, const Text& text);
  // Plain text whatever the format.
  void Say(absl::string_view text);
  // One more line of the answer for people; beside the answer if that is JSON or YAML.
  void Remark(absl::string_view line);
  // One line for people, beside the answer.
  void Note(absl::string_view line);
  // How far a long verb is, in place of what was said last; empty: nothing any more. Only for
  // people at a terminal.
  void ShowProgress(absl::string_view line);

  // False once something could not be written out.
  bool writable() const { return out_.good(); }
  // True for table and wide.
  bool for_people() const;
  Look look() const;

 private:
  std::ostream& out_;
  std::ostream& notes_;
  const base::Clock& clock_;
  const Options options_;
};

}  // namespace rollcall::cli
