// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: where do the many small things of one query live?
//
// A pointer is moved forward in a chunk; everything is given back at once.  Chunks double from 4
// KiB (first) to 1 MiB and are charged to an account; a larger request gets a chunk of its own.
//
// Invariants
//   A1  What allocate() answers is aligned as asked and stays until reset() or destruction.
//   A2  No destructors run: only trivially destructible things go in (create() checks).
//   A3  The account is charged for exactly the chunks that are held.
//
// Threads: one owner at a time.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include "kernel/base/bytes.hpp"
#include "kernel/memory/account.hpp"
#include "kernel/memory/poison.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::memory {

class Arena {
 public:
  static constexpr size_t kFirstChunkBytes = 4096;
  static constexpr size_t kChunkBytesMax = size_t{1} << 20;
  static constexpr size_t kCacheLineBytes = 64;

  explicit Arena(MemoryAccount& account) : account_(account) {}
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // nullptr when the account refuses; refusal() then says why.  Zero bytes give a valid address.
  // Precondition: alignment is a power of two, at most 4096.
  [[nodiscard]] void* allocate(size_t size_bytes, size_t alignment = alignof(std::max_align_t)) {
    const uintptr_t at = align_up(reinterpret_cast<uintptr_t>(next_), alignment);
    const uintptr_t end = reinterpret_cast<uintptr_t>(end_);
    if (at <= end && size_bytes <= end - at) [[likely]] {
      next_ = reinterpret_cast<std::byte*>(at + size_bytes);
      unpoison(next_ - size_bytes, size_bytes);
      return next_ - size_bytes;
    }
    return allocate_slow(size_bytes, alignment);
  }

  // A T in the arena, or nullptr.
  template <typename T, typename... Arguments>
  [[nodiscard]] T* create(Arguments&&... arguments) {
    static_assert(std::is_trivially_destructible_v<T>, "A2");
    void* place = allocate(sizeof(T), alignof(T));
    if (place == nullptr) return nullptr;
    if constexpr (std::is_constructible_v<T, Arguments...>) {
      return new (place) T(std::forward<Arguments>(arguments)...);
    } else {
      return new (place) T{std::forward<Arguments>(arguments)...};  // an aggregate
    }
  }
  // `count` value-initialised Ts; an empty span with nullptr data when refused.
  template <typename T>
  [[nodiscard]] std::span<T> create_array(size_t count, size_t alignment = alignof(T)) {
    static_assert(std::is_trivially_destructible_v<T>, "A2");
    if (count > SIZE_MAX / sizeof(T)) return {};
    void* place = allocate(count * sizeof(T), alignment);
    if (place == nullptr) return {};
    T* first = static_cast<T*>(place);
    for (size_t i = 0; i < count; ++i) new (first + i) T();
    return {first, count};
  }
  // A copy that lives as long as the arena; data() == nullptr when refused.
  [[nodiscard]] std::string_view copy(std::string_view text) {
    void* place = allocate(text.size(), 1);
    if (place == nullptr) return {};
    if (!text.empty()) std::memcpy(place, text.data(), text.size());
    return {static_cast<const char*>(place), text.size()};
  }

  // Why the last allocate() answered nullptr.
  const Status& refusal() const { return refusal_; }
  // Everything allocated is gone; the largest chunk is kept for the next round.
  void reset();
  // Bytes of all chunks, as charged.
  size_t held_bytes() const { return held_bytes_; }
  MemoryAccount& account() const { return account_; }

 private:
  struct Chunk;
  void* allocate_slow(size_t size_bytes, size_t alignment);
  Chunk* make_chunk(size_t size_bytes);
  void free_chunk(Chunk* chunk);

  MemoryAccount& account_;
  std::byte* next_ = nullptr;
  std::byte* end_ = nullptr;
  Chunk* chunks_ = nullptr;  // the newest first
  size_t held_bytes_ = 0;
  size_t next_chunk_bytes_ = kFirstChunkBytes;
  Status refusal_;
};

}  // namespace mortise::memory
