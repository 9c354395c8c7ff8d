#include "server/observe/metrics.h"

#include <algorithm>
#include <sstream>
#include <utility>

#include "absl/strings/str_join.h"
#include "client-sdk/base/check.h"
#include "prometheus/text_serializer.h"

namespace rollcall::observe {
namespace {

prometheus::MetricType ToPrometheus(MetricType type) {
  switch (type) {
    case MetricType::kCounter:
      return prometheus::MetricType::Counter;
    case MetricType::kGauge:
      return prometheus::MetricType::Gauge;
    case MetricType::kHistogram:
      return prometheus::MetricType::Histogram;
  }
  return prometheus::MetricType::Untyped;
}

void CheckLabels(const MetricInfo& info, const Labels& labels) {
  const auto key_only = [](std::string* out, const auto& label) { out->append(label.first); };
  ROLLCALL_CHECK(absl::StrJoin(labels, ",", key_only) == info.labels, info.name);
}

}  // namespace

void Reading::Set(Metric id, double value, const Labels& labels) {
  const MetricInfo& info = InfoOf(id);
  ROLLCALL_CHECK(info.type != MetricType::kHistogram, info.name);
  CheckLabels(info, labels);
  prometheus::ClientMetric metric;
  for (const auto& [name, text] : labels) metric.label.push_back({name, text});
  auto& family = families_[static_cast<size_t>(id)];
  const auto same = std::find_if(family.begin(), family.end(),
                                 [&](const auto& m) { return m.label == metric.label; });
  auto& target = same == family.end() ? family.emplace_back(std::move(metric)) : *same;
  if (info.type == MetricType::kCounter) {
    target.counter.value += value;
  } else {
    target.gauge.value += value;
  }
}

Metrics::Metrics() {
  for (const MetricInfo& info : AllMetrics()) {
    if (info.type != MetricType::kHistogram) continue;
    const auto buckets = BucketsOf(info.id);
    auto& family = prometheus::BuildHistogram().Name(info.name).Help(info.help).Register(registry_);
    histograms_[static_cast<size_t>(info.id)] =
        &family.Add({}, prometheus::Histogram::BucketBoundaries(buckets.begin(), buckets.end()));
  }
}

prometheus::Counter& Metrics::Counter(Metric id, const Labels& labels) {
  const MetricInfo& info = InfoOf(id);
  ROLLCALL_CHECK(info.type == MetricType::kCounter, info.name);
  CheckLabels(info, labels);
  return prometheus::BuildCounter().Name(info.name).Help(info.help).Register(registry_).Add(labels);
}

void Metrics::Observe(Metric id, double value) {
  auto* histogram = histograms_[static_cast<size_t>(InfoOf(id).id)];
  ROLLCALL_CHECK(histogram != nullptr, InfoOf(id).name);
  histogram->Observe(value);
}

void Metrics::AddSource(Source source) {
  base::MutexLock lock(mu_);
  sources_.push_back(std::move(source));
}

void Metrics::RemoveSources() {
  base::MutexLock lock(mu_);
  sources_.clear();
}

std::string Metrics::Scrape() {
  Reading reading;
  {
    base::MutexLock lock(mu_);
    for (const Source& source : sources_) source(reading);
  }
  std::vector<prometheus::MetricFamily> families = registry_.Collect();
  for (const MetricInfo& info : AllMetrics()) {
    auto& values = reading.families_[static_cast<size_t>(info.id)];
    if (values.empty()) continue;
    families.push_back({info.name, info.help, ToPrometheus(info.type), std::move(values)});
  }
  std::sort(families.begin(), families.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, families);
  return out.str();
}

}  // namespace rollcall::observe
