// ZooKeeper's requests, encoded as it wants them, and what the bench reads of its answers.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "tests/bench/peers/jute.h"

namespace rollcall::bench::zookeeper {

struct Request {
  int type;
  std::string body;
};

// What opens a session, as the first frame of a connection.
std::string Connect(absl::Duration timeout);

// A path that stays; anybody may do anything with it.
Request Create(absl::string_view path);
// Goes with the session. Several: all or none.
Request CreateEphemeral(const std::vector<std::string>& paths, absl::string_view data);
Request SetData(absl::string_view path, absl::string_view data);
Request GetData(absl::string_view path);
Request GetChildren(absl::string_view path);
// The data of all these, by one request.
Request GetDataOfAll(const std::vector<std::string>& paths);
// Whatever happens to the path and below it is told from now on.
Request Watch(absl::string_view path);

// Of an answer to GetChildren.
std::vector<std::string> ChildrenIn(JuteReader& answer);
// 0, or the error of the first of several that failed.
int ErrorInMulti(JuteReader& answer);

std::string ErrorText(int error);

// Errors and events.
inline constexpr int kNodeExists = -110;
inline constexpr int kCreated = 1;
inline constexpr int kDeleted = 2;
inline constexpr int kChanged = 3;

}  // namespace rollcall::bench::zookeeper
