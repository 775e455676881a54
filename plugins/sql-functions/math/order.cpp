// SPDX-License-Identifier: Apache-2.0

// Longer than 500 lines, because the table has six entries for each type.
//
// The six comparisons of every type whose order needs no session: PostgreSQL's numbers, so that an
// index, a filter and a sort agree with them (mortise/types.h names the order of each form).
//
// Text is compared by its bytes (collation C).  bpchar columns stand without trailing blanks, but
// values without a modifier may have them, so its comparisons look past them.

#include <algorithm>
#include <cstring>

#include "datetime/interval_span.hpp"
#include "entry.hpp"
#include "math/lists.hpp"
#include "relation.hpp"

namespace mortise::sql_functions {
namespace {

int order_of_bools(bool a, bool b) {
  return static_cast<int>(a) - static_cast<int>(b);
}

std::string_view without_padding(std::string_view s) {
  while (!s.empty() && s.back() == ' ') s.remove_suffix(1);
  return s;
}
int order_of_padded(std::string_view a, std::string_view b) {
  return without_padding(a).compare(without_padding(b));
}
int order_of_uuids(const Uuid& a, const Uuid& b) {
  return std::memcmp(a.bytes, b.bytes, sizeof(a.bytes));
}
int order_of_intervals(const Interval& a, const Interval& b) {
  const Int128 x = interval_span(a);
  const Int128 y = interval_span(b);
  return x < y ? -1 : (x > y ? 1 : 0);
}

// Size and first four bytes in one comparison settle most rows.
bool are_equal(const mortise_view_t& a, const mortise_view_t& b) {
  uint64_t head_a;
  uint64_t head_b;
  std::memcpy(&head_a, &a, 8);
  std::memcpy(&head_b, &b, 8);
  if (head_a != head_b) return false;
  if (a.size_bytes <= MORTISE_VIEW_INLINE_BYTES_MAX) {
    return std::memcmp(a.u.rest, b.u.rest, 8) == 0;
  }
  return std::memcmp(a.u.data, b.u.data, a.size_bytes) == 0;
}

template <Relation R>
Status compare_views(Call& call) {
  const Values<mortise_view_t> left(call.column(0));
  const Values<mortise_view_t> right(call.column(1));
  auto* words = call.data<uint64_t>();
  return call.each([&](uint32_t i) {
    if constexpr (R == Relation::equal || R == Relation::not_equal) {
      assign_bit(words, i, are_equal(left[i], right[i]) == (R == Relation::equal));
    } else {
      assign_bit(words, i, holds_of_order<R>(text_of(left[i]).compare(text_of(right[i]))));
    }
  });
}

constexpr mortise_function_t kTable[] = {
    scalar<"int2,int2:bool">(
        63, "int2eq", comparison<Relation::equal, int16_t>,
        {.symbol = "=", .commutator = "=", .negator = "<>", .cannot_fail = true}),
    scalar<"int2,int2:bool">(
        145, "int2ne", comparison<Relation::not_equal, int16_t>,
        {.symbol = "<>", .commutator = "<>", .negator = "=", .cannot_fail = true}),
    scalar<"int2,int2:bool">(
        64, "int2lt", comparison<Relation::less, int16_t>,
        {.symbol = "<", .commutator = ">", .negator = ">=", .cannot_fail = true}),
    scalar<"int2,int2:bool">(
        148, "int2le", comparison<Relation::less_equal, int16_t>,
        {.symbol = "<=", .commutator = ">=", .negator = ">", .cannot_fail = true}),
    scalar<"int2,int2:bool">(
        146, "int2gt", comparison<Relation::greater, int16_t>,
        {.symbol = ">", .commutator = "<", .negator = "<=", .cannot_fail = true}),
    scalar<"int2,int2:bool">(
        151, "int2ge", comparison<Relation::greater_equal, int16_t>,
        {.symbol = ">=", .commutator = "<=", .negator = "<", .cannot_fail = true}),
    scalar<"int2,int4:bool">(
        158, "int24eq", comparison<Relation::equal, int16_t, int32_t>,
        {.symbol = "=", .commutator = "=", .negator = "<>", .cannot_fail = true}),
    scalar<"int2,int4:bool">(
        164, "int24ne", comparison<Relation::not_equal, int16_t, int32_t>,
        {.symbol = "<>", .commutator = "<>", .negator = "=", .cannot_fail = true}),
    scalar<"int2,int4:bool">(
        160, "int24lt", comparison<Relation::less, int16_t, int32_t>,
        {.symbol = "<", .commutator = ">", .negator = ">=", .cannot_fail = true}),
    scalar<"int2,int4:bool">(
        166, "int24le", comparison<Relation::less_equal, int16_t, int32_t>,
        {.symbol = "<=", .commutator = ">=", .negator = ">", .cannot_fail = true}),
    scalar<"int2,int4:bool">(
        162, "int24gt", comparison<Relation::greater, int16_t, int32_t>,
        {.symbol = ">", .commutator = "<", .negator = "<=", .cannot_fail = true}),
    scalar<"int2,int4:bool">(
        168, "int24ge", comparison<Relation::greater_equal, int16_t, int32_t>,
        {.symbol = ">=", .commutator = "<=", .negator = "<", .cannot_fail = true}),
    scalar<"int2,int8:bool">(
        1850, "int28eq", comparison<Relation::equal, int16_t, int64_t>,
        {.symbol = "=", .commutator = "=", .negator = "<>", .cannot_fail = true}),
    scalar<"int2,int8:bool">(
        1851, "int28ne", comparison<Relation::not_equal, int16_t, int64_t>,
        {.symbol = "<>", .commutator = "<>", .negator = "=", .cannot_fail = true}),
    scalar<"int2,int8:bool">(
        1852, "int28lt", comparison<Relation::less, int16_t, int64_t>,
        {.symbol = "<", .commutator = ">", .negator = ">=", .cannot_fail = true}),
    scalar<"int2,int8:bool">(
        1854, "int28le", comparison<Relation::less_equal, int16_t, int64_t>,
        {.symbol = "<=", .commutator = ">=", .negator = ">", .cannot_fail = true}),
    scalar<"int2,int8:bool">(
        1853, "int28gt", comparison<Relation::greater, int16_t, int64_t>,
        {.symbol = ">", .commutator = "<", .negator = "<=", .cannot_fail = true}),
    scalar<"int2,int8:bool">(
        1855, "int28ge", comparison<Relation::greater_equal, int16_t, int64_t>,
        {.symbol = ">=", .commutator = "<=", .negator = "<", .cannot_fail = true}),
    scalar<"int4,int2:bool">(
        159, "int42eq", comparison<Relation::equal, int32_t, int16_t>,
        {.symbol = "=", .commutator = "=", .negator = "<>", .cannot_fail = true}),
    scalar<"int4,int2:bool">(
        165, "int42ne", comparison<Relation::not_equal, int32_t, int16_t>,
        {.symbol = "<>", .commutator = "<>", .negator = "=", .cannot_fail = true}),
    scalar<"int4,int2:bool">(
        161, "int42lt", comparison<Relation::less, int32_t, int16_t>,
        {.symbol = "<", .commutator = ">", .negator = ">=", .cannot_fail = true}),
    scalar<"int4,int2:bool">(
        167, "int42le", comparison<Relation::less_equal, int32_t, int16_t>,
        {.symbol = "<=", .commutator = ">=", .negator = ">", .cannot_fail = true}),
    scalar<"int4,int2:bool">(
        163, "int42gt", comparison<Relation::greater, int32_t, int16_t>,
        {.symbol = ">", .commutator = "<", .negator = "<=", .cannot_fail = true}),
    scalar<"int4,int2:bool">(
        169, "int42ge", comparison<Relation::greater_equal, int32_t, int16_t>,
        {.symbol = ">=", .commutator = "<=", .negator = "<", .cannot_fail = true}),
    scalar<"int4,int4:bool">(
        65, "int4eq", comparison<Relation::equal, int32_t>,
        {.symbol = "=", .commutator = "=", .negator = "<>", .cannot_fail = true}),
    scalar<"int4,int4:bool">(
        144, "int4ne", comparison<Relation::not_equal, int32_t>,
        {.symbol = "<>", .commutator = "<>", .negator = "=", .cannot_fail = true}),
    scalar<"int4,int4:bool">(
        66, "int4lt", comparison<Relation::less, int32_t>,
        {.symbol = "<", .commutator = ">", .negator = ">=", .cannot_fail = true}),
    scalar<"int4,int4:bool">(
        149, "int4le", comparison<Relation::less_equal, int32_t>,
        {.symbol = "<=", .commutator = ">=", .negator = ">", .cannot_fail = true}),
    scalar<"int4,int4:bool">(
        147, "int4gt", comparison<Relation::greater, int32_t>,
        {.symbol = ">", .commutator = "<", .negator = "<=", .cannot_fail = true}),
    scalar<"int4,int4:bool">(
        150, "int4ge", comparison<Relation::greater_equal, int32_t>,
        {.symbol = ">=", .commutator = "<=", .negator = "<", .cannot_fail = true}),
    scalar<"int4,int8:bool">(
        852, "int48eq", comparison<Relation::equal, int32_t, int64_t>,
        {.symbol = "=", .commutator = "=", .negator = "<>", .cannot_fail = true}),
    scalar<"int4,int8:bool">(
        853, "int48ne", comparison<Relation::not_equal, int32_t, int64_t>,
        {.symbol = "<>", .commutator = "<>", .negator = "=", .cannot_fail = true}),
    scalar<"int4,int8:bool">(
        854, "int48lt", comparison<Relation::less, int32_t, int64_t>,
        {.symbol = "<", .commutator = ">", .negator = ">=", .cannot_fail = true}),
    scalar<"int4,int8:bool">(
        856, "int48le", comparison<Relation::less_equal, int32_t, int64_t>,
        {.symbol = "<=", .commutator = ">=", .negator = ">", .cannot_fail = true}),
    scalar<"int4,int8:bool">(
        855, "int48gt", comparison<Relation::greater, int32_t, int64_t>,
        {.symbol = ">", .commutator = "<", .negator = "<=", .cannot_fail = true}),
    scalar<"int4,int8:bool">(
        857, "int48ge", comparison<Relation::greater_equal, int32_t, int64_t>,
        {.symbol = ">=", .commutator = "<=", .negator = "<", .cannot_fail = true}),
    scalar<"int8,int2:bool">(
        1856, "int82eq", comparison<Relation::equal, int64_t, int16_t>,
        {.symbol = "=", .commutator = "=", .negator = "<>", .cannot_fail = true}),
    scalar<"int8,int2:bool">(
        1857, "int82ne", comparison<Relation::not_equal, int64_t, int16_t>,
        {.symbol = "<>", .commutator = "<>", .negator = "=", .cannot_fail = true}),
    scalar<"int8,int2:bool">(
        1858, "int82lt", comparison<Relation::less, int64_t, int16_t>,
        {.symbol = "<", .commutator = ">", .negator = ">=", .cannot_fail = true}),
    scalar<"int8,int2:bool">(
        1860, "int82le", comparison<Relation::less_equal, int64_t, int16_t>,
        {.symbol = "<=", .commutator = ">=", .negator = ">", .cannot_fail = true}),
    scalar<"int8,int2:bool">(
        1859, "int82gt", comparison<Relation::greater, int64_t, int16_t>,
        {.symbol = ">", .commutator = "<", .negator = "<=", .cannot_fail = true}),
    scalar<"int8,int2:bool">(
        1861, "int82ge", comparison<Relation::greater_equal, int64_t, int16_t>,
        {.symbol = ">=", .commutator = "<=", .negator = "<", .cannot_fail = true}),
    scalar<"int8,int4:bool">(
        474, "int84eq", comparison<Relation::equal, int64_t, int32_t>,
        {.symbol = "=", .commutator = "=", .negator = "<>", .cannot_fail = true}),
    scalar<"int8,int4:bool">(
        475, "int84ne", comparison<Relation::not_equal, int64_t, int32_t>,
        {.symbol = "<>", .commutator = "<>", .negator = "=", .cannot_fail = true}),
    scalar<"int8,int4:bool">(
        476, "int84lt", comparison<Relation::less, int64_t, int32_t>,
        {.symbol = "<", .commutator = ">", .negator = ">=", .cannot_fail = true}),
    scalar<"int8,int4:bool">(
        478, "int84le", comparison<Relation::less_equal, int64_t, int32_t>,
        {.symbol = "<=", .commutator = ">=", .negator = ">", .cannot_fail = true}),
    scalar<"int8,int4:bool">(
        477, "int84gt", comparison<Relation::greater, int64_t, int32_t>,
        {.symbol = ">", .commutator = "<", .negator = "<=", .cannot_fail = true}),
    scalar<"int8,int4:bool">(
        479, "int84ge", comparison<Relation::greater_equal, int64_t, int32_t>,
        {.symbol = ">=", .commutator = "<=", .negator = "<", .cannot_fail = true}),
    scalar<"int8,int8:bool">(
        467, "int8eq", comparison<Relation::equal, int64_t>,
        {.symbol = "=", .commutator = "=", .negator = "<>", .cannot_fail = true}),
    scalar<"int8,int8:bool">(
        468, "int8ne", comparison<Relation::not_equal, int64_t>,
        {.symbol = "<>", .commutator = "<>", .negator = "=", .cannot_fail = true}),
    scalar<"int8,int8:bool">(
        469, "int8lt", comparison<Relation::less, int64_t>,
        {.symbol = "<", .commutator = ">", .negator = ">=", .cannot_fail = true}),
    scalar<"int8,int8:bool">(
        471, "int8le", comparison<Relation::less_equal, int64_t>,
        {.symbol = "<=", .commutator = ">=", .negator = ">", .cannot_fail = true}),
    scalar<"int8,int8:bool">(
        470, "int8gt", comparison<Relation::greater, int64_t>,
        {.symbol = ">", .commutator = "<", .negator = "<=", .cannot_fail = true}),
    scalar<"int8,int8:bool">(
        472, "int8ge", comparison<Relation::greater_equal, int64_t>,
        {.symbol = ">=", .commutator = "<=", .negator = "<", .cannot_fail = true}),
    scalar<"float4,float4:bool">(
        287, "float4eq", comparison<Relation::equal, float>,
        {.symbol = "=", .commutator = "=", .negator = "<>", .cannot_fail = true}),
    scalar<"float4,float4:bool">(
        288, "float4ne", comparison<Relation::not_equal, float>,
        {.symbol = "<>", .commutator = "<>", .negator = "=", .cannot_fail = true}),
    scalar<"float4,float4:bool">(
        289, "float4lt", comparison<Relation::less, float>,
        {.symbol = "<", .commutator = ">", .negator = ">=", .cannot_fail = true}),
    scalar<"float4,float4:bool">(
        290, "float4le", comparison<Relation::less_equal, float>,
        {.symbol = "<=", .commutator = ">=", .negator = ">", .cannot_fail = true}),
    scalar<"float4,float4:bool">(
        291, "float4gt", comparison<Relation::greater, float>,
        {.symbol = ">", .commutator = "<", .negator = "<=", .cannot_fail = true}),
    scalar<"float4,float4:bool">(
        292, "float4ge", comparison<Relation::greater_equal, float>,
        {.symbol = ">=", .commutator = "<=", .negator = "<", .cannot_fail = true}),
    scalar<"float4,float8:bool">(
        299, "float48eq", comparison<Relation::equal, float, double>,
        {.symbol = "=", .commutator = "=", .negator = "<>", .cannot_fail = true}),
    scalar<"float4,float8:bool">(
        300, "float48ne", comparison<Relation::not_equal, float, double>,
        {.symbol = "<>", .commutator = "<>", .negator = "=", .cannot_fail = true}),
    scalar<"float4,float8:bool">(
        301, "float48lt", comparison<Relation::less, float, double>,
        {.symbol = "<", .commutator = ">", .negator = ">=", .cannot_fail = true}),
    scalar<"float4,float8:bool">(
        302, "float48le", comparison<Relation::less_equal, float, double>,
        {.symbol = "<=", .commutator = ">=", .negator = ">", .cannot_fail = true}),
    scalar<"float4,float8:bool">(
        303, "float48gt", comparison<Relation::greater, float, double>,
        {.symbol = ">", .commutator = "<", .negator = "<=", .cannot_fail = true}),
    scalar<"float4,float8:bool">(
        304, "float48ge", comparison<Relation::greater_equal, float, double>,
        {.symbol = ">=", .commutator = "<=", .negator = "<", .cannot_fail = true}),
    scalar<"float8,float4:bool">(
        305, "float84eq", comparison<Relation::equal, double, float>,
        {.symbol = "=", .commutator = "=", .negator = "<>", .cannot_fail = true}),
    scalar<"float8,float4:bool">(
        306, "float84ne", comparison<Relation::not_equal, double, float>,
        {.symbol = "<>", .commutator = "<>", .negator = "=", .cannot_fail = true}),
    scalar<"float8,float4:bool">(
        307, "float84lt", comparison<Relation::less, double, float>,
        {.symbol = "<", .commutator = ">", .negator = ">=", .cannot_fail = true}),
    scalar<"float8,float4:bool">(
        308, "float84le", comparison<Relation::less_equal, double, float>,
        {.symbol = "<=", .commutator = ">=", .negator = ">", .cannot_fail = true}),
    scalar<"float8,float4:bool">(
        309, "float84gt", comparison<Relation::greater, double, float>,
        {.symbol = ">", .commutator = "<", .negator = "<=", .cannot_fail = true}),
    scalar<"float8,float4:bool">(
        310, "float84ge", comparison<Relation::greater_equal, double, float>,
        {.symbol = ">=", .commutator = "<=", .negator = "<", .cannot_fail = true}),
    scalar<"float8,float8:bool">(
        293, "float8eq", comparison<Relation::equal, double>,
        {.symbol = "=", .commutator = "=", .negator = "<>", .cannot_fail = true}),
    scalar<"float8,float8:bool">(
        294, "float8ne", comparison<Relation::not_equal, double>,
        {.symbol = "<>", .commutator = "<>", .negator = "=", .cannot_fail = true}),
    scalar<"float8,float8:bool">(
        295, "float8lt", comparison<Relation::less, double>,
        {.symbol = "<", .commutator = ">", .negator = ">=", .cannot_fail = true}),
    scalar<"float8,float8:bool">(
        296, "float8le", comparison<Relation::less_equal, double>,
        {.symbol = "<=", .commutator = ">=", .negator = ">", .cannot_fail = true}),
    scalar<"float8,float8:bool">(
        297, "float8gt", comparison<Relation::greater, double>,
        {.symbol = ">", .commutator = "<", .negator = "<=", .cannot_fail = true}),
    scalar<"float8,float8:bool">(
        298, "float8ge", comparison<Relation::greater_equal, double>,
        {.symbol = ">=", .commutator = "<=", .negator = "<", .cannot_fail = true}),
    scalar<"oid,oid:bool">(
        184, "oideq", comparison<Relation::equal, int64_t>,
        {.symbol = "=", .commutator = "=", .negator = "<>", .cannot_fail = true}),
    scalar<"oid,oid:bool">(
        185, "oidne", comparison<Relation::not_equal, int64_t>,
        {.symbol = "<>", .commutator = "<>", .negator = "=", .cannot_fail = true}),
    scalar<"oid,oid:bool">(
        716, "oidlt", comparison<Relation::less, int64_t>,
        {.symbol = "<", .commutator = ">", .negator = ">=", .cannot_fail = true}),
    scalar<"oid,oid:bool">(
        717, "oidle", comparison<Relation::less_equal, int64_t>,
        {.symbol = "<=", .commutator = ">=", .negator = ">", .cannot_fail = true}),
    scalar<"oid,oid:bool">(
        1638, "oidgt", comparison<Relation::greater, int64_t>,
        {.symbol = ">", .commutator = "<", .negator = "<=", .cannot_fail = true}),
    scalar<"oid,oid:bool">(
        1639, "oidge", comparison<Relation::greater_equal, int64_t>,
        {.symbol = ">=", .commutator = "<=", .negator = "<", .cannot_fail = true}),
    scalar<"date,date:bool">(
        1086, "date_eq", comparison<Relation::equal, int32_t>,
        {.symbol = "=", .commutator = "=", .negator = "<>", .cannot_fail = true}),
    scalar<"date,date:bool">(
        1091, "date_ne", comparison<Relation::not_equal, int32_t>,
        {.symbol = "<>", .commutator = "<>", .negator = "=", .cannot_fail = true}),
    scalar<"date,date:bool">(
        1087, "date_lt", comparison<Relation::less, int32_t>,
        {.symbol = "<", .commutator = ">", .negator = ">=", .cannot_fail = true}),
    scalar<"date,date:bool">(
        1088, "date_le", comparison<Relation::less_equal, int32_t>,
        {.symbol = "<=", .commutator = ">=", .negator = ">", .cannot_fail = true}),
    scalar<"date,date:bool">(
        1089, "date_gt", comparison<Relation::greater, int32_t>,
        {.symbol = ">", .commutator = "<", .negator = "<=", .cannot_fail = true}),
    scalar<"date,date:bool">(
        1090, "date_ge", comparison<Relation::greater_equal, int32_t>,
        {.symbol = ">=", .commutator = "<=", .negator = "<", .cannot_fail = true}),
    scalar<"time,time:bool">(
        1145, "time_eq", comparison<Relation::equal, int64_t>,
        {.symbol = "=", .commutator = "=", .negator = "<>", .cannot_fail = true}),
    scalar<"time,time:bool">(
        1106, "time_ne", comparison<Relation::not_equal, int64_t>,
        {.symbol = "<>", .commutator = "<>", .negator = "=", .cannot_fail = true}),
    scalar<"time,time:bool">(
        1102, "time_lt", comparison<Relation::less, int64_t>,
        {.symbol = "<", .commutator = ">", .negator = ">=", .cannot_fail = true}),
    scalar<"time,time:bool">(
        1103, "time_le", comparison<Relation::less_equal, int64_t>,
        {.symbol = "<=", .commutator = ">=", .negator = ">", .cannot_fail = true}),
    scalar<"time,time:bool">(
        1104, "time_gt", comparison<Relation::greater, int64_t>,
        {.symbol = ">", .commutator = "<", .negator = "<=", .cannot_fail = true}),
    scalar<"time,time:bool">(
        1105, "time_ge", comparison<Relation::greater_equal, int64_t>,
        {.symbol = ">=", .commutator = "<=", .negator = "<", .cannot_fail = true}),
    scalar<"timestamp,timestamp:bool">(
        2052, "timestamp_eq", comparison<Relation::equal, int64_t>,
        {.symbol = "=", .commutator = "=", .negator = "<>", .cannot_fail = true}),
    scalar<"timestamp,timestamp:bool">(
        2053, "timestamp_ne", comparison<Relation::not_equal, int64_t>,
        {.symbol = "<>", .commutator = "<>", .negator = "=", .cannot_fail = true}),
    scalar<"timestamp,timestamp:bool">(
        2054, "timestamp_lt", comparison<Relation::less, int64_t>,
        {.symbol = "<", .commutator = ">", .negator = ">=", .cannot_fail = true}),
    scalar<"timestamp,timestamp:bool">(
        2055, "timestamp_le", comparison<Relation::less_equal, int64_t>,
        {.symbol = "<=", .commutator = ">=", .negator = ">", .cannot_fail = true}),
    scalar<"timestamp,timestamp:bool">(
        2057, "timestamp_gt", comparison<Relation::greater, int64_t>,
        {.symbol = ">", .commutator = "<", .negator = "<=", .cannot_fail = true}),
    scalar<"timestamp,timestamp:bool">(
        2056, "timestamp_ge", comparison<Relation::greater_equal, int64_t>,
        {.symbol = ">=", .commutator = "<=", .negator = "<", .cannot_fail = true}),
    scalar<"timestamptz,timestamptz:bool">(
        1152, "timestamptz_eq", comparison<Relation::equal, int64_t>,
        {.symbol = "=", .commutator = "=", .negator = "<>", .cannot_fail = true}),
    scalar<"timestamptz,timestamptz:bool">(
        1153, "timestamptz_ne", comparison<Relation::not_equal, int64_t>,
        {.symbol = "<>", .commutator = "<>", .negator = "=", .cannot_fail = true}),
    scalar<"timestamptz,timestamptz:bool">(
        1154, "timestamptz_lt", comparison<Relation::less, int64_t>,
        {.symbol = "<", .commutator = ">", .negator = ">=", .cannot_fail = true}),
    scalar<"timestamptz,timestamptz:bool">(
        1155, "timestamptz_le", comparison<Relation::less_equal, int64_t>,
        {.symbol = "<=", .commutator = ">=", .negator = ">", .cannot_fail = true}),
    scalar<"timestamptz,timestamptz:bool">(
        1157, "timestamptz_gt", comparison<Relation::greater, int64_t>,
        {.symbol = ">", .commutator = "<", .negator = "<=", .cannot_fail = true}),
    scalar<"timestamptz,timestamptz:bool">(
        1156, "timestamptz_ge", comparison<Relation::greater_equal, int64_t>,
        {.symbol = ">=", .commutator = "<=", .negator = "<", .cannot_fail = true}),
    scalar<"bool,bool:bool">(
        60, "booleq", compare_by<Relation::equal, &order_of_bools, bool>,
        {.symbol = "=", .commutator = "=", .negator = "<>", .cannot_fail = true}),
    scalar<"bool,bool:bool">(
        84, "boolne", compare_by<Relation::not_equal, &order_of_bools, bool>,
        {.symbol = "<>", .commutator = "<>", .negator = "=", .cannot_fail = true}),
    scalar<"bool,bool:bool">(
        56, "boollt", compare_by<Relation::less, &order_of_bools, bool>,
        {.symbol = "<", .commutator = ">", .negator = ">=", .cannot_fail = true}),
    scalar<"bool,bool:bool">(
        1691, "boolle", compare_by<Relation::less_equal, &order_of_bools, bool>,
        {.symbol = "<=", .commutator = ">=", .negator = ">", .cannot_fail = true}),
    scalar<"bool,bool:bool">(
        57, "boolgt", compare_by<Relation::greater, &order_of_bools, bool>,
        {.symbol = ">", .commutator = "<", .negator = "<=", .cannot_fail = true}),
    scalar<"bool,bool:bool">(
        1692, "boolge", compare_by<Relation::greater_equal, &order_of_bools, bool>,
        {.symbol = ">=", .commutator = "<=", .negator = "<", .cannot_fail = true}),
    scalar<"text,text:bool">(
        67, "texteq", &batch<&compare_views<Relation::equal>>,
        {.symbol = "=", .commutator = "=", .negator = "<>", .cannot_fail = true}),
    scalar<"text,text:bool">(
        157, "textne", &batch<&compare_views<Relation::not_equal>>,
        {.symbol = "<>", .commutator = "<>", .negator = "=", .cannot_fail = true}),
    scalar<"text,text:bool">(
        740, "text_lt", &batch<&compare_views<Relation::less>>,
        {.symbol = "<", .commutator = ">", .negator = ">=", .cannot_fail = true}),
    scalar<"text,text:bool">(
        741, "text_le", &batch<&compare_views<Relation::less_equal>>,
        {.symbol = "<=", .commutator = ">=", .negator = ">", .cannot_fail = true}),
    scalar<"text,text:bool">(
        742, "text_gt", &batch<&compare_views<Relation::greater>>,
        {.symbol = ">", .commutator = "<", .negator = "<=", .cannot_fail = true}),
    scalar<"text,text:bool">(
        743, "text_ge", &batch<&compare_views<Relation::greater_equal>>,
        {.symbol = ">=", .commutator = "<=", .negator = "<", .cannot_fail = true}),
    scalar<"name,name:bool">(
        62, "nameeq", &batch<&compare_views<Relation::equal>>,
        {.symbol = "=", .commutator = "=", .negator = "<>", .cannot_fail = true}),
    scalar<"name,name:bool">(
        659, "namene", &batch<&compare_views<Relation::not_equal>>,
        {.symbol = "<>", .commutator = "<>", .negator = "=", .cannot_fail = true}),
    scalar<"name,name:bool">(
        655, "namelt", &batch<&compare_views<Relation::less>>,
        {.symbol = "<", .commutator = ">", .negator = ">=", .cannot_fail = true}),
    scalar<"name,name:bool">(
        656, "namele", &batch<&compare_views<Relation::less_equal>>,
        {.symbol = "<=", .commutator = ">=", .negator = ">", .cannot_fail = true}),
    scalar<"name,name:bool">(
        657, "namegt", &batch<&compare_views<Relation::greater>>,
        {.symbol = ">", .commutator = "<", .negator = "<=", .cannot_fail = true}),
    scalar<"name,name:bool">(
        658, "namege", &batch<&compare_views<Relation::greater_equal>>,
        {.symbol = ">=", .commutator = "<=", .negator = "<", .cannot_fail = true}),
    scalar<"char,char:bool">(
        61, "chareq", &batch<&compare_views<Relation::equal>>,
        {.symbol = "=", .commutator = "=", .negator = "<>", .cannot_fail = true}),
    scalar<"char,char:bool">(
        70, "charne", &batch<&compare_views<Relation::not_equal>>,
        {.symbol = "<>", .commutator = "<>", .negator = "=", .cannot_fail = true}),
    scalar<"char,char:bool">(
        1246, "charlt", &batch<&compare_views<Relation::less>>,
        {.symbol = "<", .commutator = ">", .negator = ">=", .cannot_fail = true}),
    scalar<"char,char:bool">(
        72, "charle", &batch<&compare_views<Relation::less_equal>>,
        {.symbol = "<=", .commutator = ">=", .negator = ">", .cannot_fail = true}),
    scalar<"char,char:bool">(
        73, "chargt", &batch<&compare_views<Relation::greater>>,
        {.symbol = ">", .commutator = "<", .negator = "<=", .cannot_fail = true}),
    scalar<"char,char:bool">(
        74, "charge", &batch<&compare_views<Relation::greater_equal>>,
        {.symbol = ">=", .commutator = "<=", .negator = "<", .cannot_fail = true}),
    scalar<"bytea,bytea:bool">(
        1948, "byteaeq", &batch<&compare_views<Relation::equal>>,
        {.symbol = "=", .commutator = "=", .negator = "<>", .cannot_fail = true}),
    scalar<"bytea,bytea:bool">(
        1953, "byteane", &batch<&compare_views<Relation::not_equal>>,
        {.symbol = "<>", .commutator = "<>", .negator = "=", .cannot_fail = true}),
    scalar<"bytea,bytea:bool">(
        1949, "bytealt", &batch<&compare_views<Relation::less>>,
        {.symbol = "<", .commutator = ">", .negator = ">=", .cannot_fail = true}),
    scalar<"bytea,bytea:bool">(
        1950, "byteale", &batch<&compare_views<Relation::less_equal>>,
        {.symbol = "<=", .commutator = ">=", .negator = ">", .cannot_fail = true}),
    scalar<"bytea,bytea:bool">(
        1951, "byteagt", &batch<&compare_views<Relation::greater>>,
        {.symbol = ">", .commutator = "<", .negator = "<=", .cannot_fail = true}),
    scalar<"bytea,bytea:bool">(
        1952, "byteage", &batch<&compare_views<Relation::greater_equal>>,
        {.symbol = ">=", .commutator = "<=", .negator = "<", .cannot_fail = true}),
    scalar<"bpchar,bpchar:bool">(
        1048, "bpchareq", compare_by<Relation::equal, &order_of_padded, std::string_view>,
        {.symbol = "=", .commutator = "=", .negator = "<>", .cannot_fail = true}),
    scalar<"bpchar,bpchar:bool">(
        1053, "bpcharne", compare_by<Relation::not_equal, &order_of_padded, std::string_view>,
        {.symbol = "<>", .commutator = "<>", .negator = "=", .cannot_fail = true}),
    scalar<"bpchar,bpchar:bool">(
        1049, "bpcharlt", compare_by<Relation::less, &order_of_padded, std::string_view>,
        {.symbol = "<", .commutator = ">", .negator = ">=", .cannot_fail = true}),
    scalar<"bpchar,bpchar:bool">(
        1050, "bpcharle", compare_by<Relation::less_equal, &order_of_padded, std::string_view>,
        {.symbol = "<=", .commutator = ">=", .negator = ">", .cannot_fail = true}),
    scalar<"bpchar,bpchar:bool">(
        1051, "bpchargt", compare_by<Relation::greater, &order_of_padded, std::string_view>,
        {.symbol = ">", .commutator = "<", .negator = "<=", .cannot_fail = true}),
    scalar<"bpchar,bpchar:bool">(
        1052, "bpcharge", compare_by<Relation::greater_equal, &order_of_padded, std::string_view>,
        {.symbol = ">=", .commutator = "<=", .negator = "<", .cannot_fail = true}),
    scalar<"name,text:bool">(
        240, "nameeqtext", &batch<&compare_views<Relation::equal>>,
        {.symbol = "=", .commutator = "=", .negator = "<>", .cannot_fail = true}),
    scalar<"name,text:bool">(
        245, "namenetext", &batch<&compare_views<Relation::not_equal>>,
        {.symbol = "<>", .commutator = "<>", .negator = "=", .cannot_fail = true}),
    scalar<"name,text:bool">(
        241, "namelttext", &batch<&compare_views<Relation::less>>,
        {.symbol = "<", .commutator = ">", .negator = ">=", .cannot_fail = true}),
    scalar<"name,text:bool">(
        242, "nameletext", &batch<&compare_views<Relation::less_equal>>,
        {.symbol = "<=", .commutator = ">=", .negator = ">", .cannot_fail = true}),
    scalar<"name,text:bool">(
        244, "namegttext", &batch<&compare_views<Relation::greater>>,
        {.symbol = ">", .commutator = "<", .negator = "<=", .cannot_fail = true}),
    scalar<"name,text:bool">(
        243, "namegetext", &batch<&compare_views<Relation::greater_equal>>,
        {.symbol = ">=", .commutator = "<=", .negator = "<", .cannot_fail = true}),
    scalar<"text,name:bool">(
        247, "texteqname", &batch<&compare_views<Relation::equal>>,
        {.symbol = "=", .commutator = "=", .negator = "<>", .cannot_fail = true}),
    scalar<"text,name:bool">(
        252, "textnename", &batch<&compare_views<Relation::not_equal>>,
        {.symbol = "<>", .commutator = "<>", .negator = "=", .cannot_fail = true}),
    scalar<"text,name:bool">(
        248, "textltname", &batch<&compare_views<Relation::less>>,
        {.symbol = "<", .commutator = ">", .negator = ">=", .cannot_fail = true}),
    scalar<"text,name:bool">(
        249, "textlename", &batch<&compare_views<Relation::less_equal>>,
        {.symbol = "<=", .commutator = ">=", .negator = ">", .cannot_fail = true}),
    scalar<"text,name:bool">(
        251, "textgtname", &batch<&compare_views<Relation::greater>>,
        {.symbol = ">", .commutator = "<", .negator = "<=", .cannot_fail = true}),
    scalar<"text,name:bool">(
        250, "textgename", &batch<&compare_views<Relation::greater_equal>>,
        {.symbol = ">=", .commutator = "<=", .negator = "<", .cannot_fail = true}),
    scalar<"uuid,uuid:bool">(
        2956, "uuid_eq", compare_by<Relation::equal, &order_of_uuids, Uuid>,
        {.symbol = "=", .commutator = "=", .negator = "<>", .cannot_fail = true}),
    scalar<"uuid,uuid:bool">(
        2959, "uuid_ne", compare_by<Relation::not_equal, &order_of_uuids, Uuid>,
        {.symbol = "<>", .commutator = "<>", .negator = "=", .cannot_fail = true}),
    scalar<"uuid,uuid:bool">(
        2954, "uuid_lt", compare_by<Relation::less, &order_of_uuids, Uuid>,
        {.symbol = "<", .commutator = ">", .negator = ">=", .cannot_fail = true}),
    scalar<"uuid,uuid:bool">(
        2955, "uuid_le", compare_by<Relation::less_equal, &order_of_uuids, Uuid>,
        {.symbol = "<=", .commutator = ">=", .negator = ">", .cannot_fail = true}),
    scalar<"uuid,uuid:bool">(
        2958, "uuid_gt", compare_by<Relation::greater, &order_of_uuids, Uuid>,
        {.symbol = ">", .commutator = "<", .negator = "<=", .cannot_fail = true}),
    scalar<"uuid,uuid:bool">(
        2957, "uuid_ge", compare_by<Relation::greater_equal, &order_of_uuids, Uuid>,
        {.symbol = ">=", .commutator = "<=", .negator = "<", .cannot_fail = true}),
    scalar<"interval,interval:bool">(
        1162, "interval_eq", compare_by<Relation::equal, &order_of_intervals, Interval>,
        {.symbol = "=", .commutator = "=", .negator = "<>", .cannot_fail = true}),
    scalar<"interval,interval:bool">(
        1163, "interval_ne", compare_by<Relation::not_equal, &order_of_intervals, Interval>,
        {.symbol = "<>", .commutator = "<>", .negator = "=", .cannot_fail = true}),
    scalar<"interval,interval:bool">(
        1164, "interval_lt", compare_by<Relation::less, &order_of_intervals, Interval>,
        {.symbol = "<", .commutator = ">", .negator = ">=", .cannot_fail = true}),
    scalar<"interval,interval:bool">(
        1165, "interval_le", compare_by<Relation::less_equal, &order_of_intervals, Interval>,
        {.symbol = "<=", .commutator = ">=", .negator = ">", .cannot_fail = true}),
    scalar<"interval,interval:bool">(
        1167, "interval_gt", compare_by<Relation::greater, &order_of_intervals, Interval>,
        {.symbol = ">", .commutator = "<", .negator = "<=", .cannot_fail = true}),
    scalar<"interval,interval:bool">(
        1166, "interval_ge", compare_by<Relation::greater_equal, &order_of_intervals, Interval>,
        {.symbol = ">=", .commutator = "<=", .negator = "<", .cannot_fail = true}),
};

}  // namespace

const FunctionList kOrderFunctions = kTable;

}  // namespace mortise::sql_functions
