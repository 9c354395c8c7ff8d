#include "server/catalog/instance_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "server/catalog/instance_encoder.h"
#include "server/catalog/spec_bytes.h"
#include "tests/support/records.h"

namespace rollcall::catalog {
namespace {

using rollcall::testing::SpecOf;
using ::testing::Not;

class InstanceViewTest : public ::testing::Test {
 protected:
  InstanceViewTest() {
    last_.set_cause(v1::CAUSE_BEAT_OVERDUE);
    last_.set_actor("node-1");
    last_.set_evidence("no heartbeat for 4 s");
    last_.mutable_time()->set_seconds(77);
    last_.mutable_time()->set_nanos(5);
  }
  InstanceView::Content Content() const {
    return {"a", "z1", field_, session_, LeaseEpoch(7), Revision(3)};
  }
  SharedView Make(const InstanceView::Content& content,
                  v1::Standing standing = v1::STANDING_SUSPECT) const {
    return InstanceView::Make(content, {Revision(9), standing, 40}, last_);
  }

  const std::string field_ = EncodeSpecField(SpecOf("web", "a"));
  const SharedSessionId session_ = SharedSessionId(new CountedSessionId(SessionId("s1")));
  internal::v1::Stamp last_;
};

TEST_F(InstanceViewTest, TellsWhatItWasMadeOf) {
  const SharedView view = Make(Content());
  const v1::Instance told = view->Told();
  EXPECT_EQ(told.spec().SerializeAsString(), SpecOf("web", "a").SerializeAsString());
  EXPECT_EQ(told.standing(), v1::STANDING_SUSPECT);
  EXPECT_EQ(told.effective_weight(), 40u);
  EXPECT_EQ(told.lease_epoch(), 7u);
  EXPECT_EQ(told.create_revision(), 3u);
  EXPECT_EQ(told.revision(), 9u);
  const v1::Change& change = told.last_change();
  EXPECT_EQ(change.time().seconds(), 77);
  EXPECT_EQ(change.time().nanos(), 5);
  EXPECT_EQ(change.kind(), "instance");
  EXPECT_EQ(change.to(), v1::STANDING_SUSPECT);
  EXPECT_EQ(change.cause(), v1::CAUSE_BEAT_OVERDUE);
  EXPECT_EQ(change.actor(), "node-1");
  EXPECT_EQ(change.evidence(), "no heartbeat for 4 s");
  EXPECT_EQ(change.session_id(), "s1");
  EXPECT_EQ(view->LastStamp().SerializeAsString(), last_.SerializeAsString());
}

TEST_F(InstanceViewTest, ACopyOfItsContentIsTheSame) {
  const SharedView view = Make(Content());
  const SharedView copy = Make(view->content());
  EXPECT_EQ(InstanceEncoder().Encode(*copy), InstanceEncoder().Encode(*view));
  EXPECT_EQ(copy->id(), "a");
  EXPECT_EQ(copy->zone(), "z1");
  EXPECT_EQ(copy->session(), &session_->id);
}

// Who writes a record that says otherwise than its key is not believed.
TEST_F(InstanceViewTest, TheIdNeedNotBeTheSpecs) {
  InstanceView::Content content = Content();
  content.id = "quite another";
  content.zone = "";
  const SharedView view = Make(content);
  EXPECT_EQ(view->id(), "quite another");
  EXPECT_EQ(view->zone(), "");
  EXPECT_EQ(view->Told().spec().id(), "a");
}

TEST_F(InstanceViewTest, FieldsOfTheSpecThatItDoesNotKnowAreToldAsTheyCame) {
  // Field 500 of the spec, with the value 1.
  v1::InstanceSpec spec = SpecOf("web", "a");
  ASSERT_TRUE(spec.MergeFromString("\xa0\x1f\x01"));
  InstanceView::Content content = Content();
  const std::string field = EncodeSpecField(spec);
  content.spec_field = field;
  EXPECT_THAT(InstanceEncoder().Encode(*Make(content)), ::testing::HasSubstr("\xa0\x1f\x01"));
  EXPECT_THAT(field_, Not(::testing::HasSubstr("\xa0\x1f\x01")));
}

TEST_F(InstanceViewTest, OfSeveralOneAfterAnotherNothingIsLeftOver) {
  InstanceEncoder encoder;
  encoder.Encode(*Make(Content()));
  const SharedView bare = InstanceView::Make({.id = "b"}, {.revision = Revision(1)}, {});
  EXPECT_EQ(encoder.Encode(*bare), InstanceEncoder().Encode(*bare));
  EXPECT_TRUE(bare->removed());
  EXPECT_FALSE(bare->purged());
  EXPECT_TRUE(InstanceView::Purged("b")->purged());
  EXPECT_EQ(bare->session(), nullptr);
}

}  // namespace
}  // namespace rollcall::catalog
