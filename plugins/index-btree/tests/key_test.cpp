// SPDX-License-Identifier: Apache-2.0
//
// Goal:   B1 and B2: the bytes of keys are ordered as their values are, for every type and
// direction.
// Method: hand-picked corner values and random ones; all pairs compared.  Seeds are printed.

#include "key.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "mortise/cpp/batch.hpp"
#include "mortise/cpp/int128.hpp"

namespace mortise::index_btree {
namespace {

// The key of one value of a fixed-width or view type.
template <typename T>
std::string key_of(const T& value, uint16_t physical, uint32_t flags = 0) {
  mortise_column_t column{nullptr, &value, 0, 0};
  mortise_type_t type{};
  type.physical = physical;
  mortise_batch_t batch{};
  batch.rows_count = batch.columns_count = 1;
  batch.columns = &column;
  batch.types = &type;
  const mortise_index_column_t index_column{type, flags, 0};
  std::string out;
  encode_key({&index_column, 1}, batch, 1, 0, out);
  return out;
}

template <typename T, typename Less>
void check_order(const std::vector<T>& values, uint16_t physical, Less less) {
  for (const T& a : values) {
    for (const T& b : values) {
      const std::string ka = key_of(a, physical);
      const std::string kb = key_of(b, physical);
      CHECK((ka < kb) == less(a, b));
      CHECK((ka == kb) == (!less(a, b) && !less(b, a)));
      const std::string da = key_of(a, physical, MORTISE_INDEX_DESCENDING);
      const std::string db = key_of(b, physical, MORTISE_INDEX_DESCENDING);
      CHECK((da < db) == less(b, a));
    }
  }
}

TEST_CASE("key: B1 integers of all widths") {
  std::mt19937_64 random(1);
  std::vector<int64_t> values = {INT64_MIN, INT64_MIN + 1, -1, 0, 1, INT64_MAX};
  for (int i = 0; i < 40; ++i) values.push_back(static_cast<int64_t>(random()));
  check_order(values, MORTISE_PHYSICAL_INT64, std::less<>());
  check_order(std::vector<int16_t>{INT16_MIN, -1, 0, 1, INT16_MAX}, MORTISE_PHYSICAL_INT16,
              std::less<>());
  check_order(std::vector<int32_t>{INT32_MIN, -1, 0, 1, INT32_MAX}, MORTISE_PHYSICAL_INT32,
              std::less<>());
  std::vector<Int128> wide;
  for (const int64_t v : values) wide.push_back(static_cast<Int128>(v) * 1000000007);
  check_order(wide, MORTISE_PHYSICAL_DECIMAL128, std::less<>());
}

TEST_CASE("key: B1 floats, where NaN is greatest and both zeros are equal") {
  const auto less = [](double a, double b) {
    if (std::isnan(a) || std::isnan(b)) return !std::isnan(a) && std::isnan(b);
    return a < b;
  };
  const double infinity = std::numeric_limits<double>::infinity();
  check_order(std::vector<double>{-infinity, -1e300, -1.5, -1e-310, -0.0, 0.0, 1e-310, 1.5, 1e300,
                                  infinity, std::nan(""), -std::nan("1")},
              MORTISE_PHYSICAL_FLOAT64, less);
  check_order(std::vector<float>{-1.5f, -0.0f, 0.0f, 2.5f, std::nanf("")}, MORTISE_PHYSICAL_FLOAT32,
              less);
}

TEST_CASE("key: B1 strings with zero bytes and prefixes of each other") {
  using namespace std::string_literals;
  const std::vector<std::string> texts = {""s,
                                          "\0"s,
                                          "\0\0"s,
                                          "\0a"s,
                                          "a"s,
                                          "a\0"s,
                                          "a\0b"s,
                                          "ab"s,
                                          "a\xFF"s,
                                          "\xFF"s,
                                          "longer than twelve bytes"s};
  std::vector<mortise_view_t> views;
  for (const std::string& t : texts) views.push_back(view_to(t));
  const auto less = [](const mortise_view_t& a, const mortise_view_t& b) {
    return text_of(a) < text_of(b);
  };
  check_order(views, MORTISE_PHYSICAL_BYTES, less);
}

TEST_CASE("key: B2 a month and thirty days are one interval") {
  const mortise_interval_t month{0, 0, 1};
  const mortise_interval_t days{0, 30, 0};
  CHECK(key_of(month, MORTISE_PHYSICAL_INTERVAL) == key_of(days, MORTISE_PHYSICAL_INTERVAL));
}

TEST_CASE("key: B2 the display scale of a numeric is no part of its key") {
  const std::string one("\x40\x80\x00\x00\x01\x00\x00", 7);
  const std::string one_with_scale("\x40\x80\x00\x00\x01\x00\x02", 7);
  CHECK(key_of(view_to(one), MORTISE_PHYSICAL_NUMERIC) ==
        key_of(view_to(one_with_scale), MORTISE_PHYSICAL_NUMERIC));
}

TEST_CASE("key: nulls stand where they are asked to") {
  const int32_t zero = 0;
  const uint64_t no_bits = 0;
  const mortise_column_t null_column{&no_bits, &zero, 0, 0};
  mortise_type_t type{};
  type.physical = MORTISE_PHYSICAL_INT32;
  mortise_batch_t batch{};
  batch.rows_count = batch.columns_count = 1;
  batch.columns = &null_column;
  batch.types = &type;
  for (const uint32_t flags : {0u, MORTISE_INDEX_NULLS_FIRST}) {
    const mortise_index_column_t column{type, flags, 0};
    std::string null_key;
    encode_key({&column, 1}, batch, 1, 0, null_key);
    CHECK(has_null(batch, 1, 0));
    const bool is_first = flags != 0;
    CHECK((null_key < key_of(int32_t{INT32_MIN}, MORTISE_PHYSICAL_INT32)) == is_first);
    CHECK((null_key < key_of(int32_t{INT32_MAX}, MORTISE_PHYSICAL_INT32)) == is_first);
  }
}

TEST_CASE("key: the successor of a prefix is above all that begin with it and nothing else") {
  using namespace std::string_literals;
  CHECK(prefix_successor("ab") == "ac");
  CHECK(prefix_successor("a\xFF"s) == "b");
  CHECK(prefix_successor("\xFF\xFF"s) == "");
}

}  // namespace
}  // namespace mortise::index_btree
