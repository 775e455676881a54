// SPDX-License-Identifier: Apache-2.0
//
// Goal:   stored numbers have one layout, and ids of different kinds keep apart.
// Method: fixed byte patterns; what must not compile is asserted on types.

#include "kernel/base/bytes.hpp"

#include <doctest/doctest.h>

#include <array>

#include "kernel/base/ids.hpp"

namespace mortise {
namespace {

TEST_CASE("bytes: numbers lie little-endian at any alignment") {
  std::array<std::byte, 16> place{};
  store_le<uint32_t>(place.data() + 1, 0x11223344u);
  CHECK(place[1] == std::byte{0x44});
  CHECK(place[4] == std::byte{0x11});
  CHECK(load_le<uint32_t>(place.data() + 1) == 0x11223344u);
  store_le<int64_t>(place.data() + 3, -2);
  CHECK(load_le<int64_t>(place.data() + 3) == -2);
}

TEST_CASE("bytes: ids are stored as their numbers") {
  std::array<std::byte, 8> place{};
  store_le(place.data(), PageId{0x0102030405060708ull});
  CHECK(place[0] == std::byte{8});
  CHECK(load_le<PageId>(place.data()) == PageId{0x0102030405060708ull});
}

TEST_CASE("bytes: alignment goes up, down and stays") {
  CHECK(align_up(1, 4096) == 4096);
  CHECK(align_up(4096, 4096) == 4096);
  CHECK(align_down(4097, 4096) == 4096);
  CHECK(is_aligned(uint64_t{8192}, 4096));
  CHECK_FALSE(is_aligned(uint64_t{8193}, 4096));
}

TEST_CASE("ids: a page id is its space and its number") {
  const PageId id = make_page_id(SpaceId{7}, 123456789);
  CHECK(space_of(id) == SpaceId{7});
  CHECK(page_number_of(id) == 123456789);
  CHECK(page_number_of(make_page_id(SpaceId{0xFFFF}, kPageNumberMax)) == kPageNumberMax);
}

TEST_CASE("ids: log positions move by bytes and order") {
  CHECK(Lsn{100} + 28 == Lsn{128});
  CHECK(Lsn{128} - Lsn{100} == 28);
  CHECK(Lsn{1} < Lsn{2});
  static_assert(!std::is_convertible_v<Lsn, Scn>);
  static_assert(!std::is_convertible_v<uint64_t, PageId>);
}

}  // namespace
}  // namespace mortise
