// Command: one thing that can be asked of the registry, decided on the records as they stand.
//
// A command names the keys it needs, then decides: a guarded transaction, nothing to do, or a
// refusal. It may be asked to decide several times (when a guard failed because somebody else was
// faster), each time on newer records; the last decision counts. Deciding is pure: time, actor and
// chance come in a WriteContext. Results that callers need (lease epochs, …) stand in the command
// after it is done.
//
// Thread-compatible: used on the core executor.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/model/facts.h"
#include "server/model/ids.h"

namespace rollcall::command {

// A key that a command reads (guards) or writes.
struct KeyUse {
  std::string key;
  bool write = false;
};

struct WriteContext {
  absl::Time now;
  // 16 random bytes, new for every transaction.
  std::string write_id;
};

struct Change {
  struct Guard {
    std::string key;
    Revision revision;
  };
  struct Put {
    std::string key;
    std::string value;
  };
  std::vector<Guard> guards;
  std::vector<Put> puts;
  std::vector<std::string> deletes;

  // Puts `record` under `key`, guarded on what was read there.
  template <typename R, typename Old>
  void Replace(std::string key, const Old& old, const R& record) {
    guards.push_back({key, old.revision});
    puts.push_back({std::move(key), record.SerializeAsString()});
  }
};
// What was asked for is so already.
struct Nothing {};
using Decision = std::variant<Change, Nothing, absl::Status>;

class Command {
 public:
  virtual ~Command() = default;
  // Every key that Decide would guard or write on these facts. May grow from call to call.
  virtual std::vector<KeyUse> Keys(const Facts& facts) const = 0;
  virtual Decision Decide(const Facts& facts, const WriteContext& context) = 0;
  // Called once, when it is submitted: for commands that hold only for what stood then.
  virtual void Begin(const Facts&) {}
  // Whether others go first, while there are many.
  virtual bool can_wait() const { return false; }
  // For a command that had better not be done than be done late: the record that it writes, as it
  // stands, with the context's write id, guarded on its revision. Once that is written no copy of
  // the command's own transaction can apply any more. nullopt: the command is repeated until its
  // outcome is known.
  virtual std::optional<Change> Withdrawal(const Facts&, const WriteContext&) const {
    return std::nullopt;
  }
};

}  // namespace rollcall::command
