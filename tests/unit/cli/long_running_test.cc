// watch and register: streams, restarts, interrupts.
#include "nlohmann/json.hpp"
#include "tests/unit/cli/program_test.h"

namespace rollcall::cli {
namespace {

using ::testing::HasSubstr;
using WatchStream = Scripts<v1::WatchRequest, v1::WatchResponse>::Stream;
using SessionStream = Scripts<v1::KeepAliveRequest, v1::KeepAliveResponse>::Stream;

class LongRunningTest : public ProgramTest {
 protected:
  static v1::WatchResponse View(uint64_t revision, v1::Standing standing, bool snapshot) {
    v1::WatchResponse response;
    response.set_id(1);
    response.set_revision(revision);
    response.set_store_id("s1");
    response.set_snapshot(snapshot);
    response.set_caught_up(true);
    v1::Instance& instance = *response.add_updated();
    instance.mutable_spec()->set_service("user");
    instance.mutable_spec()->set_id("u1");
    instance.set_standing(standing);
    instance.set_revision(revision);
    instance.mutable_last_change()->set_cause(v1::CAUSE_STREAM_BROKEN);
    return response;
  }
  // Until the client goes away.
  template <typename Stream, typename Request>
  static grpc::Status ReadOut(Stream& stream, Request request) {
    while (stream.Read(&request)) {
    }
    return grpc::Status::OK;
  }
  static v1::KeepAliveResponse Held(uint64_t epoch) {
    v1::KeepAliveResponse response;
    auto& held = *response.mutable_opened()->add_instances();
    held.mutable_key()->set_namespace_("default");
    held.mutable_key()->set_service("user");
    held.mutable_key()->set_id("u1");
    held.set_lease_epoch(epoch);
    response.mutable_opened()->mutable_beat_interval()->set_seconds(1);
    response.set_revision(5);
    return response;
  }
  void Hold(SessionStream& stream, uint64_t epoch) { stream.Write(Held(epoch)); }
  int RunRegister() { return Run({"register", "user", "u1", "--endpoint", "h:1"}); }
  // Interrupts the command and reads until it closes the stream.
  grpc::Status InterruptedAt(SessionStream& stream) {
    v1::KeepAliveRequest beat;
    stream.Read(&beat);
    interrupt_.Request();
    return ReadOut(stream, beat);
  }
};

TEST_F(LongRunningTest, WatchStartsFromASnapshotAndEndsOnAnInterrupt) {
  fake_.discovery.watch.Add([&](WatchStream& stream) {
    v1::WatchRequest request;
    stream.Read(&request);
    EXPECT_EQ(request.subscribe().service(), "user");
    EXPECT_EQ(request.subscribe().resume_revision(), 0u);
    stream.Write(View(5, v1::STANDING_PASSING, true));
    interrupt_.Request();
    return ReadOut(stream, request);
  });
  EXPECT_EQ(Run({"watch", "user"}), 0) << notes();
}

TEST_F(LongRunningTest, WatchResumesByRevisionAfterARestart) {
  fake_.discovery.watch.Add([&](WatchStream& stream) {
    v1::WatchRequest request;
    stream.Read(&request);
    stream.Write(View(5, v1::STANDING_PASSING, true));
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "going down");
  });
  fake_.discovery.watch.Add([&](WatchStream& stream) {
    v1::WatchRequest request;
    stream.Read(&request);
    EXPECT_EQ(request.subscribe().resume_revision(), 5u);
    EXPECT_EQ(request.subscribe().store_id(), "s1");
    stream.Write(View(8, v1::STANDING_SUSPECT, false));
    // Ends the command: a refusal is not waited out.
    return grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "no more");
  });
  EXPECT_EQ(Run({"watch", "user"}), 4) << notes();
  EXPECT_THAT(out(), HasSubstr("snapshot      user/u1               PASSING"));
  EXPECT_THAT(out(), HasSubstr("PASSING → SUSPECT         stream broken\n"));
  EXPECT_THAT(notes(), HasSubstr("the registry went away; reconnecting\n"));
  EXPECT_THAT(notes(), HasSubstr("connected again; resumed where it stopped\n"));
}

TEST_F(LongRunningTest, WatchTakesOldDataWhenEveryServerRefuses) {
  fake_.discovery.watch.Add([&](WatchStream& stream) {
    v1::WatchRequest request;
    stream.Read(&request);
    EXPECT_FALSE(request.subscribe().accept_stale());
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "watch on another node");
  });
  fake_.discovery.watch.Add([&](WatchStream& stream) {
    v1::WatchRequest request;
    stream.Read(&request);
    EXPECT_TRUE(request.subscribe().accept_stale());
    stream.Write(View(5, v1::STANDING_PASSING, true));
    return grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "no more");
  });
  EXPECT_EQ(Run({"watch", "user"}), 4) << notes();
  EXPECT_THAT(out(), HasSubstr("snapshot      user/u1               PASSING"));
}

TEST_F(LongRunningTest, WatchThatNobodyServesIsAnError) {
  for (int i = 0; i < 2; ++i) {
    fake_.discovery.watch.Add([&](WatchStream& stream) {
      v1::WatchRequest request;
      stream.Read(&request);
      return grpc::Status(grpc::StatusCode::UNAVAILABLE, "watch on another node");
    });
  }
  EXPECT_EQ(Run({"watch", "user"}), 3) << notes();
}

TEST_F(LongRunningTest, WatchGoesOnAtAServerThatItWasTold) {
  FakeRegistry other;
  fake_.discovery.watch.Add([&](WatchStream& stream) {
    v1::WatchRequest request;
    stream.Read(&request);
    v1::WatchResponse view = View(5, v1::STANDING_PASSING, true);
    view.add_servers(other.address);
    stream.Write(view);
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "going down");
  });
  other.discovery.watch.Add([&](WatchStream& stream) {
    v1::WatchRequest request;
    stream.Read(&request);
    EXPECT_EQ(request.subscribe().resume_revision(), 5u);
    return grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "no more");
  });
  EXPECT_EQ(Run({"watch", "user"}), 4) << notes();
}

TEST_F(LongRunningTest, WatchJsonIsOneObjectPerLineWithoutSignsOfLife) {
  fake_.discovery.watch.Add([&](WatchStream& stream) {
    v1::WatchRequest request;
    stream.Read(&request);
    stream.Write(View(5, v1::STANDING_PASSING, true));
    v1::WatchResponse sign_of_life;
    sign_of_life.set_id(1);
    sign_of_life.set_caught_up(true);
    stream.Write(sign_of_life);
    stream.Write(View(6, v1::STANDING_SUSPECT, false));
    return grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "no more");
  });
  Run({"watch", "user", "-o", "json"});
  std::istringstream lines(out());
  std::string line;
  std::vector<std::string> revisions;
  while (std::getline(lines, line)) revisions.push_back(nlohmann::json::parse(line)["revision"]);
  EXPECT_THAT(revisions, ::testing::ElementsAre("5", "6"));
}

TEST_F(LongRunningTest, WatchOfAnAbsentRegistryIsAnError) {
  EXPECT_EQ(RunAlone({"--server", "127.0.0.1:1", "watch"}), 3);
}

TEST_F(LongRunningTest, WatchStartsOverWhenItsRevisionIsGone) {
  fake_.discovery.watch.Add([&](WatchStream& stream) {
    v1::WatchRequest request;
    stream.Read(&request);
    stream.Write(View(5, v1::STANDING_PASSING, true));
    v1::WatchResponse gone;
    gone.set_id(1);
    gone.mutable_error()->set_code(grpc::StatusCode::OUT_OF_RANGE);
    stream.Write(gone);
    stream.Read(&request);
    EXPECT_EQ(request.subscribe().resume_revision(), 0u);
    return grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "no more");
  });
  EXPECT_EQ(Run({"watch", "user"}), 4);
}

TEST_F(LongRunningTest, RegisterHoldsTheSessionAndDeregistersOnAnInterrupt) {
  fake_.registry.registered.response.add_lease_epochs(3);
  fake_.registry.keep_alive.Add([&](SessionStream& stream) {
    v1::KeepAliveRequest request;
    stream.Read(&request);
    EXPECT_EQ(request.open().session_id(), fake_.registry.registered.last.session_id());
    EXPECT_EQ(request.open().session_secret().size(), 32u);
    Hold(stream, 3);
    return InterruptedAt(stream);
  });
  EXPECT_EQ(RunRegister(), 0) << notes();
  EXPECT_TRUE(fake_.registry.registered.last.open());
  EXPECT_EQ(fake_.registry.deregistered.last.session_id(),
            fake_.registry.registered.last.session_id());
  EXPECT_THAT(out(), HasSubstr("Registered user/u1 at h:1"));
  EXPECT_THAT(out(), HasSubstr("Deregistered user/u1.\n"));
}

TEST_F(LongRunningTest, RegisterResumesItsSessionAfterABrokenConnection) {
  fake_.registry.keep_alive.Add([&](SessionStream& stream) {
    Hold(stream, 0);
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "going down");
  });
  fake_.registry.keep_alive.Add([&](SessionStream& stream) {
    v1::KeepAliveRequest request;
    stream.Read(&request);
    EXPECT_EQ(request.open().revision(), 5u);
    Hold(stream, 0);
    return InterruptedAt(stream);
  });
  EXPECT_EQ(RunRegister(), 0) << notes();
  EXPECT_EQ(fake_.registry.registered.calls, 1);
  EXPECT_THAT(notes(), HasSubstr("reconnecting"));
}

TEST_F(LongRunningTest, RegisterGoesOnAtAServerThatItWasTold) {
  FakeRegistry other;
  fake_.registry.keep_alive.Add([&](SessionStream& stream) {
    v1::KeepAliveResponse response = Held(0);
    response.mutable_opened()->add_servers(other.address);
    stream.Write(response);
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "going down");
  });
  other.registry.keep_alive.Add([&](SessionStream& stream) {
    v1::KeepAliveRequest request;
    stream.Read(&request);
    EXPECT_EQ(request.open().revision(), 5u);
    Hold(stream, 0);
    return InterruptedAt(stream);
  });
  EXPECT_EQ(RunRegister(), 0) << notes();
  EXPECT_EQ(fake_.registry.registered.calls, 1);
  EXPECT_EQ(other.registry.deregistered.calls, 1);
}

TEST_F(LongRunningTest, RegisterGoesWhereItIsSentWithoutAWord) {
  FakeRegistry other;
  fake_.registry.keep_alive.Add([&](SessionStream& stream) {
    Hold(stream, 0);
    v1::KeepAliveResponse response;
    response.mutable_move_to()->add_servers(other.address);
    stream.Write(response);
    return ReadOut(stream, v1::KeepAliveRequest());
  });
  other.registry.keep_alive.Add([&](SessionStream& stream) {
    Hold(stream, 0);
    return InterruptedAt(stream);
  });
  EXPECT_EQ(RunRegister(), 0) << notes();
  EXPECT_EQ(notes(), "");
  EXPECT_EQ(other.registry.deregistered.calls, 1);
}

TEST_F(LongRunningTest, RegisterSaysWhenItIsConnectedAgain) {
  fake_.registry.keep_alive.Add([&](SessionStream& stream) {
    Hold(stream, 0);
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "going down");
  });
  fake_.registry.keep_alive.Add([&](SessionStream& stream) {
    Hold(stream, 0);
    // Read after the above, and ends the command.
    v1::KeepAliveResponse response;
    response.mutable_superseded()->set_lease_epoch(4);
    stream.Write(response);
    return ReadOut(stream, v1::KeepAliveRequest());
  });
  EXPECT_EQ(RunRegister(), 1);
  EXPECT_THAT(notes(), HasSubstr("reconnecting\nrollcall: connected again; the session of user/u1 "
                                 "goes on\n"));
}

TEST_F(LongRunningTest, RegisterRegistersAnewWhenItsSessionIsLost) {
  fake_.registry.keep_alive.Add([&](SessionStream& stream) {
    v1::KeepAliveResponse response;
    response.mutable_ended()->set_cause(v1::CAUSE_SESSION_UNKNOWN);
    stream.Write(response);
    return grpc::Status::OK;
  });
  fake_.registry.keep_alive.Add([&](SessionStream& stream) {
    Hold(stream, 0);
    return InterruptedAt(stream);
  });
  EXPECT_EQ(RunRegister(), 0) << notes();
  EXPECT_EQ(fake_.registry.registered.calls, 2);
  EXPECT_THAT(notes(), HasSubstr("registered user/u1 again"));
}

TEST_F(LongRunningTest, RegisterStaysQuietWhenSuperseded) {
  fake_.registry.registered.response.add_lease_epochs(3);
  fake_.registry.keep_alive.Add([&](SessionStream& stream) {
    Hold(stream, 3);
    v1::KeepAliveResponse response;
    response.mutable_superseded()->set_lease_epoch(4);
    stream.Write(response);
    return ReadOut(stream, v1::KeepAliveRequest());
  });
  EXPECT_EQ(RunRegister(), 1);
  EXPECT_THAT(notes(), HasSubstr("superseded"));
  EXPECT_EQ(fake_.registry.registered.calls, 1);
  EXPECT_EQ(fake_.registry.deregistered.calls, 0);
}

TEST_F(LongRunningTest, RegisterDoesNotTakeBackWhatANewerProcessHolds) {
  fake_.registry.registered.response.add_lease_epochs(3);
  auto& holder = *fake_.operations.explained.response.mutable_instance();
  holder.set_lease_epoch(9);
  fake_.registry.keep_alive.Add([&](SessionStream& stream) {
    v1::KeepAliveResponse response;
    response.mutable_opened();
    stream.Write(response);
    return ReadOut(stream, v1::KeepAliveRequest());
  });
  EXPECT_EQ(RunRegister(), 1);
  EXPECT_THAT(notes(), HasSubstr("superseded"));
  EXPECT_EQ(fake_.registry.registered.calls, 1);
}

TEST_F(LongRunningTest, RegisterDoesNotUndoAnOperatorsRemoval) {
  v1::Change& removal = *fake_.operations.explained.response.add_changes();
  removal.set_cause(v1::CAUSE_REMOVED);
  removal.set_actor("bob");
  fake_.registry.keep_alive.Add([&](SessionStream& stream) {
    v1::KeepAliveResponse response;
    response.mutable_held();
    stream.Write(response);
    return ReadOut(stream, v1::KeepAliveRequest());
  });
  EXPECT_EQ(RunRegister(), 1);
  EXPECT_THAT(notes(), HasSubstr("was removed (by bob)"));
}

}  // namespace
}  // namespace rollcall::cli
