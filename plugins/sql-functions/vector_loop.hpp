// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how do arithmetic and comparison run over columns without a branch per row?
//
// The loops are dense (every row, no constant test inside) when there is no selection, so that the
// compiler vectorises them; overflow is gathered in a word and looked at once per column.  An
// operation is a struct with Left, Right, Out and
//   static Out apply(Left, Right, uint64_t& fault)    for map_binary; fault != 0 fails the call
//   static Status failure() static bool test(Left, Right)                     for map_predicate
//
// Threads: [worker, concurrent].

#include "evaluate.hpp"

namespace mortise::sql_functions {

template <typename Op>
Status map_unary(Call& call) {
  using In = typename Op::In;
  using Out = typename Op::Out;
  const auto* in = static_cast<const In*>(call.column(0).data);
  auto* out = call.data<Out>();
  uint64_t fault = 0;
  if (call.is_dense() && !is_constant(call.column(0))) {
    const uint32_t count = call.rows_count();
    for (uint32_t i = 0; i < count; ++i) out[i] = Op::apply(in[i], fault);
  } else {
    const Values<In> values(call.column(0));
    MORTISE_TRY(call.each([&](uint32_t i) { out[i] = Op::apply(values[i], fault); }));
  }
  if (fault != 0) return Op::failure();
  return {};
}

template <typename Op>
Status map_binary(Call& call) {
  using Left = typename Op::Left;
  using Right = typename Op::Right;
  using Out = typename Op::Out;
  const auto* a = static_cast<const Left*>(call.column(0).data);
  const auto* b = static_cast<const Right*>(call.column(1).data);
  auto* out = call.data<Out>();
  const bool is_a_constant = is_constant(call.column(0));
  const bool is_b_constant = is_constant(call.column(1));
  const uint32_t count = call.rows_count();
  uint64_t fault = 0;
  if (!call.is_dense() || (is_a_constant && is_b_constant)) {
    const Values<Left> left(call.column(0));
    const Values<Right> right(call.column(1));
    MORTISE_TRY(call.each([&](uint32_t i) { out[i] = Op::apply(left[i], right[i], fault); }));
  } else if (is_a_constant) {
    const Left value = a[0];
    for (uint32_t i = 0; i < count; ++i) out[i] = Op::apply(value, b[i], fault);
  } else if (is_b_constant) {
    const Right value = b[0];
    for (uint32_t i = 0; i < count; ++i) out[i] = Op::apply(a[i], value, fault);
  } else {
    for (uint32_t i = 0; i < count; ++i) out[i] = Op::apply(a[i], b[i], fault);
  }
  if (fault != 0) return Op::failure();
  return {};
}

// Packs 64 bytes of 0 or 1 into a word, first byte lowest.
inline uint64_t pack_bits(const uint8_t* hits) {
  uint64_t word = 0;
  for (uint32_t group = 0; group < 8; ++group) {
    uint64_t bytes;
    std::memcpy(&bytes, hits + 8 * group, 8);
    word |= ((bytes * 0x0102040810204080ULL) >> 56) << (8 * group);
  }
  return word;
}

// Writes test(row) of every selected row into a BOOL result.
template <typename Test>
Status fill_predicate(Call& call, Test&& test) {
  auto* words = call.data<uint64_t>();
  if (!call.is_dense()) {
    return call.each([&](uint32_t i) { assign_bit(words, i, test(i)); });
  }
  const uint32_t count = call.rows_count();
  uint32_t base = 0;
  for (; base + 64 <= count; base += 64) {
    uint8_t hits[64];
    for (uint32_t i = 0; i < 64; ++i) hits[i] = test(base + i) ? 1 : 0;
    words[base / 64] = pack_bits(hits);
  }
  for (; base < count; ++base) assign_bit(words, base, test(base));
  return {};
}

template <typename Op>
Status map_predicate(Call& call) {
  using Left = typename Op::Left;
  using Right = typename Op::Right;
  const auto* a = static_cast<const Left*>(call.column(0).data);
  const auto* b = static_cast<const Right*>(call.column(1).data);
  const bool is_a_constant = is_constant(call.column(0));
  const bool is_b_constant = is_constant(call.column(1));
  if (is_a_constant && is_b_constant) {
    const bool hit = Op::test(a[0], b[0]);
    return fill_predicate(call, [&](uint32_t) { return hit; });
  }
  if (is_a_constant) {
    const Left value = a[0];
    return fill_predicate(call, [&](uint32_t i) { return Op::test(value, b[i]); });
  }
  if (is_b_constant) {
    const Right value = b[0];
    return fill_predicate(call, [&](uint32_t i) { return Op::test(a[i], value); });
  }
  return fill_predicate(call, [&](uint32_t i) { return Op::test(a[i], b[i]); });
}

}  // namespace mortise::sql_functions
