// SPDX-License-Identifier: Apache-2.0
//
// Text to neutral tree, beside the library's share of it.  Expected: a 300-byte statement well
// under 60 us, of which binding needs its part too.

#include <benchmark/benchmark.h>
#include <pg_query.h>

#include "parse.hpp"

namespace {

constexpr const char* kStatements[] = {
    "SELECT 1",
    "SELECT a.x, count(*) FROM alpha a JOIN beta b ON a.id = b.id WHERE a.y > 10 GROUP BY a.x "
    "ORDER BY 2 DESC",
    "WITH RECURSIVE r(n, p) AS (SELECT 1, NULL::int UNION ALL SELECT n + 1, n FROM r WHERE n < "
    "100) "
    "SELECT r.n, sum(r.p) OVER (PARTITION BY r.n % 10 ORDER BY r.n ROWS BETWEEN 2 PRECEDING AND "
    "CURRENT "
    "ROW), l.v FROM r CROSS JOIN LATERAL (SELECT r.n * 2 AS v) l WHERE r.p IS NOT NULL ORDER BY 1",
};

void library_json(benchmark::State& state) {
  for (auto _ : state) {
    PgQueryParseResult result = pg_query_parse(kStatements[state.range(0)]);
    benchmark::DoNotOptimize(result.parse_tree);
    pg_query_free_parse_result(result);
  }
}
BENCHMARK(library_json)->DenseRange(0, 2);

void neutral_tree(benchmark::State& state) {
  uint32_t nodes_count = 0;
  mortise_syntax_builder_t builder{};
  builder.struct_size_bytes = sizeof builder;
  builder.context = &nodes_count;
  builder.node = [](void* context, uint32_t, uint32_t, uint32_t, mortise_str_t, int64_t,
                    const mortise_syntax_id_t*,
                    uint32_t) { return ++*static_cast<uint32_t*>(context); };
  builder.statement = [](void*, mortise_syntax_id_t, uint32_t, uint32_t) {};
  for (auto _ : state) {
    nodes_count = 0;
    const mortise::Status status =
        mortise::dialect_postgres::parse(kStatements[state.range(0)], builder, nullptr);
    if (!status.is_ok()) state.SkipWithError("refused");
    benchmark::DoNotOptimize(nodes_count);
  }
}
BENCHMARK(neutral_tree)->DenseRange(0, 2);

}  // namespace
