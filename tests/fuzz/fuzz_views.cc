// What a registry tells the SDK on a watch: any messages in any order leave a view that is whole,
// that does not go back, and that is not emptied by a node that has no right to.
#include <algorithm>
#include <string>
#include <vector>

#include "client-sdk/src/convert.h"
#include "client-sdk/src/view_builder.h"
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/properties.h"

namespace rollcall::fuzz {
namespace {

using sdk::ViewBuilder;

std::string Id(uint8_t byte) { return std::string(1, static_cast<char>('a' + byte % 8)); }

// A message with little in it, so that messages concern one another.
v1::WatchResponse SmallView(Bytes& bytes) {
  v1::WatchResponse message;
  const uint8_t flags = bytes.Byte();
  message.set_snapshot((flags & 1) != 0);
  message.set_caught_up((flags & 2) != 0);
  message.set_store_id((flags & 4) != 0 ? "other" : "store");
  message.set_revision(bytes.Byte());
  message.mutable_age()->set_seconds((flags & 8) != 0 ? 6 : 0);
  for (int i = (flags >> 4) & 3; i > 0; --i) {
    v1::Instance& instance = *message.add_updated();
    instance.mutable_spec()->set_id(Id(bytes.Byte()));
    instance.set_standing(static_cast<v1::Standing>(bytes.Byte() % 9));
  }
  for (int i = flags >> 6; i > 0; --i) {
    message.add_removed()->mutable_key()->set_id(Id(bytes.Byte()));
  }
  return message;
}

void CheckView(const ViewBuilder& view) {
  const std::vector<InstancePtr> instances = view.Instances();
  const auto by_id = [](const InstancePtr& a, const InstancePtr& b) { return a->id < b->id; };
  Expect(std::find(instances.begin(), instances.end(), nullptr) == instances.end(), "no holes");
  Expect(std::is_sorted(instances.begin(), instances.end(), by_id), "instances are by id");
  Expect(!view.verified() || !view.in_doubt(), "what is in doubt is not verified");
}

void CheckStep(const ViewBuilder& before, const ViewBuilder& after, ViewBuilder::Step step,
               const v1::WatchResponse& message) {
  CheckView(after);
  if (before.store_id() == after.store_id()) {
    Expect(after.revision() >= before.revision(), "of one store, a view does not go back");
  }
  if (step == ViewBuilder::Step::kResubscribe || step == ViewBuilder::Step::kDoubt) {
    Expect(after.Instances() == before.Instances(),
           "what makes no sense, or is in doubt, is not shown");
  }
  if (step != ViewBuilder::Step::kPublish) return;
  Expect(after.verified() && message.caught_up(), "shown is what is complete");
  const bool whole = message.snapshot() || before.in_doubt();
  if (!whole || 2 * after.Instances().size() >= before.Instances().size()) return;
  Expect(after.store_id() == before.store_id() && after.revision() > before.revision() &&
             sdk::DurationFromProto(message.age()) <= ViewBuilder::kTrustedAge,
         "a great loss is believed only from who is plainly newer");
}

v1::WatchResponse NextView(Bytes& bytes) {
  if (bytes.Byte() % 4 != 0) return SmallView(bytes);
  v1::WatchResponse message;
  if (!message.ParseFromString(bytes.Part())) message.Clear();
  return message;
}

}  // namespace

FUZZ_TARGET(views) {
  Bytes bytes(input);
  ViewBuilder view;
  if (bytes.Bit()) {
    const v1::WatchResponse known = SmallView(bytes);
    std::vector<InstancePtr> instances;
    for (const auto& instance : known.updated())
      instances.push_back(sdk::InstanceFromProto(instance));
    view.Restore(instances, known.revision(), known.store_id());
    Expect(!view.verified(), "what is known from earlier is not verified");
  }
  while (!bytes.empty()) {
    switch (const uint8_t what = bytes.Byte(); what % 8) {
      case 0:
        view.StreamBroke();
        break;
      case 1:
        view.DropCandidate();
        break;
      case 2: {
        const bool doubted = view.in_doubt();
        const bool confirmed = view.ConfirmCandidate(what >> 4, bytes.Byte(), view.resume_store());
        Expect(!confirmed || (doubted && view.verified()), "confirmed is what was in doubt");
        CheckView(view);
        break;
      }
      default: {
        const v1::WatchResponse message = NextView(bytes);
        const ViewBuilder before = view;
        const ViewBuilder::Step step = view.Apply(message);
        CheckStep(before, view, step, message);
      }
    }
  }
}

}  // namespace rollcall::fuzz
