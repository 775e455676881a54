// SPDX-License-Identifier: Apache-2.0
//
// Tidy: may call the system, because guard pages catch reads past the end.
//
// Goal:   every level of the vector core gives the bits of the scalar one, for every length, type
//         and operation, and reads no further than the padding.
// Method: random columns with the values that hurt (NaN, -0, extremes), lengths 0..200 and a few
//         large ones; data stands right before an unreadable page.  The seed is printed.

#include "kernel/scan/simd.hpp"

#include <doctest/doctest.h>
#include <sys/mman.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "kernel/platform/random.hpp"
#include "kernel/scan/value_order.hpp"

namespace mortise::scan {
namespace {

constexpr uint16_t kFixed[] = {
    MORTISE_PHYSICAL_INT16,      MORTISE_PHYSICAL_INT32,   MORTISE_PHYSICAL_INT64,
    MORTISE_PHYSICAL_FLOAT32,    MORTISE_PHYSICAL_FLOAT64, MORTISE_PHYSICAL_DECIMAL64,
    MORTISE_PHYSICAL_DECIMAL128, MORTISE_PHYSICAL_UUID,    MORTISE_PHYSICAL_INTERVAL};
constexpr uint32_t kOperations[] = {MORTISE_FILTER_EQ, MORTISE_FILTER_NE, MORTISE_FILTER_LT,
                                    MORTISE_FILTER_LE, MORTISE_FILTER_GT, MORTISE_FILTER_GE};

// Memory whose end, rounded up to 64 bytes from `size`, touches an unreadable page.
class Guarded {
 public:
  explicit Guarded(size_t size_bytes) {
    const size_t padded = (size_bytes + 63) / 64 * 64;
    mapped_ = (padded + 4095) / 4096 * 4096 + 4096;
    base_ = static_cast<uint8_t*>(
        mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    REQUIRE(base_ != MAP_FAILED);
    REQUIRE(mprotect(base_ + mapped_ - 4096, 4096, PROT_NONE) == 0);
    data_ = base_ + mapped_ - 4096 - padded;
  }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;
  ~Guarded() { munmap(base_, mapped_); }
  uint8_t* data() { return data_; }

 private:
  uint8_t* base_;
  uint8_t* data_;
  size_t mapped_;
};

template <typename T>
void put(uint8_t* into, T value) {
  std::memcpy(into, &value, sizeof(T));
}

void put_random(platform::Random& random, uint16_t physical, uint8_t* into) {
  const uint64_t choice = random.below(8);
  switch (physical) {
    case MORTISE_PHYSICAL_FLOAT32: {
      constexpr float kSpecial[] = {0.0f,
                                    -0.0f,
                                    1.0f,
                                    -1.0f,
                                    std::numeric_limits<float>::infinity(),
                                    -std::numeric_limits<float>::infinity(),
                                    std::numeric_limits<float>::quiet_NaN()};
      const float plain = static_cast<float>(random.between(0, 20)) - 10.0f;
      return put(into, choice < 7 && random.one_in(2) ? kSpecial[choice] : plain);
    }
    case MORTISE_PHYSICAL_FLOAT64: {
      constexpr double kSpecial[] = {0.0,
                                     -0.0,
                                     1e300,
                                     -1e-300,
                                     std::numeric_limits<double>::infinity(),
                                     -std::numeric_limits<double>::infinity(),
                                     -std::numeric_limits<double>::quiet_NaN()};
      const double plain = random.fraction() * 20 - 10;
      return put(into, choice < 7 && random.one_in(2) ? kSpecial[choice] : plain);
    }
    default: {
      const uint32_t width = width_of(physical);
      if (choice == 0) return static_cast<void>(std::memset(into, 0xFF, width));
      if (choice == 1) {
        std::memset(into, 0xFF, width);
        into[width - 1] = 0x7F;
        return;
      }
      if (choice == 2) {
        std::memset(into, 0, width);
        into[width - 1] = 0x80;
        return;
      }
      std::memset(into, 0, width);
      into[0] = static_cast<uint8_t>(random.below(8));
    }
  }
}

std::vector<uint32_t> lengths() {
  std::vector<uint32_t> all;
  for (uint32_t n = 0; n <= 200; ++n) all.push_back(n);
  all.insert(all.end(), {1000, 2048, 4097});
  return all;
}

// Calls f(table) for every level the machine has.
template <typename F>
void at_every_level(F&& f) {
  for (uint8_t level = 0; level < kSimdLevelCount; ++level) {
    if (!is_supported(static_cast<SimdLevel>(level))) continue;
    f(simd_table(static_cast<SimdLevel>(level)));
  }
}

std::vector<uint64_t> random_bits(platform::Random& random, uint32_t rows) {
  std::vector<uint64_t> bits(words_of(rows) + 1);
  for (uint64_t& word : bits) word = random.next() | (random.one_in(4) ? ~uint64_t{0} : 0);
  return bits;
}

TEST_CASE("simd: D1 comparisons give the order of value_order.hpp at every level") {
  const uint64_t seed = platform::random_seed();
  CAPTURE(seed);
  platform::Random random(seed);
  for (const uint16_t physical : kFixed) {
    for (const uint32_t rows : lengths()) {
      const uint32_t width = width_of(physical);
      Guarded left(size_t{rows} * width);
      Guarded right(size_t{rows} * width);
      for (uint32_t i = 0; i < rows; ++i) {
        put_random(random, physical, left.data() + size_t{i} * width);
        put_random(random, physical, right.data() + size_t{i} * width);
      }
      uint8_t value[32];
      put_random(random, physical, value);
      put_random(random, physical, value + width);
      const uint32_t operation = kOperations[random.below(6)];
      at_every_level([&](const SimdTable& table) {
        std::vector<uint64_t> one(words_of(rows) + 1);
        std::vector<uint64_t> two(words_of(rows) + 1);
        std::vector<uint64_t> range(words_of(rows) + 1);
        std::vector<uint64_t> set(words_of(rows) + 1);
        compare_column(table, physical, operation, left.data(), rows, value, one.data());
        compare_two_columns(table, physical, operation, left.data(), right.data(), rows,
                            two.data());
        column_between(table, physical, left.data(), rows, value, value + width, range.data());
        column_in_set(table, physical, left.data(), rows, value, 2, set.data());
        bool same = true;
        for (uint32_t i = 0; i < rows; ++i) {
          const uint8_t* a = left.data() + size_t{i} * width;
          const uint8_t* b = right.data() + size_t{i} * width;
          const int low = compare_values(physical, a, value);
          const int high = compare_values(physical, a, value + width);
          same = same && test_bit(one.data(), i) == passes(operation, low);
          same =
              same && test_bit(two.data(), i) == passes(operation, compare_values(physical, a, b));
          same = same && test_bit(range.data(), i) == (low >= 0 && high <= 0);
          same = same && test_bit(set.data(), i) == (low == 0 || high == 0);
        }
        if (rows % 64 != 0) same = same && (one[rows / 64] >> (rows % 64)) == 0;
        CAPTURE(physical);
        CAPTURE(rows);
        CAPTURE(name_of(table.level));
        REQUIRE(same);
      });
    }
  }
}

TEST_CASE("simd: D1 sums and extremes are bit-identical at every level") {
  const uint64_t seed = platform::random_seed();
  CAPTURE(seed);
  platform::Random random(seed);
  for (const uint16_t physical : kFixed) {
    for (const uint32_t rows : lengths()) {
      const uint32_t width = width_of(physical);
      Guarded data(size_t{rows} * width);
      for (uint32_t i = 0; i < rows; ++i) {
        put_random(random, physical, data.data() + size_t{i} * width);
      }
      const std::vector<uint64_t> mask = random_bits(random, rows);
      const SimdTable& oracle = simd_table(SimdLevel::scalar);
      const bool is_float =
          physical == MORTISE_PHYSICAL_FLOAT32 || physical == MORTISE_PHYSICAL_FLOAT64;
      at_every_level([&](const SimdTable& table) {
        CAPTURE(physical);
        CAPTURE(rows);
        CAPTURE(name_of(table.level));
        for (const bool greatest : {false, true}) {
          uint8_t expected[16] = {};
          uint8_t found[16] = {};
          const uint32_t n =
              column_extreme(oracle, physical, data.data(), mask.data(), rows, greatest, expected);
          REQUIRE(n ==
                  column_extreme(table, physical, data.data(), mask.data(), rows, greatest, found));
          REQUIRE(std::memcmp(expected, found, sizeof(expected)) == 0);
        }
        if (is_float) {
          double expected = 0;
          double found = 0;
          column_sum_float(oracle, physical, data.data(), mask.data(), rows, &expected);
          column_sum_float(table, physical, data.data(), mask.data(), rows, &found);
          REQUIRE(std::memcmp(&expected, &found, sizeof(found)) == 0);
        } else if (width <= 8) {
          mortise_int128_t expected{};
          mortise_int128_t found{};
          column_sum_int(oracle, physical, data.data(), mask.data(), rows, &expected);
          column_sum_int(table, physical, data.data(), mask.data(), rows, &found);
          REQUIRE(expected.low == found.low);
          REQUIRE(expected.high == found.high);
        }
      });
    }
  }
}

TEST_CASE("simd: D1 bits become ascending positions at every level") {
  const uint64_t seed = platform::random_seed();
  CAPTURE(seed);
  platform::Random random(seed);
  for (const uint32_t rows : {64u, 128u, 192u, 2048u, 65536u}) {
    std::vector<uint64_t> bits = random_bits(random, rows);
    std::vector<uint16_t> expected;
    for (uint32_t i = 0; i < rows; ++i) {
      if (test_bit(bits.data(), i)) expected.push_back(static_cast<uint16_t>(i));
    }
    at_every_level([&](const SimdTable& table) {
      std::vector<uint16_t> found(rows + 64);
      const uint32_t count = table.bits_to_selection(bits.data(), rows, found.data());
      found.resize(count);
      CHECK(found == expected);
    });
  }
}

TEST_CASE("simd: strings compare by bytes, and numerics ignore their display scale") {
  const std::vector<std::string> texts = {
      "", "a", "ab", "abcdefghijkl", "abcd", "abcdefghijklm", "abcdefghijklz", "b"};
  std::vector<mortise_view_t> views;
  for (const std::string& t : texts) {
    views.push_back(make_view(t.data(), static_cast<uint32_t>(t.size())));
  }
  const uint32_t rows = static_cast<uint32_t>(texts.size());
  for (uint32_t v = 0; v < rows; ++v) {
    for (const uint32_t operation : kOperations) {
      uint64_t bits = 0;
      compare_column(simd(), MORTISE_PHYSICAL_TEXT, operation, views.data(), rows, &views[v],
                     &bits);
      for (uint32_t i = 0; i < rows; ++i) {
        CHECK(test_bit(&bits, i) == passes(operation, texts[i].compare(texts[v])));
      }
    }
    uint64_t starts = 0;
    column_prefix(views.data(), rows, views[v], &starts);
    for (uint32_t i = 0; i < rows; ++i) {
      CHECK(test_bit(&starts, i) == texts[i].starts_with(texts[v]));
    }
  }
  const uint8_t one[] = {1, 2, 0, 0};
  const uint8_t same[] = {1, 2, 0, 7};
  const mortise_view_t a = make_view(one, 4);
  const mortise_view_t b = make_view(same, 4);
  CHECK(compare_values(MORTISE_PHYSICAL_NUMERIC, &a, &b) == 0);
  CHECK(hash_value(MORTISE_PHYSICAL_NUMERIC, &a, 0) == hash_value(MORTISE_PHYSICAL_NUMERIC, &b, 0));
  CHECK(compare_values(MORTISE_PHYSICAL_BYTES, &a, &b) != 0);
}

TEST_CASE("simd: a filter never lets a null pass, but IS NULL does") {
  const int32_t values[16] = {1, 2, 3, 4};
  const uint64_t validity = 0b1011;
  const mortise_type_t type = {23, -1, MORTISE_PHYSICAL_INT32, 0, 0, 0};
  const mortise_column_t column = {&validity, values, 0, 0};
  const int32_t two = 2;
  const auto run = [&](uint32_t operation) {
    uint64_t bits = 0b1111;
    const mortise_filter_t filter = {0, operation, &two, 1, 0};
    simd_service()->filter(&type, &column, 4, &filter, &bits);
    return bits;
  };
  CHECK(run(MORTISE_FILTER_NE) == 0b1001);
  CHECK(run(MORTISE_FILTER_GE) == 0b1010);
  CHECK(run(MORTISE_FILTER_IS_NULL) == 0b0100);
  CHECK(run(MORTISE_FILTER_NOT_NULL) == 0b1011);
}

TEST_CASE("simd: O2 equal values hash alike across widths, and a bloom filter forgets none") {
  const int16_t small = -7;
  const int64_t large = -7;
  CHECK(hash_value(MORTISE_PHYSICAL_INT16, &small, 1) ==
        hash_value(MORTISE_PHYSICAL_INT64, &large, 1));
  const float minus = -0.0f;
  const double zero = 0.0;
  CHECK(hash_value(MORTISE_PHYSICAL_FLOAT32, &minus, 1) ==
        hash_value(MORTISE_PHYSICAL_FLOAT64, &zero, 1));
  std::vector<uint64_t> words(64);
  const mortise_bloom_t bloom = {words.data(), words.size()};
  std::vector<uint64_t> hashes(64);
  for (int64_t i = 0; i < 64; ++i) {
    hashes[static_cast<size_t>(i)] = hash_value(MORTISE_PHYSICAL_INT64, &i, 0);
  }
  bloom_add(bloom, hashes.data(), 64);
  uint64_t bits = ~uint64_t{0};
  bloom_test(simd(), bloom, hashes.data(), 64, &bits);
  CHECK(bits == ~uint64_t{0});
}

TEST_CASE("simd: D1 every level finds the same hashes in a bloom filter, among set bits only") {
  platform::Random random(5);
  std::vector<uint64_t> words(8 * 16);
  const mortise_bloom_t bloom = {words.data(), words.size()};
  std::vector<uint64_t> hashes(1000);
  for (uint64_t& hash : hashes) hash = random.next();
  bloom_add(bloom, hashes.data(), 60);
  for (const uint32_t rows : {0u, 1u, 63u, 64u, 65u, 200u, 1000u}) {
    std::vector<uint64_t> before(words_of(rows) + 1);
    for (uint64_t& word : before) word = random.next() | random.next();
    std::vector<uint64_t> expected = before;
    bloom_test(simd_table(SimdLevel::scalar), bloom, hashes.data(), rows, expected.data());
    for (uint32_t i = 0; i < std::min(rows, 60u); ++i) {
      CHECK(test_bit(expected.data(), i) == test_bit(before.data(), i));
    }
    if (rows == 1000) CHECK(count_bits(expected.data(), rows) < 400);
    for (uint32_t level = 1; level < kSimdLevelCount; ++level) {
      if (!is_supported(static_cast<SimdLevel>(level))) continue;
      CAPTURE(level);
      std::vector<uint64_t> bits = before;
      bloom_test(simd_table(static_cast<SimdLevel>(level)), bloom, hashes.data(), rows,
                 bits.data());
      CHECK(bits == expected);
    }
  }
}

}  // namespace
}  // namespace mortise::scan
