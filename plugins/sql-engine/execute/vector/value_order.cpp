// SPDX-License-Identifier: Apache-2.0
#include "execute/vector/value_order.hpp"

namespace mortise::sql_engine {

namespace {

template <typename Order>
void hash_values(const mortise_column_t& column, const uint16_t* rows, uint32_t count,
                 bool is_first, uint64_t* hashes) {
  const OrderedValues<Order> values(column);
  if (!values.has_nulls() && is_first) {
    for (uint32_t i = 0; i < count; ++i) hashes[i] = Order::hash(values[rows[i]]);
    return;
  }
  for (uint32_t i = 0; i < count; ++i) {
    const uint64_t h = values.is_valid(rows[i]) ? Order::hash(values[rows[i]]) : kNullHash;
    hashes[i] = is_first ? h : combine(hashes[i], h);
  }
}

}  // namespace

void hash_column(const mortise_column_t& column, uint16_t physical, const uint16_t* rows,
                 uint32_t count, bool is_first, uint64_t* hashes) {
  visit_physical(physical, [&](auto order) {
    hash_values<decltype(order)>(column, rows, count, is_first, hashes);
  });
}

}  // namespace mortise::sql_engine
