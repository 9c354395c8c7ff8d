// Metrics: the numbers behind /metrics.
//
// Most values are read when they are asked for: a component keeps its own cheap counters, and the
// composition root adds a source that reads them into a Reading at each scrape, so hot paths are
// not touched. What only the moment knows (durations, group sizes, calls by code) is added as it
// happens with Add and Observe; callers on hot paths keep the returned Counter.
//
// Metric names and labels are those of metric_names.h; a wrong label is a broken invariant.
// Thread-safe; sources run on the scraping thread, one scrape at a time, and must not block.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "client-sdk/base/mutex.h"
#include "prometheus/counter.h"
#include "prometheus/histogram.h"
#include "prometheus/labels.h"
#include "prometheus/metric_family.h"
#include "prometheus/registry.h"
#include "server/observe/metric_names.h"

namespace rollcall::observe {

using Labels = prometheus::Labels;

// What one scrape read from the sources.
class Reading {
 public:
  Reading() : families_(static_cast<size_t>(Metric::kCount)) {}
  // The present value of a gauge, or the total of a counter. The same metric and labels set twice
  // are added up.
  void Set(Metric id, double value, const Labels& labels = {});

 private:
  friend class Metrics;
  std::vector<std::vector<prometheus::ClientMetric>> families_;
};

class Metrics {
 public:
  Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // Counts as it happens. The reference stays good as long as this object.
  prometheus::Counter& Counter(Metric id, const Labels& labels = {});
  void Add(Metric id, double amount = 1, const Labels& labels = {}) {
    Counter(id, labels).Increment(amount);
  }
  void Observe(Metric id, double value);

  // Runs at every scrape until this object ends or RemoveSources.
  using Source = std::function<void(Reading&)>;
  void AddSource(Source source);
  // Waits for a scrape under way: afterwards no source runs. Called before the components that the
  // sources read are destroyed.
  void RemoveSources();

  // The body of /metrics.
  std::string Scrape();

 private:
  prometheus::Registry registry_;
  // By metric; null for what is not a histogram.
  std::array<prometheus::Histogram*, static_cast<size_t>(Metric::kCount)> histograms_{};
  base::Mutex mu_;
  std::vector<Source> sources_ ABSL_GUARDED_BY(mu_);
};

}  // namespace rollcall::observe
