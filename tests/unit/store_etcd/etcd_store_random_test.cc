// Random faults, from seeds: what is answered is true, what is written is written once, and who
// follows ends up with what stands in etcd. First the store alone, then whole nodes.
#include <set>

#include "server/catalog/catalog.h"
#include "server/command/command.h"
#include "server/committer/committer.h"
#include "server/model/keys.h"
#include "server/replica/replica.h"
#include "server/store/etcd/testing/errors.h"
#include "tests/unit/store_etcd/etcd_store_fixture.h"

namespace rollcall::etcd {
namespace {

// Hears every event there ever was, through a network without faults.
class History final : private WatchEvents {
 public:
  History(FakeEtcd& etcd, base::Executor& executor, const base::Clock& clock)
      : executor_(executor), clock_(clock), client_(etcd, executor, clock) {
    Watch();
  }
  // How often `value` was written.
  int TimesWritten(const std::string& value) const {
    const auto found = written_.find(value);
    return found == written_.end() ? 0 : found->second;
  }

 private:
  void Watch() {
    pb::WatchCreateRequest request;
    request.set_key(kPrefix);
    request.set_range_end("/rollcall0");
    request.set_start_revision(next_);
    watch_ = client_.Watch(request, *this);
  }
  void OnResponse(pb::WatchResponse response) override {
    ASSERT_EQ(response.compact_revision(), 0) << "the test compacts too early";
    for (const pb::Event& event : response.events()) {
      if (event.type() == pb::Event::PUT) ++written_[event.kv().value()];
      next_ = event.kv().mod_revision() + 1;
    }
  }
  void OnEnd(absl::Status) override {
    executor_.PostAt(clock_.Steady() + absl::Milliseconds(10), [this] { Watch(); });
  }

  base::Executor& executor_;
  const base::Clock& clock_;
  FakeEtcdClient client_;
  int64_t next_ = 1;
  std::map<std::string, int> written_;
  std::unique_ptr<WatchHandle> watch_;
};

// What goes wrong, drawn from the seed.
class Trouble {
 public:
  Trouble(FakeEtcd& etcd, base::Random& random) : etcd_(etcd), random_(random) {}

  static Chances ChancesOf(base::Random& random) {
    const double bad = random.Unit() * 0.06;
    return {.cut_before = bad,
            .cut_after = bad,
            .lost_before = bad / 2,
            .lost_after = bad / 2,
            .late = bad / 2,
            .busy = bad,
            .delay_least = absl::ZeroDuration(),
            .delay_most = absl::Milliseconds(1 + random.Below(40))};
  }
  // Once in a while.
  void Strike(std::vector<FakeEtcdClient*> clients) {
    FakeEtcdClient& client = *clients[random_.Below(clients.size())];
    switch (random_.Below(12)) {
      case 0:
        return client.CutWatches(errors::ConnectionCut());
      case 1:
        return client.CutConnections();
      case 2:
        return client.SetReach(static_cast<Reach>(random_.Below(4)));
      case 3:
        return client.HoldWatches(random_.Below(2) == 0);
      case 4:
        return etcd_.ChangeLeader();
      case 5:
        return etcd_.SetQuorum(random_.Below(3) != 0);
      case 6:
        // Keeps a little: whoever is away for longer must load.
        (void)etcd_.Compact(etcd_.revision() - static_cast<int64_t>(random_.Below(20)));
        return;
      case 7:
        etcd_.Put("/elsewhere", "x");
        return;
      case 8:
        if (random_.Below(4) == 0) etcd_.Restart();
        return;
      default:
        client.SetReach(Reach::kOpen);
        etcd_.SetQuorum(true);
    }
  }
  void End(std::vector<FakeEtcdClient*> clients) {
    etcd_.SetQuorum(true);
    for (FakeEtcdClient* client : clients) {
      client->SetReach(Reach::kOpen);
      client->HoldWatches(false);
      client->SetChances({});
    }
  }

 private:
  FakeEtcd& etcd_;
  base::Random& random_;
};

FakeEtcdOptions SmallFragments() {
  FakeEtcdOptions options;
  options.fragment_bytes = 300;
  return options;
}

class EtcdStoreRandomTest : public EtcdStoreFixture, public ::testing::WithParamInterface<int> {
 protected:
  EtcdStoreRandomTest() : EtcdStoreFixture(SmallFragments()), chance_(GetParam()) {
    random_ = base::SeededRandom(static_cast<uint64_t>(GetParam()) + 1000);
    options_.paging.page = 5;
  }

  struct Sent {
    std::string value;
    std::optional<store::Outcome> outcome;
  };
  void SubmitSome() {
    std::vector<store::Transaction> group;
    std::vector<size_t> places;
    std::set<std::string> keys;
    const uint64_t count = 1 + chance_.Below(6);
    for (uint64_t i = 0; i < count; ++i) {
      const std::string key = absl::StrCat("s/", chance_.Below(12));
      if (!keys.insert(key).second) continue;
      const Revision guard = chance_.Below(10) == 0 ? Revision(0) : revisions_[key];
      if (chance_.Below(8) == 0) {
        group.push_back({{{key, guard}}, {}, {key}});
        sent_.push_back({"", std::nullopt});
      } else {
        const std::string value = absl::StrCat("v", sent_.size(), std::string(60, '.'));
        group.push_back({{{key, guard}}, {{key, value}}, {}});
        sent_.push_back({value, std::nullopt});
      }
      places.push_back(sent_.size() - 1);
    }
    store_->Commit(std::move(group), [this, places](std::vector<store::Outcome> outcomes) {
      ASSERT_EQ(outcomes.size(), places.size());
      for (size_t i = 0; i < places.size(); ++i) {
        ASSERT_FALSE(sent_[places[i]].outcome) << "answered twice";
        sent_[places[i]].outcome = std::move(outcomes[i]);
      }
    });
  }
  // At what revision the follower has seen each key.
  void LearnRevisions() {
    pb::RangeRequest all;
    all.set_key(kPrefix);
    all.set_range_end("/rollcall0");
    const absl::StatusOr<pb::RangeResponse> answer = etcd_.keys().Range(all);
    revisions_.clear();
    for (const pb::KeyValue& kv : answer->kvs()) {
      revisions_[kv.key().substr(sizeof(kPrefix) - 1)] =
          Revision(static_cast<uint64_t>(kv.mod_revision()));
    }
  }
  // The absence of a value tells as much as its presence: each is sent once.
  void Judge(const Sent& sent, const History& history) {
    ASSERT_TRUE(sent.outcome) << "never answered";
    if (sent.value.empty()) return;
    const int written = history.TimesWritten(sent.value);
    if (std::holds_alternative<store::Committed>(*sent.outcome)) {
      EXPECT_EQ(written, 1) << sent.value << Word(*sent.outcome);
    } else if (std::holds_alternative<store::Unknown>(*sent.outcome)) {
      EXPECT_LE(written, 1) << sent.value;
    } else {
      EXPECT_EQ(written, 0) << sent.value << Word(*sent.outcome);
    }
  }

  base::SeededRandom chance_;
  std::map<std::string, Revision> revisions_;
  std::vector<Sent> sent_;
};

TEST_P(EtcdStoreRandomTest, WhatIsAnsweredIsTrueAndWhatIsToldIsWhatStands) {
  History history(etcd_, executor_, clock_);
  Trouble trouble(etcd_, chance_);
  Open();
  Follow();
  client_->SetChances(Trouble::ChancesOf(chance_));
  for (int i = 0; i < 1500; ++i) {
    LearnRevisions();
    SubmitSome();
    if (chance_.Below(10) == 0) AskBarrier();
    if (chance_.Below(200) == 0) store_->Reload();
    if (chance_.Below(30) == 0) trouble.Strike({client_.get()});
    AdvanceBy(absl::Milliseconds(chance_.Below(60)));
  }
  trouble.End({client_.get()});
  AdvanceBy(absl::Minutes(1));
  EXPECT_TRUE(replaced_.empty());
  EXPECT_TRUE(follower_.caught_up);
  EXPECT_EQ(follower_.state, Truth());
  int committed = 0;
  for (const Sent& sent : sent_) {
    Judge(sent, history);
    committed += std::holds_alternative<store::Committed>(*sent.outcome) ? 1 : 0;
  }
  EXPECT_GT(committed, 300);
}

INSTANTIATE_TEST_SUITE_P(Seeds, EtcdStoreRandomTest, ::testing::Range(0, 25));

// Adds a word to the names of some sessions, each once and all or none.
class AddWord final : public command::Command {
 public:
  AddWord(std::string word, std::vector<std::string> sessions)
      : word_(std::move(word)), sessions_(std::move(sessions)) {}

  std::vector<command::KeyUse> Keys(const Facts&) const override {
    std::vector<command::KeyUse> keys;
    for (const std::string& id : sessions_) keys.push_back({SessionKeyOf(SessionId(id)), true});
    return keys;
  }
  command::Decision Decide(const Facts& facts, const command::WriteContext& context) override {
    command::Change change;
    for (const std::string& id : sessions_) {
      const auto old = facts.Session(SessionId(id));
      internal::v1::SessionRecord record;
      if (old.exists()) record = *old.record;
      record.set_id(id);
      record.mutable_ttl()->set_seconds(10);
      record.set_state(internal::v1::SESSION_STATE_LIVE);
      record.set_client_name(record.client_name() + word_ + ";");
      record.mutable_stamp()->set_write_id(context.write_id);
      change.Replace(SessionKeyOf(SessionId(id)), old, record);
    }
    return change;
  }

 private:
  const std::string word_;
  const std::vector<std::string> sessions_;
};

// A node, from its commands to its catalog.
struct Node {
  Node(FakeEtcd& etcd, testing::ManualExecutor& executor, testing::FakeClock& clock,
       base::Random& random)
      : client(etcd, executor, clock) {
    EtcdStore::Options options;
    options.prefix = kPrefix;
    options.paging.page = 7;
    options.on_replaced = [](const absl::Status& why) { ADD_FAILURE() << why; };
    opening = EtcdStore::Open(client, executor, clock, random, options,
                              [&](absl::StatusOr<std::unique_ptr<EtcdStore>> opened) {
                                ASSERT_TRUE(opened.ok()) << opened.status();
                                store = *std::move(opened);
                              });
    executor.RunReady();
    views = std::make_unique<catalog::ViewTable>(store->id());
    catalog = std::make_unique<catalog::Catalog>(*views);
    replica = std::make_unique<replica::Replica>(
        *store, *catalog, executor, clock, [](const std::string& key, const absl::Status& why) {
          ADD_FAILURE() << key << ": " << why;
        });
    committer = std::make_unique<committer::Committer>(
        *store, *catalog, *replica, executor, clock, random,
        committer::Committer::Options{.groups_in_flight = 4, .max_group = 20});
    EXPECT_TRUE(replica->Start().ok());
    executor.RunReady();
  }

  FakeEtcdClient client;
  std::unique_ptr<EtcdStore::Opening> opening;
  std::unique_ptr<EtcdStore> store;
  std::unique_ptr<catalog::ViewTable> views;
  std::unique_ptr<catalog::Catalog> catalog;
  std::unique_ptr<replica::Replica> replica;
  std::unique_ptr<committer::Committer> committer;
};

class EtcdNodesRandomTest : public ::testing::TestWithParam<int> {
 protected:
  EtcdNodesRandomTest() {
    for (int i = 0; i < 3; ++i) {
      nodes_.push_back(std::make_unique<Node>(etcd_, executor_, clock_, random_));
      clients_.push_back(&nodes_.back()->client);
    }
  }

  struct Asked {
    std::string word;
    std::vector<std::string> sessions;
    std::optional<absl::StatusOr<Revision>> answer;
  };
  void AskSomething() {
    auto asked = std::make_shared<Asked>();
    asked->word = absl::StrCat("w", asked_.size());
    std::set<std::string> sessions = {absl::StrCat("s", random_.Below(30))};
    if (random_.Below(4) == 0) sessions.insert(absl::StrCat("s", random_.Below(30)));
    asked->sessions.assign(sessions.begin(), sessions.end());
    asked_.push_back(asked);
    nodes_[random_.Below(nodes_.size())]->committer->Submit(
        std::make_shared<AddWord>(asked->word, asked->sessions),
        clock_.Steady() + absl::Seconds(1 + random_.Below(20)),
        [asked](absl::StatusOr<Revision> answer) {
          EXPECT_FALSE(asked->answer) << "answered twice";
          asked->answer = std::move(answer);
        });
  }
  internal::v1::SessionRecord Stored(const std::string& session) const {
    internal::v1::SessionRecord record;
    const auto kv = etcd_.Get(absl::StrCat(kPrefix, "s/", session));
    if (kv) {
      EXPECT_TRUE(record.ParseFromString(kv->value()));
    }
    return record;
  }
  int TimesAdded(const std::string& word, const std::string& session) const {
    const std::string needle = ";" + word + ";";
    const std::string name = ";" + Stored(session).client_name();
    int times = 0;
    for (size_t at = name.find(needle); at != name.npos; at = name.find(needle, at + 1)) ++times;
    return times;
  }
  void Judge(const Asked& asked) {
    ASSERT_TRUE(asked.answer) << "never answered: " << asked.word;
    const int times = TimesAdded(asked.word, asked.sessions.front());
    for (const std::string& session : asked.sessions) {
      EXPECT_EQ(TimesAdded(asked.word, session), times) << "not as one: " << asked.word;
    }
    if (asked.answer->ok()) {
      EXPECT_EQ(times, 1) << asked.word;
    } else if (absl::IsUnavailable(asked.answer->status())) {
      EXPECT_LE(times, 1) << asked.word;
    } else {
      EXPECT_EQ(times, 0) << asked.word << asked.answer->status();
    }
  }
  void EndsAlike(const Node& node) {
    EXPECT_TRUE(node.replica->ready());
    for (int i = 0; i < 30; ++i) {
      const std::string id = absl::StrCat("s", i);
      const auto record = node.catalog->Session(SessionId(id));
      EXPECT_EQ(record.exists() ? record->client_name() : "", Stored(id).client_name());
    }
    EXPECT_EQ(node.committer->counts().pending, 0u);
  }

  testing::FakeClock clock_;
  testing::ManualExecutor executor_{clock_};
  base::SeededRandom random_{static_cast<uint64_t>(GetParam())};
  FakeEtcd etcd_{executor_, clock_, random_, SmallFragments()};
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<FakeEtcdClient*> clients_;
  std::vector<std::shared_ptr<Asked>> asked_;
};

TEST_P(EtcdNodesRandomTest, EveryAnswerIsTrueNothingIsDoneTwiceAndAllNodesEndAlike) {
  Trouble trouble(etcd_, random_);
  for (FakeEtcdClient* client : clients_) client->SetChances(Trouble::ChancesOf(random_));
  for (int i = 0; i < 1500; ++i) {
    AskSomething();
    if (random_.Below(40) == 0) trouble.Strike(clients_);
    executor_.AdvanceBy(absl::Milliseconds(random_.Below(40)));
  }
  trouble.End(clients_);
  executor_.AdvanceBy(absl::Minutes(2));
  int ok = 0;
  for (const auto& asked : asked_) {
    Judge(*asked);
    ok += asked->answer && asked->answer->ok() ? 1 : 0;
  }
  EXPECT_GT(ok, 500);
  for (const auto& node : nodes_) EndsAlike(*node);
}

INSTANTIATE_TEST_SUITE_P(Seeds, EtcdNodesRandomTest, ::testing::Range(0, 25));

}  // namespace
}  // namespace rollcall::etcd
