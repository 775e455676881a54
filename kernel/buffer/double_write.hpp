// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what if the power fails in the middle of writing a page?
//
// A batch of pages goes first, in one sequential write, to one of two areas of this file; after a
// sync the pages are written home.  A home page that is torn after a crash has its whole copy here.
// (InnoDB's method; ours has two areas in turn and a header per batch.)
//
//   area = 8 KiB header, 1 MiB of pages; two of them
//   header: magic 'M' 'D' 'B' 'L' | version u16 | count u16 | sequence u64 | crc32c u32 | zeros
//           up to 64, then count times {page id u64, size class u8, 7 bytes 0}
//
// Invariants
//   D1  An area is written again only after the pages of its last batch are durable at home.
//   D2  Every home write passes through here, so the newest of the two copies of a page is at
//       least as new as its home: repairing from it never goes back.
//
// Threads: the caller serialises.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kernel/base/ids.hpp"
#include "kernel/page/space_files.hpp"
#include "kernel/platform/io.hpp"

namespace mortise::buffer {

struct PageCopy {
  PageId id;
  page::SizeClass size_class;
  Lsn page_lsn;
  uint32_t frame_index;
  uint32_t offset_bytes;  // in the staging buffer
};

class DoubleWrite {
 public:
  static constexpr uint32_t kAreaUnits = 256;
  static constexpr uint32_t kAreaBytes = kAreaUnits * page::kUnitBytes;

  static Result<std::unique_ptr<DoubleWrite>> open(platform::IoBackend& io,
                                                   const std::string& path);

  // Where the caller puts the sealed pages of a batch, packed from the front.
  std::span<std::byte> staging();
  // Makes the batch durable here (D1 is the caller's: it comes back only when the last but one
  // batch is durable at home).
  Status write(std::span<const PageCopy> batch);
  // Copies the newest good copy of the page into `into`; false when there is none of that size.
  Result<bool> find(PageId id, std::span<std::byte> into);
  // Before anything else: repairs every torn home page and makes it durable.  Answers how many.
  Result<uint32_t> repair(page::SpaceFiles& files);

 private:
  struct Entry {
    PageId id;
    page::SizeClass size_class;
    uint64_t offset_bytes;  // in the file
  };
  struct Area {
    uint64_t sequence = 0;
    std::vector<Entry> entries;
  };
  DoubleWrite() = default;
  Status load_area(uint32_t index);
  static bool overlaps(const std::vector<Entry>& newer, const Entry& entry);

  std::unique_ptr<platform::File> file_;
  platform::AlignedBuffer buffer_;
  Area areas_[2];
  uint32_t next_area_ = 0;
  uint64_t sequence_ = 0;
};

}  // namespace mortise::buffer
