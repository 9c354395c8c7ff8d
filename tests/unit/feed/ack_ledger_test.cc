#include "server/feed/ack_ledger.h"

#include "gtest/gtest.h"

namespace rollcall::feed {
namespace {

base::Instant At(int ms) { return base::Instant::FromOrigin(absl::Milliseconds(ms)); }

TEST(AckLedgerTest, WaitsSinceTheOldestUnacknowledgedWasSent) {
  AckLedger ledger;
  EXPECT_EQ(ledger.waiting_since(), std::nullopt);
  ledger.Sent(Revision(5), At(1000), true);
  ledger.Sent(Revision(9), At(2000), true);
  EXPECT_EQ(ledger.waiting_since(), At(1000));
  EXPECT_TRUE(ledger.Acknowledged(Revision(5)));
  EXPECT_EQ(ledger.waiting_since(), At(2000));
  EXPECT_TRUE(ledger.Acknowledged(Revision(9)));
  EXPECT_EQ(ledger.waiting_since(), std::nullopt);
  EXPECT_EQ(ledger.acknowledged(), Revision(9));
}

TEST(AckLedgerTest, RefusesWhatWasNotSent) {
  AckLedger ledger;
  ledger.Sent(Revision(5), At(1000), true);
  EXPECT_FALSE(ledger.Acknowledged(Revision(6)));
  EXPECT_EQ(ledger.acknowledged(), Revision(0));
}

TEST(AckLedgerTest, OlderAcknowledgementsChangeNothing) {
  AckLedger ledger;
  ledger.Sent(Revision(5), At(1000), true);
  EXPECT_TRUE(ledger.Acknowledged(Revision(5)));
  EXPECT_TRUE(ledger.Acknowledged(Revision(3)));
  EXPECT_EQ(ledger.acknowledged(), Revision(5));
}

TEST(AckLedgerTest, ExpectsNothingForWhatWasSentBeforeOrIsNotAnnounced) {
  AckLedger ledger;
  ledger.Sent(Revision(5), At(1000), false);
  EXPECT_EQ(ledger.waiting_since(), std::nullopt);
  ledger.Sent(Revision(5), At(2000), true);
  EXPECT_EQ(ledger.waiting_since(), std::nullopt);
}

TEST(AckLedgerTest, RevisionsSentTogetherCountAsOne) {
  AckLedger ledger;
  ledger.Sent(Revision(5), At(1000), true);
  ledger.Sent(Revision(6), At(1050), true);
  EXPECT_TRUE(ledger.Acknowledged(Revision(5)));
  EXPECT_EQ(ledger.waiting_since(), At(1000));
  EXPECT_TRUE(ledger.Acknowledged(Revision(6)));
  EXPECT_EQ(ledger.waiting_since(), std::nullopt);
}

}  // namespace
}  // namespace rollcall::feed
