// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a use of freed memory show?
//
// Under AddressSanitizer freed pieces are poisoned, so that a touch ends the test with a stack;
// in other debug builds they are filled; in release builds nothing happens.
//
// Threads: like a write to the range.

#include <cstddef>
#include <cstring>

#if defined(__SANITIZE_ADDRESS__)
#define MORTISE_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MORTISE_ADDRESS_SANITIZER 1
#endif
#endif

#if defined(MORTISE_ADDRESS_SANITIZER)
#include <sanitizer/asan_interface.h>
#endif

namespace mortise::memory {

inline constexpr int kFreshByte = 0xCD;
inline constexpr int kFreedByte = 0xDD;

inline void fill_for_debug([[maybe_unused]] void* at, [[maybe_unused]] int byte,
                           [[maybe_unused]] size_t size_bytes) {
#ifndef NDEBUG
  std::memset(at, byte, size_bytes);
#endif
}

inline void poison([[maybe_unused]] const void* at, [[maybe_unused]] size_t size_bytes) {
#if defined(MORTISE_ADDRESS_SANITIZER)
  ASAN_POISON_MEMORY_REGION(at, size_bytes);
#endif
}

inline void unpoison([[maybe_unused]] const void* at, [[maybe_unused]] size_t size_bytes) {
#if defined(MORTISE_ADDRESS_SANITIZER)
  ASAN_UNPOISON_MEMORY_REGION(at, size_bytes);
#endif
}

}  // namespace mortise::memory
