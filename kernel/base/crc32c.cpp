// SPDX-License-Identifier: Apache-2.0
#include "kernel/base/crc32c.hpp"

#include <array>

#include "kernel/base/bytes.hpp"

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace mortise {
namespace {

constexpr uint32_t kPolynomialReversed = 0x82F63B78u;

using Tables = std::array<std::array<uint32_t, 256>, 8>;

// Eight tables: eight bytes per step ("slicing by 8", Kounavis and Berry).
constexpr Tables make_tables() {
  Tables tables{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomialReversed : 0);
    }
    tables[0][i] = crc;
  }
  for (size_t t = 1; t < tables.size(); ++t) {
    for (size_t i = 0; i < 256; ++i) {
      tables[t][i] = (tables[t - 1][i] >> 8) ^ tables[0][tables[t - 1][i] & 0xFF];
    }
  }
  return tables;
}

constexpr Tables kTables = make_tables();

uint32_t step_byte(uint32_t state, std::byte byte) {
  return (state >> 8) ^ kTables[0][(state ^ static_cast<uint32_t>(byte)) & 0xFF];
}

#if defined(__x86_64__)

// The state of three streams is joined by multiplying with x^(8 * stream bytes): one table of
// four bytes per stream length, applied to the four bytes of the state.
using Shift = std::array<std::array<uint32_t, 256>, 4>;

// State after `zero_count` zero bytes.
constexpr uint32_t advance_zeros(uint32_t state, size_t zero_count) {
  for (size_t i = 0; i < zero_count; ++i) {
    state = (state >> 8) ^ kTables[0][state & 0xFF];
  }
  return state;
}

constexpr Shift make_shift(size_t stream_bytes) {
  // The operation is linear over xor: 32 single bits say everything.
  std::array<uint32_t, 32> of_bit{};
  for (size_t bit = 0; bit < 32; ++bit) {
    of_bit[bit] = advance_zeros(uint32_t{1} << bit, stream_bytes);
  }
  Shift shift{};
  for (size_t byte = 0; byte < 4; ++byte) {
    for (size_t value = 0; value < 256; ++value) {
      uint32_t sum = 0;
      for (size_t bit = 0; bit < 8; ++bit) {
        if ((value >> bit & 1) != 0) sum ^= of_bit[byte * 8 + bit];
      }
      shift[byte][value] = sum;
    }
  }
  return shift;
}

constexpr size_t kLongStreamBytes = 1344;  // 3 * 1344 = 4032: nearly a page
constexpr size_t kShortStreamBytes = 168;

const Shift& long_shift() {
  static const Shift shift = make_shift(kLongStreamBytes);
  return shift;
}
const Shift& short_shift() {
  static const Shift shift = make_shift(kShortStreamBytes);
  return shift;
}

uint32_t apply(const Shift& shift, uint32_t state) {
  return shift[0][state & 0xFF] ^ shift[1][state >> 8 & 0xFF] ^ shift[2][state >> 16 & 0xFF] ^
         shift[3][state >> 24];
}

// The instruction has a latency of three cycles and a throughput of one: three streams at a time.
template <size_t kStreamBytes>
__attribute__((target("sse4.2"))) uint32_t three_streams(const Shift& shift, uint32_t state,
                                                         const std::byte*& at, size_t& left) {
  static_assert(kStreamBytes % 8 == 0);
  while (left >= 3 * kStreamBytes) {
    uint64_t a = state;
    uint64_t b = 0;
    uint64_t c = 0;
    for (size_t i = 0; i < kStreamBytes; i += 8) {
      a = _mm_crc32_u64(a, load_le<uint64_t>(at + i));
      b = _mm_crc32_u64(b, load_le<uint64_t>(at + kStreamBytes + i));
      c = _mm_crc32_u64(c, load_le<uint64_t>(at + 2 * kStreamBytes + i));
    }
    state = apply(shift, static_cast<uint32_t>(a)) ^ static_cast<uint32_t>(b);
    state = apply(shift, state) ^ static_cast<uint32_t>(c);
    at += 3 * kStreamBytes;
    left -= 3 * kStreamBytes;
  }
  return state;
}

__attribute__((target("sse4.2"))) uint32_t crc32c_instruction(uint32_t seed, const std::byte* at,
                                                              size_t left) {
  uint32_t state = ~seed;
  if (left >= 3 * kLongStreamBytes) {
    state = three_streams<kLongStreamBytes>(long_shift(), state, at, left);
  }
  if (left >= 3 * kShortStreamBytes) {
    state = three_streams<kShortStreamBytes>(short_shift(), state, at, left);
  }
  uint64_t wide = state;
  for (; left >= 8; at += 8, left -= 8) wide = _mm_crc32_u64(wide, load_le<uint64_t>(at));
  state = static_cast<uint32_t>(wide);
  for (; left > 0; ++at, --left) state = _mm_crc32_u8(state, static_cast<uint8_t>(*at));
  return ~state;
}

#endif

}  // namespace

bool has_crc32c_instruction() {
#if defined(__x86_64__)
  static const bool has = __builtin_cpu_supports("sse4.2") != 0;
  return has;
#else
  return false;
#endif
}

uint32_t crc32c_portable(uint32_t seed, std::span<const std::byte> bytes) {
  uint32_t state = ~seed;
  const std::byte* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8) {
    const uint64_t word = load_le<uint64_t>(at) ^ state;
    state = kTables[7][word & 0xFF] ^ kTables[6][word >> 8 & 0xFF] ^ kTables[5][word >> 16 & 0xFF] ^
            kTables[4][word >> 24 & 0xFF] ^ kTables[3][word >> 32 & 0xFF] ^
            kTables[2][word >> 40 & 0xFF] ^ kTables[1][word >> 48 & 0xFF] ^ kTables[0][word >> 56];
  }
  for (; left > 0; ++at, --left) state = step_byte(state, *at);
  return ~state;
}

uint32_t crc32c(uint32_t seed, std::span<const std::byte> bytes) {
#if defined(__x86_64__)
  if (has_crc32c_instruction()) return crc32c_instruction(seed, bytes.data(), bytes.size());
#endif
  return crc32c_portable(seed, bytes);
}

}  // namespace mortise
