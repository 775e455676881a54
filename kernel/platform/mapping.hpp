// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does one get a large stretch of memory from the system?
//
// Anonymous, zeroed, never inherited by a child.  `huge` asks for huge pages; `reserve_only` makes
// address space that costs nothing until it is touched, for arrays sized for the worst case.
//
// Threads: a Mapping belongs to one owner; discard [any, concurrent] on disjoint ranges.

#include <cstddef>
#include <span>
#include <utility>

#include "mortise/cpp/result.hpp"

namespace mortise::platform {

struct MappingOptions {
  bool huge = false;          // aligned to 2 MiB and advised; the system decides
  bool reserve_only = false;  // no commit charge
  bool populate = false;      // touch it now, so that later faults cost nothing
};

class Mapping {
 public:
  Mapping() = default;
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&& other) noexcept;
  ~Mapping();

  // `no_memory` 53200 when the system refuses.  The size is rounded up to whole pages.
  static Result<Mapping> create(size_t size_bytes, const MappingOptions& options);

  // Takes over what release() gave up.
  static Mapping adopt(std::byte* data, size_t size_bytes) { return Mapping(data, size_bytes); }
  // Gives up the ownership: the memory stays until somebody adopts it.
  std::byte* release() {
    size_bytes_ = 0;
    return std::exchange(data_, nullptr);
  }

  std::byte* data() const { return data_; }
  size_t size() const { return size_bytes_; }
  std::span<std::byte> bytes() const { return {data_, size_bytes_}; }
  // Gives the memory of a range back; it reads as zeros afterwards.  Whole system pages inside
  // the range only.
  void discard(size_t offset_bytes, size_t size_bytes);

 private:
  Mapping(std::byte* data, size_t size_bytes) : data_(data), size_bytes_(size_bytes) {}
  std::byte* data_ = nullptr;
  size_t size_bytes_ = 0;
};

size_t system_page_bytes();
// Memory of the machine or of the container, whichever is less.
uint64_t physical_memory_bytes();

}  // namespace mortise::platform
