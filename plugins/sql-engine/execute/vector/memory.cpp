// SPDX-License-Identifier: Apache-2.0
#include "execute/vector/memory.hpp"

#include <algorithm>
#include <cstring>

#include "mortise/batch.h"
#include "mortise/cpp/assert.hpp"

namespace mortise::sql_engine {

namespace {
// From this size on the host aligns blocks to 64 bytes (memory.h).
constexpr uint64_t kAlignedFromBytes = 4096;
}  // namespace

void* Memory::allocate(uint64_t size_bytes, Status* failure) const {
  MORTISE_ASSERT(table_ != nullptr);
  const uint64_t padded = std::max((size_bytes + 63) & ~uint64_t{63}, kAlignedFromBytes);
  ErrorSlot error;
  void* block = table_->allocate(account_, padded, error.get());
  if (block == nullptr && failure != nullptr) *failure = error.status(MORTISE_E_NO_MEMORY);
  return block;
}

Result<Block> Block::allocate(const Memory& memory, uint64_t size_bytes) {
  Status failure;
  Block block;
  block.memory_ = memory;
  block.data_ = static_cast<uint8_t*>(memory.allocate(size_bytes, &failure));
  if (block.data_ == nullptr) return failure;
  block.size_bytes_ = size_bytes;
  return block;
}

void Block::reset() {
  if (data_ != nullptr) memory_.release(data_);
  data_ = nullptr;
  size_bytes_ = 0;
}

void* Arena::allocate_slow(uint64_t size_bytes, uint64_t alignment_bytes) {
  MORTISE_ASSERT(alignment_bytes <= MORTISE_BATCH_ALIGNMENT_BYTES);
  const bool is_own_chunk = size_bytes > chunk_bytes_ / 4;
  const uint64_t wanted = is_own_chunk ? size_bytes : chunk_bytes_;
  Result<Block> block = Block::allocate(memory_, wanted);
  if (!block) {
    failure_ = std::move(block.error());
    return nullptr;
  }
  uint8_t* start = block->data();
  reserved_bytes_ += wanted;
  chunks_.push_back(std::move(*block));
  if (is_own_chunk) return start;  // the current chunk stays open for small ones
  next_ = reinterpret_cast<uint64_t>(start) + size_bytes;
  end_ = reinterpret_cast<uint64_t>(start) + wanted;
  chunk_bytes_ = std::min(chunk_bytes_ * 2, kChunkBytesMax);
  return start;
}

mortise_view_t Arena::copy_long(const mortise_view_t& v, bool* ok) {
  auto* bytes = static_cast<uint8_t*>(allocate(v.size_bytes, 1));
  if (bytes == nullptr) {
    *ok = false;
    return {};
  }
  std::memcpy(bytes, v.u.data, v.size_bytes);
  mortise_view_t copied = v;
  copied.u.data = bytes;
  return copied;
}

void Arena::reset() {
  failure_ = Status();
  if (chunks_.empty()) return;
  size_t largest = 0;
  for (size_t i = 1; i < chunks_.size(); ++i) {
    if (chunks_[i].size_bytes() > chunks_[largest].size_bytes()) largest = i;
  }
  Block kept = std::move(chunks_[largest]);
  chunks_.clear();
  reserved_bytes_ = kept.size_bytes();
  next_ = reinterpret_cast<uint64_t>(kept.data());
  end_ = next_ + kept.size_bytes();
  chunks_.push_back(std::move(kept));
}

void Arena::adopt(Arena&& other) {
  for (Block& block : other.chunks_) chunks_.push_back(std::move(block));
  reserved_bytes_ += other.reserved_bytes_;
  other.chunks_.clear();
  other.next_ = other.end_ = other.reserved_bytes_ = 0;
}

void* MORTISE_CALL Arena::allocate_for_function(void* arena, uint64_t size_bytes,
                                                mortise_error_t* error) {
  auto* self = static_cast<Arena*>(arena);
  void* bytes = self->allocate(size_bytes, 8);
  if (bytes == nullptr) report(self->failure(), error);
  return bytes;
}

}  // namespace mortise::sql_engine
