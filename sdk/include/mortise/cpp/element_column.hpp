// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: where do the elements of many arrays stand while their type converts them?
//
// In one column that owns its memory.  Conversions take a batch at a time, so it is walked in
// pieces; buffers of a piece are aligned and padded as B1 asks.
//
// Threads: a value type; [any] on distinct objects.

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#include "mortise/cpp/batch.hpp"

namespace mortise {

// A column of any length, walked in pieces of a batch.
class ElementColumn {
 public:
  static constexpr size_t kPieceRows = MORTISE_BATCH_ROWS_DEFAULT;

  ElementColumn(uint16_t physical, size_t count)
      : count_(count),
        pieces_((count + kPieceRows - 1) / kPieceRows),
        piece_blocks_(physical == MORTISE_PHYSICAL_BOOL ? kBitmapBlocks
                                                        : width_bytes(physical) * kPieceRows / 64),
        data_(pieces_ * piece_blocks_),
        validity_(pieces_ * kBitmapBlocks),
        flags_(pieces_) {
    if (!validity_.empty()) std::memset(validity_.data(), 0xFF, validity_.size() * sizeof(Block));
  }

  size_t count() const { return count_; }
  size_t pieces() const { return pieces_; }
  uint32_t rows(size_t piece) const {
    return static_cast<uint32_t>(std::min(kPieceRows, count_ - piece * kPieceRows));
  }
  mortise_column_t column(size_t piece) const {
    return {validity(piece), data_.data() + piece * piece_blocks_, flags_[piece], 0};
  }
  mortise_column_out_t out(size_t piece) {
    return {const_cast<uint64_t*>(validity(piece)), data_.data() + piece * piece_blocks_, 0, 0};
  }
  void set_flags(size_t piece, uint32_t flags) { flags_[piece] = flags; }
  void set_null(size_t index) {
    mortise_column_out_t piece = out(index / kPieceRows);
    clear_bit(piece.validity, index % kPieceRows);
  }
  void set(size_t index, std::string_view bytes) {
    mortise_column_out_t piece = out(index / kPieceRows);
    data_of<mortise_view_t>(piece)[index % kPieceRows] = view_to(bytes);
  }
  bool is_valid(size_t index) const {
    const mortise_column_t piece = column(index / kPieceRows);
    return Strings(piece).is_valid(index % kPieceRows);
  }
  std::string_view bytes(size_t index) const {
    return Strings(column(index / kPieceRows))[index % kPieceRows];
  }

 private:
  struct alignas(64) Block {
    uint8_t bytes[64];
  };
  static constexpr size_t kBitmapBlocks = bitmap_size_bytes(kPieceRows) / sizeof(Block);

  const uint64_t* validity(size_t piece) const {
    return reinterpret_cast<const uint64_t*>(validity_.data() + piece * kBitmapBlocks);
  }

  size_t count_;
  size_t pieces_;
  size_t piece_blocks_;
  std::vector<Block> data_;
  std::vector<Block> validity_;
  std::vector<uint32_t> flags_;
};

}  // namespace mortise
