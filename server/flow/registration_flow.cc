#include "server/flow/registration_flow.h"

#include <algorithm>
#include <utility>

#include "server/flow/parts.h"
#include "server/model/limits.h"

namespace rollcall::flow {

using command::Register;

// A large registration on its way.
struct RegistrationFlow::Parts {
  Request request;  // but for its specs
  std::vector<std::vector<v1::InstanceSpec>> specs;
  std::vector<size_t> begins;  // of each part, among all
  Done done;
  Answer answer;
  size_t open = 0;
  absl::Status first_failure;
};

void RegistrationFlow::Run(Request request, Done done) {
  if (request.specs.size() <= kAtomicRegistrationInstances) {
    RunWhole(std::move(request), std::move(done));
    return;
  }
  auto parts = std::make_shared<Parts>();
  parts->answer.lease_epochs.resize(request.specs.size());
  parts->specs = InParts(std::exchange(request.specs, {}),
                         [](const v1::InstanceSpec& spec) { return spec.ByteSizeLong(); });
  for (size_t i = 0, begin = 0; i < parts->specs.size(); begin += parts->specs[i++].size()) {
    parts->begins.push_back(begin);
  }
  parts->request = std::move(request);
  parts->done = std::move(done);
  if (!parts->request.claim) return RunParts(parts, 0);
  RunPart(parts, 0, [this, parts](bool registered) {
    if (!registered) {
      parts->done(parts->first_failure);
      return;
    }
    // Its session stands now.
    parts->request.claim->open_ttl.reset();
    RunParts(parts, 1);
  });
}

void RegistrationFlow::RunWhole(Request request, Done done) {
  auto command = std::make_shared<Register>(std::move(request.claim), std::move(request.specs),
                                            std::move(request.actor));
  commands_.Submit(
      command, request.deadline,
      [command, done = std::move(done)](absl::StatusOr<Revision> revision) mutable {
        if (!revision.ok()) {
          done(revision.status());
        } else {
          done(Answer{command->lease_epochs(), command->ttl(), *revision});
        }
      },
      std::move(request.cancelled));
}

void RegistrationFlow::RunParts(const std::shared_ptr<Parts>& parts, size_t from) {
  parts->open = parts->specs.size() - from;
  for (size_t i = from; i < parts->specs.size(); ++i) {
    RunPart(parts, i, [parts](bool) {
      if (--parts->open > 0) return;
      if (parts->first_failure.ok()) {
        parts->done(std::move(parts->answer));
      } else {
        parts->done(parts->first_failure);
      }
    });
  }
}

void RegistrationFlow::RunPart(const std::shared_ptr<Parts>& parts, size_t i,
                               absl::AnyInvocable<void(bool)> registered) {
  auto part = std::make_shared<Register>(parts->request.claim, std::move(parts->specs[i]),
                                         parts->request.actor);
  commands_.Submit(
      part, parts->request.deadline,
      [parts, part, i, registered = std::move(registered)](absl::StatusOr<Revision> done) mutable {
        Answer& answer = parts->answer;
        if (done.ok()) {
          std::copy(part->lease_epochs().begin(), part->lease_epochs().end(),
                    answer.lease_epochs.begin() + static_cast<ptrdiff_t>(parts->begins[i]));
          answer.ttl = part->ttl();
          answer.revision = std::max(answer.revision, *done);
        } else if (parts->first_failure.ok()) {
          parts->first_failure = done.status();
        }
        registered(done.ok());
      },
      parts->request.cancelled);
}

}  // namespace rollcall::flow
