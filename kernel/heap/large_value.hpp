// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: where does a value stand that is too large for its row, and in which form?
//
// In a chain of pages of the table's segment, of 8 KiB to 64 KiB, never of the class that the
// table's row pages have:
//
//   off size field
//     0   32 page header
//    32    8 value_id
//    40    8 next page id; 0 = none
//    48    4 bytes of data in this page
//    52    4 in the first page of a compressed value: bytes of data in the whole chain; else 0
//    56      data
//
// The data is the value, or, with kLargeCompressed in the reference, a frame:
//
//     0    1 n, 1 to 63    size of the codec's name
//     1    n name          the slot of mortise.codec/1 that made it
//   1+n      blocks        {original u32, stored u32, `stored` bytes}, 1 MiB of the value each but
//                          the last; stored == original: as it is
//
// The name is part of the value, so nothing else has to be kept for it to be read again.  Recovery
// moves bytes of pages and needs no codec; a reader without the codec is told its name (0A000).
//
// A value is written once, before the row that refers to it, and never changed.  Its first step
// writes an undo record (large_create), so that a rollback finds the chain even if it was not
// finished.
//
// Invariants
//   L1  All pages of a chain carry its value_id; one that does not ends the chain (it was freed).
//   L3  Whatever stands in a frame, nothing outside the reader's buffer is touched, and a value of
//       another size than the reference says is `corrupt`.
//   L2  Freeing goes page by page behind the head, the head last; each step leaves a shorter chain.
//
// Threads: [any, concurrent] on different values.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/heap/row_layout.hpp"
#include "kernel/memory/account.hpp"
#include "kernel/txn/txn_manager.hpp"
#include "kernel/txn/txn_step.hpp"
#include "mortise/iface/codec.h"

namespace mortise::heap {

inline constexpr uint64_t kLargeBytesMax = uint64_t{1} << 30;

// Who knows the codecs: the plugins' registry, or nobody.
class Codecs {
 public:
  virtual ~Codecs() = default;
  // Null: nobody offers it.
  virtual const mortise_iface_codec_t* find(std::string_view name) = 0;
};

class LargeValues {
 public:
  LargeValues(memory::MemoryAccount& account) : account_(account) {}

  // Before the first write.  `codec` empty: nothing is compressed.  [control]
  void set_codecs(Codecs* codecs, std::string codec) {
    codecs_ = codecs;
    codec_ = std::move(codec);
  }

  // Writes the value in steps of `txn`.  `limit` 54000 past kLargeBytesMax.
  Result<LargeRef> write(txn::Transaction& txn, SegmentId segment, page::SizeClass row_class,
                         std::span<const std::byte> value);
  // Reads it into `into`, which holds ref.size_bytes.
  Status read(recovery::Storage& storage, const LargeRef& ref, std::span<std::byte> into);

 private:
  Result<bool> compress(std::span<const std::byte> value, std::vector<std::byte>& frame);
  Status expand(std::span<const std::byte> frame, std::span<std::byte> into);

  memory::MemoryAccount& account_;
  Codecs* codecs_ = nullptr;
  std::string codec_;
};

// One step of freeing (L2).  `more`: commit and call again.
Result<txn::Progress> free_large_step(recovery::Storage& storage, log::Mtr& mtr, SegmentId segment,
                                      PageId head, uint64_t value_id);

}  // namespace mortise::heap
