// SmoothWeights: whose turn it is, by weight and spread as evenly as possible: with weights 5, 1, 1
// the turns are a a b a c a a.
//
// Each turn adds to every score its weight, gives the turn to the highest score and takes the sum
// of the weights from that one. Source: nginx, src/http/ngx_http_upstream_round_robin.c ("smooth
// weighted round-robin balancing"). Pure; thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace rollcall::sdk {

class SmoothWeights {
 public:
  // Weights above 0, at least one.
  explicit SmoothWeights(std::vector<uint32_t> weights)
      : weights_(std::move(weights)), scores_(weights_.size(), 0) {
    for (const uint32_t weight : weights_) total_ += weight;
  }

  size_t Next() {
    size_t best = 0;
    for (size_t i = 0; i < weights_.size(); ++i) {
      scores_[i] += weights_[i];
      if (scores_[i] > scores_[best]) best = i;
    }
    scores_[best] -= total_;
    return best;
  }

 private:
  const std::vector<uint32_t> weights_;
  std::vector<int64_t> scores_;
  int64_t total_ = 0;
};

}  // namespace rollcall::sdk
