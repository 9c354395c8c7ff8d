#include "cli/print/table.h"

#include <gtest/gtest.h>

namespace rollcall::cli {
namespace {

TEST(TableTest, AlignsColumnsAndSetsNumbersToTheRight) {
  Table table({"ID", {"WEIGHT", true}, "WHY"});
  table.Add({"u1", "100", "registered"});
  table.Add({"longer-name", "7", ""});
  EXPECT_EQ(table.Text(false),
            "ID           WEIGHT  WHY\n"
            "u1              100  registered\n"
            "longer-name       7\n");
}

TEST(TableTest, CountsCharactersNotBytes) {
  Table table({"CHANGE", "BY"});
  table.Add({"a → b", "x"});
  table.Add({"abcdef", "y"});
  EXPECT_EQ(table.Text(false), "CHANGE  BY\na → b   x\nabcdef  y\n");
}

TEST(TableTest, ColoursDoNotMoveColumns) {
  Table table({"A", "B"});
  table.Add({Cell("x", Colour::kGreen), "y"});
  EXPECT_EQ(table.Text(true), "\033[1mA\033[0m  \033[1mB\033[0m\n\033[32mx\033[0m  y\n");
}

TEST(FactsTest, AlignsValuesAndLeavesOutEmptyOnes) {
  Facts facts;
  facts.Add("node", "n1");
  facts.Add("HTTP", "");
  facts.Add("store reachable", "yes");
  EXPECT_EQ(facts.Text(false), "node             n1\nstore reachable  yes\n");
}

}  // namespace
}  // namespace rollcall::cli
