// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how are many numerics added up exactly and without allocating?
//
// Small values (below 10^38) are summed as integers of 192 bits at the largest scale seen; no count
// of rows overflows that.  A value that is not small moves the sum into NUMERIC bytes in the arena.
//
// Invariants
//   M1  All zero bytes are the empty sum.
//   M2  The sum is low/high * 10^-scale plus what stands in `big`.
//
// Threads: a value type; [any] on distinct objects.

#include "aggregate/aggregate.hpp"
#include "numeric/value_column.hpp"

namespace mortise::sql_functions {

struct NumericSum {
  Uint128 low;
  int64_t high;
  int64_t count;
  uint32_t scale;
  uint8_t has_nan;
  uint8_t has_positive_infinity;
  uint8_t has_negative_infinity;
  uint8_t reserved;
  ArenaBytes big;

  // Adds value * 10^-(this->scale).
  void add_integer(Int128 value) {
    const Uint128 before = low;
    low += static_cast<Uint128>(value);
    high += (value < 0 ? -1 : 0) + (low < before ? 1 : 0);
  }
  Status add(Scope& scope, SmallDecimal value);
  Status add(Scope& scope, const Decimal& value);
  Status merge(Scope& scope, const NumericSum& from);
  // The sum; special values by PostgreSQL's rules.
  Decimal total() const;

 private:
  bool rescale(uint32_t wanted);
  Status add_big(Scope& scope, const Decimal& value);
};

}  // namespace mortise::sql_functions
