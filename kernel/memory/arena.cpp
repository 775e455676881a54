// SPDX-License-Identifier: Apache-2.0
#include "kernel/memory/arena.hpp"

#include <algorithm>
#include <new>

#include "kernel/memory/poison.hpp"

namespace mortise::memory {

// Stands at the beginning of its own memory.
struct Arena::Chunk {
  Chunk* older;
  size_t size_bytes;  // with this header

  std::byte* begin() { return reinterpret_cast<std::byte*>(this) + kCacheLineBytes; }
  std::byte* end() { return reinterpret_cast<std::byte*>(this) + size_bytes; }
};

namespace {
constexpr size_t kChunkAlignmentBytes = 64;
constexpr size_t kAlignmentBytesMax = 4096;
}  // namespace

Arena::~Arena() {
  while (chunks_ != nullptr) {
    Chunk* const older = chunks_->older;
    free_chunk(chunks_);
    chunks_ = older;
  }
  MORTISE_ASSERT(held_bytes_ == 0);  // A3
}

Arena::Chunk* Arena::make_chunk(size_t size_bytes) {
  refusal_ = account_.charge(size_bytes);
  if (!refusal_) return nullptr;
  void* const place =
      ::operator new (size_bytes, std::align_val_t{kChunkAlignmentBytes}, std::nothrow);
  if (place == nullptr) {
    account_.release(size_bytes);
    refusal_ = no_memory("out of memory: the system has no " + std::to_string(size_bytes) +
                         " bytes for " + account_.kind() + " \"" + account_.name() + "\"");
    return nullptr;
  }
  held_bytes_ += size_bytes;
  Chunk* const chunk = new (place) Chunk{nullptr, size_bytes};
  fill_for_debug(chunk->begin(), kFreshByte, static_cast<size_t>(chunk->end() - chunk->begin()));
  poison(chunk->begin(), static_cast<size_t>(chunk->end() - chunk->begin()));
  return chunk;
}

void Arena::free_chunk(Chunk* chunk) {
  const size_t size = chunk->size_bytes;
  unpoison(chunk, size);
  ::operator delete (chunk, std::align_val_t{kChunkAlignmentBytes});
  MORTISE_ASSERT(held_bytes_ >= size);
  held_bytes_ -= size;
  account_.release(size);
}

void* Arena::allocate_slow(size_t size_bytes, size_t alignment) {
  MORTISE_ASSERT(is_power_of_two(alignment));
  MORTISE_ASSERT(alignment <= kAlignmentBytesMax);
  static_assert(sizeof(Chunk) <= kCacheLineBytes);
  const size_t slack = alignment > kChunkAlignmentBytes ? alignment : 0;
  if (size_bytes > SIZE_MAX / 2) {
    refusal_ = no_memory("out of memory: " + std::to_string(size_bytes) + " bytes wanted at once");
    return nullptr;
  }
  const size_t needed = kCacheLineBytes + size_bytes + slack;
  if (needed > next_chunk_bytes_ / 2 && chunks_ != nullptr) {
    // A chunk of its own, behind the current one, which may still have room for small things.
    Chunk* const own = make_chunk(align_up(needed, kChunkAlignmentBytes));
    if (own == nullptr) return nullptr;
    own->older = chunks_->older;
    chunks_->older = own;
    void* const at =
        reinterpret_cast<void*>(align_up(reinterpret_cast<uintptr_t>(own->begin()), alignment));
    unpoison(at, size_bytes);
    return at;
  }
  const size_t size = std::max(next_chunk_bytes_, align_up(needed, kChunkAlignmentBytes));
  Chunk* const chunk = make_chunk(size);
  if (chunk == nullptr) return nullptr;
  chunk->older = chunks_;
  chunks_ = chunk;
  next_ = chunk->begin();
  end_ = chunk->end();
  next_chunk_bytes_ = std::min(next_chunk_bytes_ * 2, kChunkBytesMax);
  return allocate(size_bytes, alignment);
}

void Arena::reset() {
  Chunk* kept = nullptr;
  while (chunks_ != nullptr) {
    Chunk* const older = chunks_->older;
    const bool fits = chunks_->size_bytes <= kChunkBytesMax;
    if (fits && (kept == nullptr || chunks_->size_bytes > kept->size_bytes)) {
      if (kept != nullptr) free_chunk(kept);
      kept = chunks_;
    } else {
      free_chunk(chunks_);
    }
    chunks_ = older;
  }
  chunks_ = kept;
  next_ = nullptr;
  end_ = nullptr;
  refusal_ = Status();
  if (kept != nullptr) {
    kept->older = nullptr;
    next_ = kept->begin();
    end_ = kept->end();
    const size_t size = static_cast<size_t>(end_ - next_);
    unpoison(next_, size);
    fill_for_debug(next_, kFreedByte, size);
    poison(next_, size);
  }
}

}  // namespace mortise::memory
