#include "examples/shop/load/worker.h"

#include <thread>

#include "httplib.h"

namespace shop {
namespace {

using nlohmann::json;

// The gateway gives up on each of the two services of an order after 2 s.
constexpr std::chrono::seconds kTimeout(5);
constexpr uint64_t kUsers = 1000;

std::string Path(uint64_t number) {
  const std::string id = std::to_string(1 + number % kUsers);
  return (number % 3 == 2 ? "/order/" : "/user/") + id;
}

std::string ErrorOf(const httplib::Result& result) {
  if (!result) return "no answer: " + httplib::to_string(result.error());
  if (result->status == 200) return "";
  return std::to_string(result->status) + " " + result->body.substr(0, result->body.find('\n'));
}

// Adds who answered; an answer that says nothing of it is an error.
void ReadAnswer(const std::string& path, const std::string& body, Outcome& outcome) {
  const json answer = json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!answer.is_object() || !answer.contains("served_by")) {
    outcome.error = "an answer without served_by";
    return;
  }
  const bool order = path.starts_with("/order/");
  outcome.served_by.emplace_back(order ? "order" : "user", answer.at("served_by"));
  if (order) outcome.served_by.emplace_back("user", answer.at("user").at("served_by"));
}

Outcome MakeCall(httplib::Client& http, const Schedule::Slot& slot) {
  const std::string path = Path(slot.number);
  const httplib::Result result = http.Get(path);
  Outcome outcome;
  outcome.latency_ms =
      std::chrono::duration<double, std::milli>(Schedule::Clock::now() - slot.due).count();
  outcome.error = ErrorOf(result);
  if (outcome.error.empty()) ReadAnswer(path, result->body, outcome);
  return outcome;
}

}  // namespace

void Work(const std::string& url, Schedule& schedule, Ledger& ledger) {
  httplib::Client http(url);
  http.set_keep_alive(true);
  http.set_tcp_nodelay(true);
  http.set_connection_timeout(kTimeout);
  http.set_read_timeout(kTimeout);
  while (const auto slot = schedule.Next()) {
    std::this_thread::sleep_until(slot->due);
    if (schedule.stopped()) return;
    ledger.Add(MakeCall(http, *slot));
  }
}

}  // namespace shop
