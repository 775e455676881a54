// SPDX-License-Identifier: Apache-2.0
//
// Goal:   a page that is not the one asked for is never taken for it, and the reason is named.
// Method: sealed pages, damaged one bit or one fact at a time.

#include "kernel/page/format.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <vector>

namespace mortise::page {
namespace {

const PageId kId = make_page_id(SpaceId{3}, 17);

std::vector<std::byte> sealed(SizeClass size_class, PageId id = kId) {
  std::vector<std::byte> page(bytes_of(size_class), std::byte{0x5A});
  const PageHeader header{.crc32c = 0,
                          .size_class = size_class,
                          .type = PageType::heap,
                          .flags = 0,
                          .page_seq = 99,
                          .page_id = id,
                          .max_writer = 0};
  std::memcpy(page.data(), &header, sizeof(header));
  seal(page);
  return page;
}

bool says(const Status& status, std::string_view text) {
  return status.message().find(text) != std::string_view::npos;
}

TEST_CASE("page: P1 what was sealed passes, in every size class") {
  for (uint8_t c = 0; c < kSizeClassCount; ++c) {
    CHECK(check(sealed(static_cast<SizeClass>(c)), kId));
  }
}

TEST_CASE("page: every single flipped bit is found") {
  std::vector<std::byte> page = sealed(SizeClass::kib4);
  for (size_t bit = 0; bit < page.size() * 8; bit += 13) {
    page[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    const Status status = check(page, kId);
    CHECK(status.code() == Code::corrupt);
    CHECK(status.sqlstate() == "XX001");
    page[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
  }
}

TEST_CASE("page: the reason names space, page and what is wrong") {
  const std::vector<std::byte> elsewhere = sealed(SizeClass::kib4, make_page_id(SpaceId{3}, 18));
  CHECK(says(check(elsewhere, kId), "misdirected: at the place of space 3 page 17"));
  CHECK(says(check(elsewhere, kId), "space 3 page 18"));

  const std::vector<std::byte> empty(4096);
  CHECK(says(check(empty, kId), "never written: space 3 page 17"));

  std::vector<std::byte> damaged = sealed(SizeClass::kib4);
  damaged[2000] ^= std::byte{1};
  CHECK(says(check(damaged, kId), "checksum mismatch: space 3 page 17"));

  // A page that claims 8 KiB, sealed as 4 KiB: its checksum fits, its size does not.
  std::vector<std::byte> small = sealed(SizeClass::kib8);
  small.resize(4096);
  CHECK(check(small, kId).code() == Code::corrupt);
}

}  // namespace
}  // namespace mortise::page
