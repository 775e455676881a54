// SPDX-License-Identifier: Apache-2.0
//
// Goal: M1..M3, exact sums over threads.
// Method: several threads add known amounts.
#include "kernel/observe/metrics.hpp"

#include <doctest/doctest.h>

#include "kernel/platform/thread.hpp"

namespace mortise::observe {
namespace {

TEST_CASE("metrics: M2 the sum over threads is exact") {
  Metrics metrics;
  const auto counter = metrics.define("x", "rows_total", MetricKind::counter, "Rows.");
  REQUIRE(counter.has_value());
  std::vector<platform::Thread> threads;
  for (int i = 0; i < 4; ++i) {
    auto thread = platform::Thread::spawn("add", [&] {
      for (int j = 0; j < 10'000; ++j) metrics.add(*counter, 2);
    });
    REQUIRE(thread.has_value());
    threads.push_back(std::move(*thread));
  }
  for (platform::Thread& thread : threads) thread.join();

  CHECK(metrics.read(*counter) == 80'000);
}

TEST_CASE("metrics: M1 the same definition is found, another kind is refused") {
  Metrics metrics;
  const auto first = metrics.define("x", "rows", MetricKind::gauge, "Rows.");
  const auto second = metrics.define("x", "rows", MetricKind::gauge, "Rows.");

  CHECK(*first == *second);
  CHECK(metrics.define("x", "rows", MetricKind::counter, "").error().code() == Code::duplicate);
  CHECK(metrics.define("y", "rows", MetricKind::counter, "").has_value());
}

TEST_CASE("metrics: a histogram counts by powers of two") {
  Metrics metrics;
  const auto wait = metrics.define("x", "wait_ns", MetricKind::histogram, "Waits.");
  for (int64_t value : {0, 1, 2, 3, 4}) metrics.add(*wait, value);

  const MetricSample sample = metrics.all().at(0);

  CHECK(sample.value == 5);
  CHECK(sample.sum == 10);
  CHECK(sample.buckets[0] == 1);
  CHECK(sample.buckets[1] == 1);
  CHECK(sample.buckets[2] == 2);
  CHECK(sample.buckets[3] == 1);
}

TEST_CASE("metrics: past the last metric definitions are refused and nothing breaks") {
  Metrics metrics;
  for (uint32_t i = 0; i < Metrics::kMetricsMax; ++i) {
    REQUIRE(metrics.define("x", std::to_string(i), MetricKind::counter, "").has_value());
  }
  CHECK(metrics.define("x", "one more", MetricKind::counter, "").error().code() == Code::limit);
  metrics.add(0, 1);
  metrics.add(UINT32_MAX, 1);
}

TEST_CASE("metrics: a sampled metric is asked when it is read") {
  Metrics metrics;
  int64_t value = 3;
  REQUIRE(
      metrics.define_sampled("x", "pages", MetricKind::gauge, "", [&] { return value; }).is_ok());
  value = 4;
  CHECK(metrics.all().at(0).value == 4);
}

}  // namespace
}  // namespace mortise::observe
