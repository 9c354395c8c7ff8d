#include "tests/bench/peers/zookeeper_requests.h"

#include "absl/strings/str_cat.h"

namespace rollcall::bench::zookeeper {
namespace {

enum Type {
  kError = -1,
  kCreate = 1,
  kGetData = 4,
  kSetData = 5,
  kGetChildren = 8,
  kMulti = 14,
  kMultiRead = 22,
  kAddWatch = 106,
};

constexpr int kEphemeral = 1;
constexpr int kAllPermissions = 31;
constexpr int kAnyVersion = -1;
constexpr int32_t kProtocolVersion = 0;
constexpr bool kNoWatch = false;
constexpr int kPersistentRecursive = 1;

std::string CreateBody(absl::string_view path, absl::string_view data, int flags) {
  JuteWriter out;
  out.Bytes(path).Bytes(data);
  out.Int(1).Int(kAllPermissions).Bytes("world").Bytes("anyone");
  return out.Int(flags).str();
}

std::string GetDataBody(absl::string_view path) {
  return JuteWriter().Bytes(path).Bool(kNoWatch).str();
}

// Each of several is preceded by its type, and the end is one, too.
void AppendHead(JuteWriter& out, int type, bool end = false) { out.Int(type).Bool(end).Int(-1); }

}  // namespace

std::string Connect(absl::Duration timeout) {
  JuteWriter out;
  out.Int(kProtocolVersion).Long(/*last transaction seen=*/0);
  out.Int(static_cast<int32_t>(absl::ToInt64Milliseconds(timeout)));
  out.Long(/*session, a new one=*/0).Bytes(std::string(16, '\0'));
  return out.Bool(/*read only=*/false).str();
}

Request Create(absl::string_view path) { return {kCreate, CreateBody(path, "", 0)}; }

Request CreateEphemeral(const std::vector<std::string>& paths, absl::string_view data) {
  if (paths.size() == 1) return {kCreate, CreateBody(paths[0], data, kEphemeral)};
  JuteWriter out;
  for (const std::string& path : paths) {
    AppendHead(out, kCreate);
    out.Raw(CreateBody(path, data, kEphemeral));
  }
  AppendHead(out, kError, /*end=*/true);
  return {kMulti, out.str()};
}

Request SetData(absl::string_view path, absl::string_view data) {
  return {kSetData, JuteWriter().Bytes(path).Bytes(data).Int(kAnyVersion).str()};
}

Request GetData(absl::string_view path) { return {kGetData, GetDataBody(path)}; }

Request GetChildren(absl::string_view path) {
  return {kGetChildren, JuteWriter().Bytes(path).Bool(kNoWatch).str()};
}

Request GetDataOfAll(const std::vector<std::string>& paths) {
  JuteWriter out;
  for (const std::string& path : paths) {
    AppendHead(out, kGetData);
    out.Raw(GetDataBody(path));
  }
  AppendHead(out, kError, /*end=*/true);
  return {kMultiRead, out.str()};
}

Request Watch(absl::string_view path) {
  return {kAddWatch, JuteWriter().Bytes(path).Int(kPersistentRecursive).str()};
}

std::vector<std::string> ChildrenIn(JuteReader& answer) {
  std::vector<std::string> children;
  for (int32_t left = answer.Int(); left > 0 && answer.ok(); --left) {
    children.emplace_back(answer.Bytes());
  }
  return children;
}

// If one has failed, all say so: those that did nothing with 0 or -2, that one with its error.
int ErrorInMulti(JuteReader& answer) {
  constexpr int kRolledBack = -2;
  int error = 0;
  for (;;) {
    const int type = answer.Int();
    const bool end = answer.Bool();
    answer.Int();
    if (end || type != kError || !answer.ok()) return error;
    const int of_one = answer.Int();
    if (of_one != 0 && of_one != kRolledBack) return of_one;
    if (of_one != 0) error = of_one;
  }
}

std::string ErrorText(int error) { return absl::StrCat("ZooKeeper's error ", error); }

}  // namespace rollcall::bench::zookeeper
