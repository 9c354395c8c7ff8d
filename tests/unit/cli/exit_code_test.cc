#include "cli/print/exit_code.h"

#include <gtest/gtest.h>

namespace rollcall::cli {
namespace {

TEST(ExitCodeTest, FollowsTheInterface) {
  const std::pair<absl::StatusCode, ExitCode> kTable[] = {
      {absl::StatusCode::kOk, ExitCode::kDone},
      {absl::StatusCode::kNotFound, ExitCode::kNo},
      {absl::StatusCode::kFailedPrecondition, ExitCode::kNo},
      {absl::StatusCode::kAborted, ExitCode::kNo},
      {absl::StatusCode::kOutOfRange, ExitCode::kNo},
      {absl::StatusCode::kResourceExhausted, ExitCode::kNo},
      {absl::StatusCode::kInternal, ExitCode::kNo},
      {absl::StatusCode::kInvalidArgument, ExitCode::kWrongUse},
      {absl::StatusCode::kUnavailable, ExitCode::kUnreachable},
      {absl::StatusCode::kDeadlineExceeded, ExitCode::kUnreachable},
      {absl::StatusCode::kPermissionDenied, ExitCode::kNotPermitted},
      {absl::StatusCode::kUnauthenticated, ExitCode::kNotPermitted},
  };
  for (const auto& [code, expected] : kTable) {
    EXPECT_EQ(ExitCodeOf(absl::Status(code, "x")), expected) << absl::StatusCodeToString(code);
  }
}

TEST(ErrorLineTest, IsOneLine) {
  EXPECT_EQ(ErrorLine(absl::NotFoundError("first\nsecond\tthird\n")),
            "rollcall: first second third");
}

TEST(ErrorLineTest, SaysWhatToDoUnlessTheMessageDoes) {
  EXPECT_EQ(ErrorLine(absl::DeadlineExceededError("no answer")),
            "rollcall: no answer; allow more with --timeout, or try another --server");
  EXPECT_EQ(ErrorLine(absl::UnavailableError("it is away; wait")), "rollcall: it is away; wait");
}

TEST(ErrorLineTest, NamesTheCodeWhenThereIsNoMessage) {
  EXPECT_EQ(ErrorLine(absl::InternalError("")), "rollcall: INTERNAL");
}

}  // namespace
}  // namespace rollcall::cli
