// SPDX-License-Identifier: Apache-2.0

// The vector kernels, compiled once per instruction set by Highway.
//
// After Debian's Highway 1.0.3: masks become bits through StoreMaskBits; Compress is followed by an
// unmasked store into slack, because CompressStore is slow on some AVX-512 parts.  Differences
// between instruction sets end here: every function gives what simd_scalar.cpp gives (D1).

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernel/scan/simd_vector.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h comes first: it includes this file once per instruction set.
#include <hwy/highway.h>

#include "kernel/scan/simd_levels.hpp"
#include "kernel/scan/value_order.hpp"

HWY_BEFORE_NAMESPACE();
namespace mortise::scan::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// A mask as the low bits of a word.
template <class D, class M>
HWY_INLINE uint64_t word_of(D d, M mask) {
  uint8_t bytes[8] = {};
  hn::StoreMaskBits(d, mask, bytes);
  uint64_t word;
  std::memcpy(&word, bytes, sizeof(word));
  return word;
}

template <class D>
HWY_INLINE auto mask_of(D d, uint64_t word) {
  uint8_t bytes[8];
  std::memcpy(bytes, &word, sizeof(word));
  return hn::LoadMaskBits(d, bytes);
}

// Values in the order of integers (value_order.hpp, float_key).
template <typename T>
struct Keys {
  using K = T;
  static K of(T value) { return value; }
  template <class D>
  static HWY_INLINE hn::Vec<D> load(D d, const T* from) {
    return hn::LoadU(d, from);
  }
};
template <typename F, typename I>
struct FloatKeys {
  using K = I;
  static K of(F value) { return float_key(value); }
  template <class D>
  static HWY_INLINE hn::Vec<D> load(D d, const F* from) {
    const hn::Rebind<F, D> df;
    const auto value = hn::Add(hn::LoadU(df, from), hn::Zero(df));
    const auto bits = hn::BitCast(d, value);
    const auto sign = hn::BroadcastSignBit(bits);
    const auto flipped = hn::Xor(bits, hn::And(sign, hn::Set(d, hwy::LimitsMax<I>())));
    const auto is_nan = hn::RebindMask(d, hn::IsNaN(value));
    return hn::IfThenElse(is_nan, hn::Set(d, hwy::LimitsMax<I>()), flipped);
  }
};
template <>
struct Keys<float> : FloatKeys<float, int32_t> {};
template <>
struct Keys<double> : FloatKeys<double, int64_t> {};

// Fills words of 64 rows from `test(i)`, which answers the mask of the vector at row i.
template <class D, class Test>
HWY_INLINE void fill_words(D d, uint32_t rows, uint64_t* bits, Test&& test) {
  const uint32_t lanes = static_cast<uint32_t>(hn::Lanes(d));
  for (uint32_t base = 0; base < rows; base += 64) {
    const uint32_t end = rows - base < 64 ? rows - base : 64;
    uint64_t word = 0;
    for (uint32_t i = 0; i < end; i += lanes) word |= word_of(d, test(base + i)) << i;
    bits[base / 64] = word;
  }
}

template <typename T>
HWY_ATTR void compare(const void* data, uint32_t rows, const void* value, Relation relation,
                      uint64_t* bits) {
  using K = typename Keys<T>::K;
  const hn::ScalableTag<K> d;
  const T* from = static_cast<const T*>(data);
  const auto key = hn::Set(d, Keys<T>::of(load_value<T>(value)));
  switch (relation) {
    case Relation::equal:
      return fill_words(d, rows, bits, [&](uint32_t i) HWY_ATTR {
        return hn::Eq(Keys<T>::load(d, from + i), key);
      });
    case Relation::less:
      return fill_words(d, rows, bits, [&](uint32_t i) HWY_ATTR {
        return hn::Lt(Keys<T>::load(d, from + i), key);
      });
    case Relation::greater:
      return fill_words(d, rows, bits, [&](uint32_t i) HWY_ATTR {
        return hn::Gt(Keys<T>::load(d, from + i), key);
      });
  }
}

template <typename T>
HWY_ATTR void compare_columns(const void* left, const void* right, uint32_t rows, Relation relation,
                              uint64_t* bits) {
  using K = typename Keys<T>::K;
  const hn::ScalableTag<K> d;
  const T* a = static_cast<const T*>(left);
  const T* b = static_cast<const T*>(right);
  switch (relation) {
    case Relation::equal:
      return fill_words(d, rows, bits, [&](uint32_t i) HWY_ATTR {
        return hn::Eq(Keys<T>::load(d, a + i), Keys<T>::load(d, b + i));
      });
    case Relation::less:
      return fill_words(d, rows, bits, [&](uint32_t i) HWY_ATTR {
        return hn::Lt(Keys<T>::load(d, a + i), Keys<T>::load(d, b + i));
      });
    case Relation::greater:
      return fill_words(d, rows, bits, [&](uint32_t i) HWY_ATTR {
        return hn::Gt(Keys<T>::load(d, a + i), Keys<T>::load(d, b + i));
      });
  }
}

template <typename T>
HWY_ATTR void between(const void* data, uint32_t rows, const void* low, const void* high,
                      uint64_t* bits) {
  using K = typename Keys<T>::K;
  const hn::ScalableTag<K> d;
  const T* from = static_cast<const T*>(data);
  const auto least = hn::Set(d, Keys<T>::of(load_value<T>(low)));
  const auto most = hn::Set(d, Keys<T>::of(load_value<T>(high)));
  fill_words(d, rows, bits, [&](uint32_t i) HWY_ATTR {
    const auto key = Keys<T>::load(d, from + i);
    return hn::Not(hn::Or(hn::Lt(key, least), hn::Gt(key, most)));
  });
}

template <typename T>
HWY_ATTR void extreme(const void* data, const uint64_t* mask, uint32_t rows, bool greatest,
                      void* value) {
  using K = typename Keys<T>::K;
  const hn::ScalableTag<K> d;
  const uint32_t lanes = static_cast<uint32_t>(hn::Lanes(d));
  const T* from = static_cast<const T*>(data);
  const K none = greatest ? hwy::LimitsMin<K>() : hwy::LimitsMax<K>();
  auto best = hn::Set(d, none);
  uint64_t any = 0;
  for (uint32_t i = 0; i < rows; i += lanes) {
    const uint64_t word = mask[i / 64] >> (i % 64);
    any |= mask[i / 64];
    const auto key = hn::IfThenElse(mask_of(d, word), Keys<T>::load(d, from + i), hn::Set(d, none));
    best = greatest ? hn::Max(best, key) : hn::Min(best, key);
  }
  if (any == 0) return;
  HWY_ALIGN K all[hn::MaxLanes(hn::ScalableTag<K>())];
  hn::Store(best, d, all);
  K result = all[0];
  for (uint32_t k = 1; k < lanes; ++k) {
    result = greatest ? (all[k] > result ? all[k] : result) : (all[k] < result ? all[k] : result);
  }
  if constexpr (std::is_same_v<K, T>) {
    std::memcpy(value, &result, sizeof(T));
  } else {
    const T as_float = float_of_key(result);
    std::memcpy(value, &as_float, sizeof(T));
  }
}

// Sums of the low and of the high halves of 64-bit values: neither can overflow in 65,536 rows.
template <typename T>
HWY_ATTR void sum_int(const void* data, const uint64_t* mask, uint32_t rows,
                      mortise_int128_t* sum) {
  const hn::ScalableTag<int64_t> d;
  const hn::Rebind<T, decltype(d)> dn;
  const uint32_t lanes = static_cast<uint32_t>(hn::Lanes(d));
  const T* from = static_cast<const T*>(data);
  auto low = hn::Zero(d);
  auto high = hn::Zero(d);
  for (uint32_t i = 0; i < rows; i += lanes) {
    const auto counts = mask_of(d, mask[i / 64] >> (i % 64));
    hn::Vec<decltype(d)> value;
    if constexpr (std::is_same_v<T, int64_t>) {
      value = hn::IfThenElseZero(counts, hn::LoadU(d, from + i));
      low = hn::Add(low, hn::And(value, hn::Set(d, 0xFFFFFFFF)));
      high = hn::Add(high, hn::ShiftRight<32>(value));
    } else if constexpr (std::is_same_v<T, int32_t>) {
      value = hn::IfThenElseZero(counts, hn::PromoteTo(d, hn::LoadU(dn, from + i)));
      low = hn::Add(low, value);
    } else {
      const hn::Rebind<int32_t, decltype(d)> di;
      const auto wider = hn::PromoteTo(di, hn::LoadU(dn, from + i));
      value = hn::IfThenElseZero(counts, hn::PromoteTo(d, wider));
      low = hn::Add(low, value);
    }
  }
  HWY_ALIGN int64_t lows[hn::MaxLanes(hn::ScalableTag<int64_t>())];
  HWY_ALIGN int64_t highs[hn::MaxLanes(hn::ScalableTag<int64_t>())];
  hn::Store(low, d, lows);
  hn::Store(high, d, highs);
  Int128 total = 0;
  for (uint32_t k = 0; k < lanes; ++k) total += lows[k] + (Int128{highs[k]} << 32);
  sum->low = static_cast<uint64_t>(total);
  sum->high = static_cast<int64_t>(total >> 64);
}

template <typename T>
HWY_ATTR void sum_float(const void* data, const uint64_t* mask, uint32_t rows, double* sum) {
  const hn::CappedTag<double, 8> d;
  const hn::Rebind<T, decltype(d)> dn;
  constexpr uint32_t kLanesMax = 8;
  const uint32_t lanes = static_cast<uint32_t>(hn::Lanes(d));
  static_assert(kFloatLanes % kLanesMax == 0);
  const T* from = static_cast<const T*>(data);
  HWY_ALIGN double all[kFloatLanes] = {};
  for (uint32_t first = 0; first < kFloatLanes; first += lanes) {
    auto total = hn::Zero(d);
    for (uint32_t i = first; i < rows; i += kFloatLanes) {
      const auto counts = mask_of(d, mask[i / 64] >> (i % 64));
      if constexpr (std::is_same_v<T, double>) {
        total = hn::Add(total, hn::IfThenElseZero(counts, hn::LoadU(d, from + i)));
      } else {
        const auto wide = hn::PromoteTo(d, hn::LoadU(dn, from + i));
        total = hn::Add(total, hn::IfThenElseZero(counts, wide));
      }
    }
    hn::Store(total, d, all + first);
  }
  *sum = add_lanes(all);
}

HWY_ATTR uint32_t bits_to_selection(const uint64_t* bits, uint32_t rows, uint16_t* selection) {
  const hn::CappedTag<uint16_t, 32> d;
  const uint32_t lanes = static_cast<uint32_t>(hn::Lanes(d));
  uint32_t count = 0;
  for (uint32_t base = 0; base < rows; base += 64) {
    uint64_t word = bits[base / 64];
    if (hwy::PopCount(word) < 16) {
      for (; word != 0; word &= word - 1) {
        selection[count++] = static_cast<uint16_t>(base + hwy::Num0BitsBelowLS1Bit_Nonzero64(word));
      }
      continue;
    }
    for (uint32_t i = 0; i < 64; i += lanes) {
      const uint64_t part = lanes == 64 ? word : (word >> i) & ((uint64_t{1} << lanes) - 1);
      const auto positions = hn::Iota(d, static_cast<uint16_t>(base + i));
      hn::StoreU(hn::Compress(positions, mask_of(d, part)), d, selection + count);
      count += static_cast<uint32_t>(hwy::PopCount(part));
    }
  }
  return count;
}

// Without a branch on what it finds, so that the misses of neighbours overlap.
HWY_ATTR void bloom_test(const mortise_bloom_t& bloom, const uint64_t* hashes, uint32_t rows,
                         uint64_t* bits) {
  const hn::CappedTag<uint64_t, kBloomWords> d;
  const uint32_t lanes = static_cast<uint32_t>(hn::Lanes(d));
  HWY_ALIGN uint64_t shifts[kBloomWords];
  for (uint32_t k = 0; k < kBloomWords; ++k) shifts[k] = k * kBloomBits;
  const auto low = hn::Set(d, 63);
  const auto one = hn::Set(d, 1);
  for (uint32_t base = 0; base < rows; base += 64) {
    uint64_t rest = bits[base / 64];
    if (rows - base < 64) rest &= (uint64_t{1} << (rows - base)) - 1;
    uint64_t absent = 0;
    for (; rest != 0; rest &= rest - 1) {
      const uint64_t i = hwy::Num0BitsBelowLS1Bit_Nonzero64(rest);
      const uint64_t hash = hashes[base + i];
      const uint64_t* const block = bloom_block(bloom, hash);
      const auto spread = hn::Set(d, hash * kBloomSpread);
      auto missing = hn::Zero(d);
      for (uint32_t k = 0; k < kBloomWords; k += lanes) {
        const auto place = hn::And(hn::Shr(spread, hn::Load(d, shifts + k)), low);
        missing = hn::Or(missing, hn::AndNot(hn::LoadU(d, block + k), hn::Shl(one, place)));
      }
      absent |= uint64_t{!hn::AllTrue(d, hn::Eq(missing, hn::Zero(d)))} << i;
    }
    bits[base / 64] &= ~absent;
  }
}

SimdTable make_table() {
  return SimdTable{
      SimdLevel::scalar,  // the caller's to set
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
}

}  // namespace mortise::scan::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mortise::scan {

HWY_EXPORT(make_table);

const SimdTable* vector_table(SimdLevel level) {
  const int64_t target = level == SimdLevel::sse4   ? HWY_SSE4
                         : level == SimdLevel::avx2 ? HWY_AVX2
                                                    : HWY_AVX3;
  // AVX-512 with and without the newer extensions is one level; the better one is taken.
  const int64_t wanted = level == SimdLevel::avx512 ? (HWY_AVX3 | HWY_AVX3_DL) : target;
  hwy::SetSupportedTargetsForTest(0);
  const int64_t usable = hwy::SupportedTargets() & wanted & (HWY_TARGETS);
  if (usable == 0) return nullptr;
  hwy::SetSupportedTargetsForTest(usable);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  static SimdTable tables[kSimdLevelCount];
  SimdTable& table = tables[static_cast<uint8_t>(level)];
  table = HWY_DYNAMIC_DISPATCH(make_table)();
  table.level = level;
  hwy::SetSupportedTargetsForTest(0);
  return &table;
}

}  // namespace mortise::scan
#endif  // HWY_ONCE
