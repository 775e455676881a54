// SPDX-License-Identifier: Apache-2.0

// The oracle: one value at a time, in the order that every other level must reproduce (D1).

#include <bit>

#include "kernel/scan/simd_levels.hpp"
#include "kernel/scan/value_order.hpp"

namespace mortise::scan {
namespace {

template <typename T>
struct Keyed {
  static T key(T value) { return value; }
  static T value(T key) { return key; }
};
template <>
struct Keyed<float> {
  static int32_t key(float value) { return float_key(value); }
  static float value(int32_t key) { return float_of_key(key); }
};
template <>
struct Keyed<double> {
  static int64_t key(double value) { return float_key(value); }
  static double value(int64_t key) { return float_of_key(key); }
};

template <typename T>
T at(const void* data, uint32_t i) {
  return load_value<T>(static_cast<const uint8_t*>(data) + size_t{i} * sizeof(T));
}

template <typename K>
bool holds(Relation relation, K a, K b) {
  switch (relation) {
    case Relation::equal:
      return a == b;
    case Relation::less:
      return a < b;
    case Relation::greater:
      return a > b;
  }
  return false;
}

template <typename F>
void fill_bits(uint32_t rows, uint64_t* bits, F&& test) {
  for (uint32_t word = 0; word < words_of(rows); ++word) {
    uint64_t value = 0;
    for (uint32_t i = word * 64; i < rows && i < word * 64 + 64; ++i) {
      value |= uint64_t{test(i)} << (i % 64);
    }
    bits[word] = value;
  }
}

template <typename T>
void compare(const void* data, uint32_t rows, const void* value, Relation relation,
             uint64_t* bits) {
  const auto key = Keyed<T>::key(load_value<T>(value));
  fill_bits(rows, bits,
            [&](uint32_t i) { return holds(relation, Keyed<T>::key(at<T>(data, i)), key); });
}

template <typename T>
void compare_columns(const void* left, const void* right, uint32_t rows, Relation relation,
                     uint64_t* bits) {
  fill_bits(rows, bits, [&](uint32_t i) {
    return holds(relation, Keyed<T>::key(at<T>(left, i)), Keyed<T>::key(at<T>(right, i)));
  });
}

template <typename T>
void between(const void* data, uint32_t rows, const void* low, const void* high, uint64_t* bits) {
  const auto least = Keyed<T>::key(load_value<T>(low));
  const auto most = Keyed<T>::key(load_value<T>(high));
  fill_bits(rows, bits, [&](uint32_t i) {
    const auto key = Keyed<T>::key(at<T>(data, i));
    return least <= key && key <= most;
  });
}

template <typename T>
void extreme(const void* data, const uint64_t* mask, uint32_t rows, bool greatest, void* value) {
  using K = decltype(Keyed<T>::key(T{}));
  K best{};
  bool found = false;
  for (uint32_t i = 0; i < rows; ++i) {
    if (!test_bit(mask, i)) continue;
    const K key = Keyed<T>::key(at<T>(data, i));
    if (!found || (greatest ? key > best : key < best)) best = key;
    found = true;
  }
  if (!found) return;
  const T result = Keyed<T>::value(best);
  std::memcpy(value, &result, sizeof(T));
}

template <typename T>
void sum_int(const void* data, const uint64_t* mask, uint32_t rows, mortise_int128_t* sum) {
  Int128 total = 0;
  for (uint32_t i = 0; i < rows; ++i) {
    if (test_bit(mask, i)) total += at<T>(data, i);
  }
  sum->low = static_cast<uint64_t>(total);
  sum->high = static_cast<int64_t>(total >> 64);
}

template <typename T>
void sum_float(const void* data, const uint64_t* mask, uint32_t rows, double* sum) {
  double lanes[kFloatLanes] = {};
  for (uint32_t i = 0; i < rows; ++i) {
    lanes[i % kFloatLanes] += test_bit(mask, i) ? static_cast<double>(at<T>(data, i)) : 0.0;
  }
  *sum = add_lanes(lanes);
}

uint32_t bits_to_selection(const uint64_t* bits, uint32_t rows, uint16_t* selection) {
  uint32_t count = 0;
  for (uint32_t word = 0; word < words_of(rows); ++word) {
    for (uint64_t rest = bits[word]; rest != 0; rest &= rest - 1) {
      selection[count++] = static_cast<uint16_t>(word * 64 + std::countr_zero(rest));
    }
  }
  return count;
}

void bloom_test(const mortise_bloom_t& bloom, const uint64_t* hashes, uint32_t rows,
                uint64_t* bits) {
  for (uint32_t word = 0; word < words_of(rows); ++word) {
    for (uint64_t rest = bits[word]; rest != 0; rest &= rest - 1) {
      const uint32_t i = word * 64 + static_cast<uint32_t>(std::countr_zero(rest));
      if (i >= rows) break;
      const uint64_t* const block = bloom_block(bloom, hashes[i]);
      uint64_t spread = hashes[i] * kBloomSpread;
      bool is_in = true;
      for (uint32_t k = 0; k < kBloomWords && is_in; ++k, spread >>= kBloomBits) {
        is_in = ((block[k] >> (spread & 63)) & 1) != 0;
      }
      if (!is_in) clear_bit(bits, i);
    }
  }
}

constexpr SimdTable kScalar = {
    SimdLevel::scalar,
    {compare<int16_t>, compare<int32_t>, compare<int64_t>, compare<float>, compare<double>},
    {compare_columns<int16_t>, compare_columns<int32_t>, compare_columns<int64_t>,
     compare_columns<float>, compare_columns<double>},
    {between<int16_t>, between<int32_t>, between<int64_t>, between<float>, between<double>},
    {extreme<int16_t>, extreme<int32_t>, extreme<int64_t>, extreme<float>, extreme<double>},
    {sum_int<int16_t>, sum_int<int32_t>, sum_int<int64_t>},
    {sum_float<float>, sum_float<double>},
    bits_to_selection,
    bloom_test,
};

}  // namespace

const SimdTable& scalar_table() {
  return kScalar;
}

double add_lanes(double* lanes) {
  for (uint32_t half = kFloatLanes / 2; half != 0; half /= 2) {
    for (uint32_t k = 0; k < half; ++k) lanes[k] += lanes[k + half];
  }
  return lanes[0] != lanes[0] ? std::numeric_limits<double>::quiet_NaN() : lanes[0];
}

}  // namespace mortise::scan
