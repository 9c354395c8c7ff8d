#include "server/flow/registration_flow.h"

#include <algorithm>
#include <utility>

#include "server/model/limits.h"

namespace rollcall::flow {

using command::Register;

// A large registration on its way.
struct RegistrationFlow::Parts {
  Request request;
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
  parts->request = std::move(request);
  parts->done = std::move(done);
  parts->answer.lease_epochs.resize(parts->request.specs.size());
  if (!parts->request.claim) {
    RunParts(parts);
    return;
  }
  auto session = std::make_shared<Register>(parts->request.claim, std::vector<v1::InstanceSpec>(),
                                            parts->request.actor);
  const auto& asked = parts->request;
  commands_.Submit(
      session, asked.deadline,
      [this, parts, session](absl::StatusOr<Revision> revision) {
        if (!revision.ok()) {
          parts->done(revision.status());
          return;
        }
        parts->answer.ttl = session->ttl();
        parts->answer.revision = *revision;
        parts->request.claim->open_ttl.reset();
        RunParts(parts);
      },
      asked.cancelled);
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

void RegistrationFlow::RunParts(const std::shared_ptr<Parts>& parts) {
  parts->open = parts->request.specs.size();
  for (size_t i = 0; i < parts->request.specs.size(); ++i) {
    auto one = std::make_shared<Register>(parts->request.claim,
                                          std::vector<v1::InstanceSpec>{parts->request.specs[i]},
                                          parts->request.actor);
    commands_.Submit(
        one, parts->request.deadline,
        [parts, one, i](absl::StatusOr<Revision> revision) {
          if (revision.ok()) {
            parts->answer.lease_epochs[i] = one->lease_epochs().front();
            parts->answer.revision = std::max(parts->answer.revision, *revision);
          } else if (parts->first_failure.ok()) {
            parts->first_failure = revision.status();
          }
          if (--parts->open > 0) return;
          if (parts->first_failure.ok()) {
            parts->done(std::move(parts->answer));
          } else {
            parts->done(parts->first_failure);
          }
        },
        parts->request.cancelled);
  }
}

}  // namespace rollcall::flow
