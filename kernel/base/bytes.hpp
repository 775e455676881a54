// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how do numbers lie in stored bytes?
//
// Little-endian, unaligned, by value.  Every stored format goes through these, so that a file
// written on one machine opens on another.  Compilers turn them into single moves.
//
// Threads: pure functions.

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

namespace mortise {

static_assert(std::endian::native == std::endian::little,
              "a big-endian port has to swap in load_le and store_le");

template <typename T>
concept PlainInteger = std::integral<T> && !std::same_as<T, bool>;

// Precondition: sizeof(T) bytes are readable at `from`.
template <PlainInteger T>
T load_le(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

// Precondition: sizeof(T) bytes are writable at `into`.
template <PlainInteger T>
void store_le(std::byte* into, T value) {
  std::memcpy(into, &value, sizeof(T));
}

// The same for strong ids and stored enums.
template <typename T>
requires std::is_enum_v<T> T load_le(const std::byte* from) {
  return static_cast<T>(load_le<std::underlying_type_t<T>>(from));
}
template <typename T>
requires std::is_enum_v<T>
void store_le(std::byte* into, T value) {
  store_le(into, static_cast<std::underlying_type_t<T>>(value));
}

constexpr bool is_power_of_two(uint64_t x) {
  return std::has_single_bit(x);
}
// Precondition: alignment is a power of two.
constexpr uint64_t align_up(uint64_t x, uint64_t alignment) {
  return (x + alignment - 1) & ~(alignment - 1);
}
constexpr uint64_t align_down(uint64_t x, uint64_t alignment) {
  return x & ~(alignment - 1);
}
constexpr bool is_aligned(uint64_t x, uint64_t alignment) {
  return (x & (alignment - 1)) == 0;
}
inline bool is_aligned(const void* p, uint64_t alignment) {
  return is_aligned(reinterpret_cast<uintptr_t>(p), alignment);
}

inline std::span<const std::byte> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
inline std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace mortise
