// SPDX-License-Identifier: Apache-2.0
#include "kernel/platform/mapping.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "kernel/base/bytes.hpp"
#include "kernel/platform/os_error.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::platform {
namespace {

constexpr size_t kHugePageBytes = size_t{2} << 20;

uint64_t cgroup_memory_bytes() {
  std::FILE* file = std::fopen("/sys/fs/cgroup/memory.max", "re");
  if (file == nullptr) return UINT64_MAX;
  unsigned long long bytes = 0;
  const int fields = std::fscanf(file, "%llu", &bytes);
  std::fclose(file);
  return fields == 1 ? bytes : UINT64_MAX;
}

}  // namespace

size_t system_page_bytes() {
  static const size_t bytes = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

uint64_t physical_memory_bytes() {
  const uint64_t pages = static_cast<uint64_t>(std::max(1L, sysconf(_SC_PHYS_PAGES)));
  return std::min(pages * system_page_bytes(), cgroup_memory_bytes());
}

Result<Mapping> Mapping::create(size_t size_bytes, const MappingOptions& options) {
  MORTISE_ASSERT(size_bytes > 0);
  const size_t alignment = options.huge ? kHugePageBytes : system_page_bytes();
  const size_t size = align_up(size_bytes, alignment);
  // More than needed, so that an aligned part lies inside; the ends go back at once.
  const size_t slack = options.huge ? kHugePageBytes : 0;
  const int flags = MAP_PRIVATE | MAP_ANONYMOUS | (options.reserve_only ? MAP_NORESERVE : 0);
  void* const mapped = size < size_bytes
                           ? MAP_FAILED
                           : mmap(nullptr, size + slack, PROT_READ | PROT_WRITE, flags, -1, 0);
  if (mapped == MAP_FAILED) {
    return Status(Code::no_memory, "53200",
                  "could not map memory: " + errno_text(size < size_bytes ? ENOMEM : errno) + ", " +
                      std::to_string(size_bytes) + " bytes");
  }
  std::byte* const begin = static_cast<std::byte*>(mapped);
  std::byte* const data =
      reinterpret_cast<std::byte*>(align_up(reinterpret_cast<uintptr_t>(begin), alignment));
  const size_t before = static_cast<size_t>(data - begin);
  if (before > 0) munmap(begin, before);
  if (slack > before) munmap(data + size, slack - before);
  // Advice may be refused (no such kernel option); the memory is as good without.
  (void)madvise(data, size, MADV_DONTFORK);
  if (options.huge) (void)madvise(data, size, MADV_HUGEPAGE);
  if (options.populate) {
    for (size_t at = 0; at < size; at += system_page_bytes()) {
      reinterpret_cast<volatile std::byte*>(data)[at] = std::byte{0};
    }
  }
  return Mapping(data, size);
}

Mapping::Mapping(Mapping&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_bytes_(std::exchange(other.size_bytes_, 0)) {}

Mapping& Mapping::operator=(Mapping&& other) noexcept {
  if (this != &other) {
    if (data_ != nullptr) munmap(data_, size_bytes_);
    data_ = std::exchange(other.data_, nullptr);
    size_bytes_ = std::exchange(other.size_bytes_, 0);
  }
  return *this;
}

Mapping::~Mapping() {
  if (data_ != nullptr) {
    const int answer = munmap(data_, size_bytes_);
    MORTISE_ASSERT(answer == 0);
  }
}

void Mapping::discard(size_t offset_bytes, size_t size_bytes) {
  MORTISE_ASSERT(offset_bytes <= size_bytes_);
  MORTISE_ASSERT(size_bytes <= size_bytes_ - offset_bytes);
  const size_t begin = align_up(offset_bytes, system_page_bytes());
  const size_t end = align_down(offset_bytes + size_bytes, system_page_bytes());
  if (begin < end) {
    const int answer = madvise(data_ + begin, end - begin, MADV_DONTNEED);
    MORTISE_ASSERT(answer == 0);
  }
}

}  // namespace mortise::platform
