// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: where does a query's memory come from, and what happens when there is no more?
//
// Everything is charged to the query's account (mortise.memory/1).  A `Block` is one allocation; an
// `Arena` bumps through chunks of its own and dies as a whole: the strings of a batch, the rows of
// a hash table.  Allocation answers null when the budget is used up and keeps the reason, so that
// inner loops test a pointer and the caller builds the Status (53200) once.
//
// Invariants
//   V1  Blocks are 64-byte aligned and padded to a multiple of 64 bytes (B1 of batch.h).
//   V2  An arena never moves what it has handed out.
//
// Threads: [any] on distinct objects; a Memory may be shared.

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "mortise/cpp/boundary.hpp"
#include "mortise/iface/memory.h"

namespace mortise::sql_engine {

// The account that a query charges.  A value: two pointers.
class Memory {
 public:
  Memory() = default;
  Memory(const mortise_iface_memory_t* table, mortise_account_t* account)
      : table_(table), account_(account) {}

  // Null, with `*failure` set if given, when the budget is used up.  `size_bytes` may be 0.
  void* allocate(uint64_t size_bytes, Status* failure) const;
  void release(void* block) const { table_->release(account_, block); }
  uint64_t used_bytes() const { return table_->used_bytes(account_); }
  const mortise_iface_memory_t* table() const { return table_; }
  mortise_account_t* account() const { return account_; }

 private:
  const mortise_iface_memory_t* table_ = nullptr;
  mortise_account_t* account_ = nullptr;
};

// One allocation, freed with its owner.
class Block {
 public:
  Block() = default;
  Block(Block&& other) noexcept
      : memory_(other.memory_),
        data_(std::exchange(other.data_, nullptr)),
        size_bytes_(std::exchange(other.size_bytes_, 0)) {}
  Block& operator=(Block&& other) noexcept {
    if (this != &other) {
      reset();
      memory_ = other.memory_;
      data_ = std::exchange(other.data_, nullptr);
      size_bytes_ = std::exchange(other.size_bytes_, 0);
    }
    return *this;
  }
  ~Block() { reset(); }

  static Result<Block> allocate(const Memory& memory, uint64_t size_bytes);
  void reset();

  uint8_t* data() const { return data_; }
  uint64_t size_bytes() const { return size_bytes_; }

 private:
  Memory memory_;
  uint8_t* data_ = nullptr;
  uint64_t size_bytes_ = 0;
};

// Memory for what dies together.
class Arena {
 public:
  static constexpr uint64_t kFirstChunkBytes = 16 * 1024;
  static constexpr uint64_t kChunkBytesMax = 1024 * 1024;

  Arena() = default;
  explicit Arena(const Memory& memory) : memory_(memory) {}
  Arena(Arena&&) noexcept = default;
  Arena& operator=(Arena&&) noexcept = default;

  // Null when the budget is used up: failure() has the reason.  `alignment_bytes` ≤ 64.
  void* allocate(uint64_t size_bytes, uint64_t alignment_bytes = 8) {
    const uint64_t start = (next_ + alignment_bytes - 1) & ~(alignment_bytes - 1);
    if (start + size_bytes <= end_) [[likely]] {
      next_ = start + size_bytes;
      return reinterpret_cast<void*>(start);
    }
    return allocate_slow(size_bytes, alignment_bytes);
  }

  // A view of a copy of `v` that lives as long as the arena; `*ok` becomes false on failure.
  mortise_view_t copy(const mortise_view_t& v, bool* ok) {
    if (v.size_bytes <= MORTISE_VIEW_INLINE_BYTES_MAX) return v;
    return copy_long(v, ok);
  }

  Status failure() const { return failure_.is_ok() ? no_memory("out of memory") : failure_; }

  // Forgets everything but keeps the largest chunk.
  void reset();
  // Takes over what `other` holds; pointers stay valid (V2).
  void adopt(Arena&& other);
  uint64_t reserved_bytes() const { return reserved_bytes_; }

  // As mortise_evaluation_t wants it: `arena` is an Arena*.
  static void* MORTISE_CALL allocate_for_function(void* arena, uint64_t size_bytes,
                                                  mortise_error_t* error);

 private:
  void* allocate_slow(uint64_t size_bytes, uint64_t alignment_bytes);
  mortise_view_t copy_long(const mortise_view_t& v, bool* ok);

  Memory memory_;
  uint64_t next_ = 0;  // address
  uint64_t end_ = 0;
  uint64_t chunk_bytes_ = kFirstChunkBytes;
  uint64_t reserved_bytes_ = 0;
  std::vector<Block> chunks_;
  Status failure_;
};

}  // namespace mortise::sql_engine
