#include "tests/scenarios/scenario.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "server/model/standing.h"
#include "tests/support/records.h"

namespace rollcall::scenarios {
namespace {

// 32 hex digits made of a name.
std::string HexOf(const std::string& name, char filler) {
  std::string hex;
  for (const char c : name) absl::StrAppendFormat(&hex, "%02x", static_cast<unsigned char>(c));
  hex.resize(32, filler);
  return hex;
}

v1::InstanceSpec SpecFrom(const std::string& text) {
  const std::pair<std::string, std::string> zoned = absl::StrSplit(text, absl::MaxSplits('@', 1));
  const std::pair<std::string, std::string> name = absl::StrSplit(zoned.first, '/');
  v1::InstanceSpec spec = testing::SpecOf(name.first, name.second);
  if (!zoned.second.empty()) spec.mutable_locality()->set_zone(zoned.second);
  return spec;
}

v1::InstanceKey KeyFrom(const std::string& text) { return KeyOf(NameOf(SpecFrom(text))); }

std::string Word(const v1::KeepAliveResponse& message) {
  switch (message.message_case()) {
    case v1::KeepAliveResponse::kOpened:
      return absl::StrCat("opened, holding ", message.opened().instances_size());
    case v1::KeepAliveResponse::kAck:
      return "";  // Of heartbeats there are too many to tell.
    case v1::KeepAliveResponse::kHeld:
      return absl::StrCat("holds ", message.held().instances_size());
    case v1::KeepAliveResponse::kSuperseded:
      return absl::StrCat("superseded: ", message.superseded().key().service(), "/",
                          message.superseded().key().id());
    case v1::KeepAliveResponse::kEnded:
      return absl::StrCat("ended ", CauseWord(message.ended().cause()));
    default:
      return message.ShortDebugString();
  }
}

std::string Word(const v1::WatchResponse& message) {
  if (message.has_error()) return absl::StrCat("error: ", message.error().message());
  std::string word = absl::StrCat("@", message.revision());
  if (message.snapshot()) absl::StrAppend(&word, " snapshot");
  for (const v1::Instance& instance : message.updated()) {
    absl::StrAppend(&word, " ", instance.spec().id(), "=", StandingWord(instance.standing()), "(",
                    CauseWord(instance.last_change().cause()), ")");
  }
  for (const v1::Removed& removed : message.removed()) {
    absl::StrAppend(&word, " ", removed.key().id(), " gone(", CauseWord(removed.cause()), ")");
  }
  return word;
}

// Without the time of day and the level's column: the trace has its own.
std::string WithoutTime(absl::string_view line) {
  const size_t space = line.find(' ');
  return std::string(line.substr(space == absl::string_view::npos ? 0 : space + 1));
}

}  // namespace

class Scenario::Session final : public health::SessionStream {
 public:
  Session(Scenario& scenario, std::string session)
      : name(std::move(session)), scenario_(scenario), peer_("10.0.0.1:" + name) {}
  void Send(v1::KeepAliveResponse message) override {
    const std::string word = Word(message);
    if (!word.empty()) scenario_.Say(name, word);
  }
  void Close(absl::Status status) override {
    scenario_.Say(name, status.ok() ? "stream closed" : "stream closed: " + status.ToString());
  }
  const std::string& peer() const override { return peer_; }

  std::string id() const { return HexOf(name, '0'); }
  std::string secret() const { return HexOf(name, 'f'); }
  const std::string name;
  std::unique_ptr<health::KeepAliveProtocol> protocol;
  bool beating = false;
  uint64_t sequence = 0;

 private:
  Scenario& scenario_;
  const std::string peer_;
};

class Scenario::Watcher final : public feed::WatchStream {
 public:
  Watcher(Scenario& scenario, std::string watcher)
      : name(std::move(watcher)), scenario_(scenario) {}
  void Write(std::string prefix, std::shared_ptr<const feed::Frame> body) override {
    v1::WatchResponse message;
    ASSERT_TRUE(message.ParseFromString(sim::SimFrame::Join(std::move(prefix), body)));
    // A sign of life says nothing new.
    if (message.updated_size() + message.removed_size() > 0 || message.snapshot() ||
        message.has_error() || message.revision() > revision) {
      scenario_.Say(name, Word(message));
    }
    revision = std::max(revision, message.revision());
    waiting = true;
    if (reads) Read();
  }
  void Close(absl::Status status) override {
    scenario_.Say(name, "stream closed: " + status.ToString());
  }
  const std::string& peer() const override { return name; }
  void Read() {
    if (!std::exchange(waiting, false) || !scenario_.node_.up()) return;
    scenario_.node_.node().feed().OnWritten(id, true);
  }

  const std::string name;
  feed::WatcherId id;
  bool reads = true;
  bool waiting = false;
  uint64_t revision = 0;

 private:
  Scenario& scenario_;
};

Scenario::Scenario(absl::Duration resume_window)
    : node_(
          clock_, queue_, 1, [this](absl::string_view line) { Say("node", WithoutTime(line)); },
          resume_window) {
  node_.OnCrash([this] {
    for (auto& [name, session] : sessions_) {
      session->protocol = nullptr;
      session->beating = false;
    }
    watchers_.clear();
  });
  node_.Start();
  Settle();
}

Scenario::~Scenario() { node_.Crash(); }

void Scenario::Say(const std::string& who, const std::string& what) {
  absl::StrAppendFormat(&trace_, "+%.3fs   %-5s %s\n",
                        absl::ToDoubleSeconds(clock_.Steady().SinceOrigin() - absl::Hours(1)), who,
                        what);
}

void Scenario::Note(const std::string& what) {
  absl::StrAppendFormat(&trace_, "+%.3fs > %s\n",
                        absl::ToDoubleSeconds(clock_.Steady().SinceOrigin() - absl::Hours(1)),
                        what);
}

void Scenario::Register(const std::string& session, const std::vector<std::string>& instances) {
  Note(absl::StrCat(session, " registers ", absl::StrJoin(instances, " ")));
  auto& client = sessions_[session];
  if (client == nullptr) client = std::make_shared<Session>(*this, session);
  v1::RegisterRequest request;
  request.set_session_id(client->id());
  request.set_session_secret(client->secret());
  request.set_open(true);
  request.set_client_name(session);
  for (const std::string& instance : instances) *request.add_instances() = SpecFrom(instance);
  node_.node().registry().Register(
      request, {clock_.Steady() + absl::Seconds(5), session, nullptr},
      [this, session](absl::StatusOr<v1::RegisterResponse> answer) {
        Say(session, answer.ok() ? absl::StrCat("registered @", answer->revision())
                                 : "refused: " + answer.status().ToString());
      });
  Settle();
}

void Scenario::Connect(const std::string& session) {
  Note(session + " opens its stream");
  Session& client = *sessions_.at(session);
  client.protocol =
      std::make_unique<health::KeepAliveProtocol>(node_.node().sessions(), sessions_.at(session));
  v1::KeepAliveRequest message;
  message.mutable_open()->set_session_id(client.id());
  message.mutable_open()->set_session_secret(client.secret());
  client.protocol->OnMessage(message);
  Settle();
  if (!std::exchange(client.beating, true)) Beat(session);
}

void Scenario::Beat(const std::string& session) {
  Session& client = *sessions_.at(session);
  if (!client.beating) return;
  v1::KeepAliveRequest message;
  message.mutable_beat()->set_sequence(++client.sequence);
  client.protocol->OnMessage(message);
  queue_.PostAt(clock_.Steady() + absl::Seconds(10) / 3, [this, session] { Beat(session); });
}

void Scenario::Break(const std::string& session) {
  Note(session + "'s process is killed");
  Session& client = *sessions_.at(session);
  client.beating = false;
  client.protocol->OnEnd("the connection was lost");
  Settle();
}

void Scenario::Freeze(const std::string& session) {
  Note(session + "'s process freezes");
  sessions_.at(session)->beating = false;
}

void Scenario::Thaw(const std::string& session) {
  Note(session + "'s process goes on");
  sessions_.at(session)->beating = true;
  Beat(session);
  Settle();
}

void Scenario::Stop(const std::string& session) {
  Note(session + " says that it is stopping");
  Session& client = *sessions_.at(session);
  v1::KeepAliveRequest leave;
  leave.mutable_leave()->set_reason(v1::KeepAliveRequest::REASON_STOPPING);
  client.protocol->OnMessage(leave);
  AdvanceBy(absl::Milliseconds(500));
  Note(session + " deregisters");
  client.beating = false;
  v1::DeregisterRequest request;
  request.set_session_id(client.id());
  request.set_session_secret(client.secret());
  node_.node().registry().Deregister(
      request, {clock_.Steady() + absl::Seconds(5), session, nullptr},
      [this, session](const absl::StatusOr<v1::DeregisterResponse>& answer) {
        Say(session, answer.ok() ? absl::StrCat("deregistered @", answer->revision())
                                 : "refused: " + answer.status().ToString());
      });
  Settle();
}

void Scenario::Override(const std::string& instance, v1::OverrideMode mode) {
  Note(absl::StrCat("ada sets ", v1::OverrideMode_Name(mode), " on ", instance));
  v1::SetOverrideRequest request;
  *request.mutable_key() = KeyFrom(instance);
  request.set_mode(mode);
  request.set_actor("ada");
  request.set_reason("deploy");
  node_.node().operations().SetOverride(
      request, {clock_.Steady() + absl::Seconds(5), "cli", nullptr},
      [](const absl::StatusOr<v1::SetOverrideResponse>& answer) { EXPECT_TRUE(answer.ok()); });
  Settle();
}

void Scenario::ClearOverride(const std::string& instance) {
  Note(absl::StrCat("ada clears the override of ", instance));
  v1::ClearOverrideRequest request;
  *request.mutable_key() = KeyFrom(instance);
  request.set_actor("ada");
  node_.node().operations().ClearOverride(
      request, {clock_.Steady() + absl::Seconds(5), "cli", nullptr},
      [](const absl::StatusOr<v1::ClearOverrideResponse>& answer) { EXPECT_TRUE(answer.ok()); });
  Settle();
}

void Scenario::ReleaseBrake(const std::string& service) {
  Note("ada releases the brake of " + service);
  v1::ReleaseBrakeRequest request;
  request.mutable_key()->set_service(service);
  node_.node().operations().ReleaseBrake(
      request, {clock_.Steady() + absl::Seconds(5), "cli", nullptr},
      [this](const absl::StatusOr<v1::ReleaseBrakeResponse>& answer) {
        Say("ada", absl::StrCat("released ", answer->released()));
      });
  Settle();
}

void Scenario::Watch(const std::string& watcher, const std::string& service, uint64_t resume) {
  Note(resume == 0 ? absl::StrCat(watcher, " watches ", service)
                   : absl::StrCat(watcher, " watches ", service, " after @", resume));
  auto& stream = watchers_[watcher];
  stream = std::make_shared<Watcher>(*this, watcher);
  stream->revision = resume;
  stream->id = node_.node().feed().Add(stream);
  v1::WatchRequest request;
  request.mutable_subscribe()->set_id(1);
  request.mutable_subscribe()->set_service(service);
  request.mutable_subscribe()->set_resume_revision(resume);
  request.mutable_subscribe()->set_store_id(node_.node().views().store_id().value());
  node_.node().feed().OnRequest(stream->id, request);
  Settle();
}

void Scenario::Disconnect(const std::string& watcher) {
  Note(watcher + " goes away");
  node_.node().feed().Remove(watchers_.at(watcher)->id);
  Settle();
}

void Scenario::StopReading(const std::string& watcher) {
  Note(watcher + " stops reading");
  watchers_.at(watcher)->reads = false;
}

void Scenario::ReadAgain(const std::string& watcher) {
  Note(watcher + " reads again");
  watchers_.at(watcher)->reads = true;
  watchers_.at(watcher)->Read();
  Settle();
}

uint64_t Scenario::LastRevisionOf(const std::string& watcher) const {
  return watchers_.at(watcher)->revision;
}

void Scenario::CrashNode() {
  Note("the node is killed");
  node_.Crash();
}

void Scenario::StartNode() {
  Note("the node starts");
  node_.Start();
  Settle();
}

void Scenario::AdvanceBy(absl::Duration d) { queue_.AdvanceBy(d); }

void Scenario::ExpectGolden(const std::string& name) {
  const std::string path =
      absl::StrCat(ROLLCALL_SOURCE_DIR, "/tests/scenarios/golden/", name, ".txt");
  if (std::getenv("ROLLCALL_REWRITE") != nullptr) {
    std::ofstream(path) << trace_;
    return;
  }
  std::ifstream file(path);
  std::stringstream golden;
  golden << file.rdbuf();
  EXPECT_TRUE(file) << path << " is missing; ROLLCALL_REWRITE=1 writes it";
  EXPECT_EQ(golden.str(), trace_) << "ROLLCALL_REWRITE=1 writes " << path << " anew";
}

}  // namespace rollcall::scenarios
