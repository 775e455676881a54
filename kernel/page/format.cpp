// SPDX-License-Identifier: Apache-2.0
#include "kernel/page/format.hpp"

#include <algorithm>
#include <cstring>

#include "kernel/base/bytes.hpp"
#include "kernel/base/crc32c.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::page {
namespace {

uint32_t crc_of(std::span<const std::byte> page, PageId id) {
  static constexpr std::byte kZero[4] = {};
  const uint64_t place = raw(id);
  uint32_t crc = crc32c(static_cast<uint32_t>(place ^ (place >> 32)), kZero);
  return crc32c(crc, page.subspan(sizeof(kZero)));
}

}  // namespace

PageHeader read_header(const std::byte* page) {
  PageHeader header;
  std::memcpy(&header, page, sizeof(header));
  return header;
}

void seal(std::span<std::byte> page) {
  MORTISE_ASSERT(page.size() >= kUnitBytes);
  const PageHeader header = read_header(page.data());
  MORTISE_ASSERT(static_cast<uint8_t>(header.size_class) < kSizeClassCount);
  MORTISE_ASSERT(page.size() == bytes_of(header.size_class));
  store_le(page.data(), crc_of(page, header.page_id));
}

Status check(std::span<const std::byte> page, PageId id) {
  const PageHeader header = read_header(page.data());
  if (crc_of(page, id) == header.crc32c) [[likely]] {
    if (header.page_id != id) {
      return corrupt("page header names another page: " + name_of(id) + " says " +
                     name_of(header.page_id));
    }
    const uint8_t size_class = static_cast<uint8_t>(header.size_class);
    if (size_class >= kSizeClassCount || bytes_of(header.size_class) != page.size()) {
      return corrupt("page has the wrong size class: " + name_of(id) + ", class " +
                     std::to_string(size_class) + ", " + std::to_string(page.size()) +
                     " bytes read");
    }
    return {};
  }
  if (std::all_of(page.begin(), page.end(), [](std::byte b) { return b == std::byte{0}; })) {
    return corrupt("page was never written: " + name_of(id));
  }
  if (header.page_id != id && crc_of(page, header.page_id) == header.crc32c) {
    return corrupt("page is misdirected: at the place of " + name_of(id) + " stands " +
                   name_of(header.page_id));
  }
  return corrupt("page checksum mismatch: " + name_of(id) + ", page_seq " +
                 std::to_string(header.page_seq));
}

std::string name_of(PageId id) {
  return "space " + std::to_string(raw(space_of(id))) + " page " +
         std::to_string(page_number_of(id));
}

}  // namespace mortise::page
