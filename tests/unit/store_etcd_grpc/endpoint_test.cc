#include "server/store/etcd/grpc/endpoint.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace rollcall::etcd {
namespace {

using ::testing::HasSubstr;

TEST(ParseEndpointsTest, TakesWhatOperatorsWrite) {
  struct Case {
    const char* text;
    const char* address;
    bool tls;
  };
  for (const Case& each :
       {Case{"http://127.0.0.1:2379", "127.0.0.1:2379", false},
        Case{"https://etcd-1.example.com:443", "etcd-1.example.com:443", true},
        Case{"http://etcd", "etcd:2379", false}, Case{"https://[::1]", "[::1]:2379", true},
        Case{"http://[fd00::1.2.3.4]:99/", "[fd00::1.2.3.4]:99", false}}) {
    const auto endpoints = ParseEndpoints(each.text);
    ASSERT_TRUE(endpoints.ok()) << each.text << ": " << endpoints.status();
    ASSERT_EQ(endpoints->size(), 1);
    EXPECT_EQ(endpoints->front().address, each.address);
    EXPECT_EQ(endpoints->front().tls, each.tls) << each.text;
    EXPECT_EQ(endpoints->front().url, each.text);
  }
}

TEST(ParseEndpointsTest, KeepsTheOrderOfAList) {
  const auto endpoints = ParseEndpoints("http://b:1, http://a:2 ,http://c:3");
  ASSERT_TRUE(endpoints.ok()) << endpoints.status();
  ASSERT_EQ(endpoints->size(), 3);
  EXPECT_EQ(endpoints->at(0).address, "b:1");
  EXPECT_EQ(endpoints->at(1).url, "http://a:2");
  EXPECT_EQ(endpoints->at(2).address, "c:3");
}

TEST(ParseEndpointsTest, NamesTheValueAndWhatIsExpected) {
  for (const char* text : {"",
                           "127.0.0.1:2379",
                           "etcd:2379",
                           "ftp://a:1",
                           "http://",
                           "http://:2379",
                           "http://a:",
                           "http://a:0",
                           "http://a:65536",
                           "http://a:x",
                           "http://a:-1",
                           "http://a:+1",
                           "http://a:1/v3",
                           "http://user@a:1",
                           "http://a:1?x",
                           "http://::1:2379",
                           "http://[::1",
                           "http://[]:1",
                           "http://[1]:1",
                           "http://a b:1",
                           "http://a:1,",
                           "http://[x]:1"}) {
    const auto endpoints = ParseEndpoints(text);
    EXPECT_TRUE(absl::IsInvalidArgument(endpoints.status())) << text;
    EXPECT_THAT(std::string(endpoints.status().message()), HasSubstr("expected http://host:port"));
  }
  // Nor is one looked at only as far as its first NUL.
  EXPECT_FALSE(ParseEndpoints(absl::string_view("http://[::\0x]:1", 15)).ok());
  const absl::Status refusal = ParseEndpoints("http://a:1,etcd:2379").status();
  EXPECT_THAT(std::string(refusal.message()), HasSubstr("\"etcd:2379\""));
}

TEST(ParseEndpointsTest, RefusesListsThatDoNotFitTogether) {
  EXPECT_THAT(std::string(ParseEndpoints("http://a:2379,http://a").status().message()),
              HasSubstr("given twice"));
  EXPECT_THAT(std::string(ParseEndpoints("http://a:1,https://b:1").status().message()),
              HasSubstr("differ in their scheme"));
  std::string many = "http://a:1";
  for (size_t i = 0; i < kMostEndpoints; ++i) absl::StrAppend(&many, ",http://b", i, ":1");
  EXPECT_THAT(std::string(ParseEndpoints(many).status().message()), HasSubstr("at most 16"));
}

}  // namespace
}  // namespace rollcall::etcd
