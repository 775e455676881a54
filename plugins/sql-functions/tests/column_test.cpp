// SPDX-License-Identifier: Apache-2.0
//
// Goal:   whole columns give what single rows give: with and without selection, with constants on
//         either side, across the 64-row words of a bitmap, and leave other rows alone.
// Method: columns of 200 rows driven through the function tables directly.

#include <doctest/doctest.h>

#include "numeric/value_column.hpp"
#include "tests/expression.hpp"
#include "types/lists.hpp"

namespace mortise::sql_functions {
namespace {

constexpr uint32_t kRows = 200;
constexpr mortise_type_t kInt4 = {MORTISE_SQL_INT4, -1, MORTISE_PHYSICAL_INT32, 0, 0, 0};
constexpr mortise_type_t kInt8 = {MORTISE_SQL_INT8, -1, MORTISE_PHYSICAL_INT64, 0, 0, 0};
constexpr mortise_type_t kBool = {MORTISE_SQL_BOOL, -1, MORTISE_PHYSICAL_BOOL, 0, 0, 0};

const mortise_function_t& function(uint32_t oid) {
  for (const mortise_function_t& f : registry().functions) {
    if (f.oid == oid) return f;
  }
  MORTISE_UNREACHABLE();
}

struct Columns {
  TestSession session;
  TestColumn a;
  TestColumn b;
  TestColumn out;
  bool is_a_constant = false;
  bool is_b_constant = false;
  std::vector<uint16_t> selection;
  void* state = nullptr;

  Columns(const mortise_type_t& left, const mortise_type_t& right, const mortise_type_t& result)
      : a(left, kRows), b(right, kRows), out(result, kRows) {}

  Status run(uint32_t oid) {
    const mortise_column_t in[2] = {a.in(is_a_constant), b.in(is_b_constant)};
    const mortise_type_t types[2] = {a.type(), b.type()};
    const bool is_dense = selection.empty();
    const mortise_arguments_t arguments{in,
                                        types,
                                        2,
                                        kRows,
                                        is_dense ? nullptr : selection.data(),
                                        is_dense ? kRows : static_cast<uint32_t>(selection.size()),
                                        0};
    mortise_column_out_t result = out.out();
    ErrorSlot slot;
    return slot.status(
        function(oid).evaluate(session.evaluation(), state, &arguments, &result, slot.get()));
  }
  template <typename T>
  T* values(TestColumn& column) {
    return static_cast<T*>(column.data());
  }
};

constexpr uint32_t kInt4Plus = 177;
constexpr uint32_t kInt8Plus = 463;
constexpr uint32_t kInt4Less = 66;
constexpr uint32_t kNumericPlus = 1724;
constexpr uint32_t kNumericGreater = 1720;

TEST_CASE("sums of dense columns equal those of selected rows") {
  for (const int constants : {0, 1, 2}) {
    Columns dense(kInt4, kInt4, kInt4);
    Columns chosen(kInt4, kInt4, kInt4);
    for (Columns* c : {&dense, &chosen}) {
      c->is_a_constant = constants == 1;
      c->is_b_constant = constants == 2;
      for (uint32_t i = 0; i < kRows; ++i) {
        c->values<int32_t>(c->a)[i] = static_cast<int32_t>(i * 7) - 300;
        c->values<int32_t>(c->b)[i] = 1000 - static_cast<int32_t>(i);
        c->values<int32_t>(c->out)[i] = -1;
      }
    }
    for (uint16_t i = 0; i < kRows; i += 3) chosen.selection.push_back(i);
    REQUIRE(dense.run(kInt4Plus).is_ok());
    REQUIRE(chosen.run(kInt4Plus).is_ok());
    for (uint32_t i = 0; i < kRows; ++i) {
      const int32_t expected = i % 3 == 0 ? dense.values<int32_t>(dense.out)[i] : -1;
      CHECK(chosen.values<int32_t>(chosen.out)[i] == expected);
    }
  }
}

TEST_CASE("F2: an overflow outside of the selection does not fail") {
  Columns c(kInt8, kInt8, kInt8);
  for (uint32_t i = 0; i < kRows; ++i) {
    c.values<int64_t>(c.a)[i] = i == 100 ? INT64_MAX : 1;
    c.values<int64_t>(c.b)[i] = 1;
  }
  CHECK(c.run(kInt8Plus).sqlstate() == "22003");
  c.selection = {0, 99, 101};
  CHECK(c.run(kInt8Plus).is_ok());
}

TEST_CASE("comparisons fill whole words and the rest alike") {
  Columns c(kInt4, kInt4, kBool);
  for (uint32_t i = 0; i < kRows; ++i) {
    c.values<int32_t>(c.a)[i] = static_cast<int32_t>(i);
    c.values<int32_t>(c.b)[i] = static_cast<int32_t>(i % 5 == 0 ? i + 1 : i);
  }
  REQUIRE(c.run(kInt4Less).is_ok());
  for (uint32_t i = 0; i < kRows; ++i) {
    CHECK(get_bit(c.values<uint64_t>(c.out), i) == (i % 5 == 0));
  }
}

TEST_CASE("decimals of different scales add and compare as their values") {
  Columns sum(decimal_type(10, 2), decimal_type(10, 4), decimal_type(13, 4));
  sum.state = pack_form(sum.out.type());
  Columns order(decimal_type(10, 2), decimal_type(10, 4), kBool);
  for (Columns* c : {&sum, &order}) {
    for (uint32_t i = 0; i < kRows; ++i) {
      c->values<int64_t>(c->a)[i] = static_cast<int64_t>(i) * 3 - 100;     // hundredths
      c->values<int64_t>(c->b)[i] = static_cast<int64_t>(i) * 200 - 5000;  // ten-thousandths
    }
    c->values<int64_t>(c->a)[7] = kDecimal64Nan;
  }
  REQUIRE(sum.run(kNumericPlus).is_ok());
  REQUIRE(order.run(kNumericGreater).is_ok());
  for (uint32_t i = 0; i < kRows; ++i) {
    const int64_t a = (static_cast<int64_t>(i) * 3 - 100) * 100;
    const int64_t b = static_cast<int64_t>(i) * 200 - 5000;
    CHECK(sum.values<int64_t>(sum.out)[i] == (i == 7 ? kDecimal64Nan : a + b));
    CHECK(get_bit(order.values<uint64_t>(order.out), i) == (i == 7 || a > b));
  }
}

TEST_CASE("G1: every entry of the registry is complete") {
  for (const mortise_function_t& f : registry().functions) {
    CAPTURE(view_of(f.name));
    CHECK(f.oid != 0);
    CHECK(f.return_type != 0);
    const int bodies = (f.evaluate != nullptr ? 1 : 0) + (f.aggregate != nullptr ? 1 : 0) +
                       (f.table != nullptr ? 1 : 0);
    CHECK(bodies == 1);
    CHECK((f.commutator.size_bytes == 0 || f.operator_symbol.size_bytes != 0));
    if (f.aggregate != nullptr) CHECK(f.aggregate->state_size_bytes % 16 == 0);
  }
  for (const mortise_cast_t& c : registry().casts) {
    CHECK((c.is_binary_same != 0) == (c.evaluate == nullptr));
    CHECK(find_type(c.source_type) != nullptr);
    CHECK(find_type(c.target_type) != nullptr);
  }
}

TEST_CASE("binary forms read back what they wrote") {
  const std::vector<std::pair<std::string, std::string>> values = {
      {"bool", "t"},
      {"int2", "-5"},
      {"int4", "123456"},
      {"int8", "-9000000000"},
      {"float8", "1.5"},
      {"numeric", "-12345.6700"},
      {"numeric", "NaN"},
      {"numeric(10,2)", "3.14"},
      {"text", "äöü"},
      {"bytea", "\\x00ff"},
      {"date", "2000-02-29"},
      {"time", "12:34:56.789"},
      {"timestamp", "1999-12-31 23:59:59"},
      {"interval", "1 year 2 mons -3 days 04:05:06"},
      {"uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
      {"oid", "4294967295"},
      {"bpchar(5)", "ab"}};
  TestSession session;
  for (const auto& [name, text] : values) {
    CAPTURE(name);
    const mortise_type_t type = *session.type_of(name);
    const mortise_type_info_t* info = find_type(type.sql_type);
    auto column = *session.column_of(type, text);
    TestColumn wire({MORTISE_SQL_BYTEA, -1, MORTISE_PHYSICAL_BYTES, 0, 0, 0}, 2);
    TestColumn back(type, 2);
    ErrorSlot slot;
    const mortise_column_t in = column->in();
    mortise_column_out_t out = wire.out();
    mortise_arguments_t arguments{&in, &type, 1, 2, nullptr, 2, 0};
    REQUIRE(info->binary_out(session.evaluation(), &type, &arguments, &out, slot.get()) >= 0);
    const mortise_column_t wire_in = wire.in();
    const mortise_type_t wire_type = wire.type();
    arguments.columns = &wire_in;
    arguments.types = &wire_type;
    out = back.out();
    REQUIRE(info->binary_in(session.evaluation(), &type, &arguments, &out, slot.get()) >= 0);
    CHECK(*session.text_of(back) == *session.text_of(*column));
  }
}

}  // namespace
}  // namespace mortise::sql_functions
