// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which number is this?
//
// Identifiers of different kinds are different types, so that a log position cannot be passed
// where a commit number is expected.  They are enum classes: free, trivially copyable, usable in
// atomics and as map keys, comparable; arithmetic only where it means something (Lsn).
//
// Threads: values.

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <type_traits>

namespace mortise {

// Where a page stands: space:16 | page_no:48, counted in units of 4 KiB.
enum class PageId : uint64_t {};
// Byte position in a log stream.
enum class Lsn : uint64_t {};
// System commit number: the order in which transactions became visible.
enum class Scn : uint64_t {};
enum class TxnId : uint64_t {};
// A heap, index or other run of pages that belongs together.
enum class SegmentId : uint32_t {};
// Anything with a name in the catalog.
enum class ObjectId : uint64_t {};
// A file of pages; the upper part of a PageId.
enum class SpaceId : uint16_t {};

template <typename T>
concept StrongId = std::same_as<T, PageId> || std::same_as<T, Lsn> || std::same_as<T, Scn> ||
    std::same_as<T, TxnId> || std::same_as<T, SegmentId> || std::same_as<T, ObjectId> ||
    std::same_as<T, SpaceId>;

// The bare number: for storage, hashing and messages.
template <StrongId T>
constexpr std::underlying_type_t<T> raw(T id) {
  return static_cast<std::underlying_type_t<T>>(id);
}

inline constexpr uint64_t kPageNumberBits = 48;
inline constexpr uint64_t kPageNumberMax = (uint64_t{1} << kPageNumberBits) - 1;
inline constexpr PageId kNoPage{UINT64_MAX};
inline constexpr Lsn kNoLsn{0};  // the first record of a stream starts behind its header
inline constexpr Scn kNoScn{0};
inline constexpr Scn kScnMax{UINT64_MAX};
inline constexpr TxnId kNoTxn{0};
inline constexpr ObjectId kNoObject{0};
inline constexpr SegmentId kNoSegment{0};

// Precondition: page_number <= kPageNumberMax.
constexpr PageId make_page_id(SpaceId space, uint64_t page_number) {
  return PageId{(uint64_t{raw(space)} << kPageNumberBits) | page_number};
}
constexpr SpaceId space_of(PageId id) {
  return SpaceId{static_cast<uint16_t>(raw(id) >> kPageNumberBits)};
}
constexpr uint64_t page_number_of(PageId id) {
  return raw(id) & kPageNumberMax;
}

constexpr Lsn operator+(Lsn at, uint64_t bytes) {
  return Lsn{raw(at) + bytes};
}
constexpr uint64_t operator-(Lsn end, Lsn begin) {
  return raw(end) - raw(begin);
}
constexpr Scn next(Scn scn) {
  return Scn{raw(scn) + 1};
}
constexpr TxnId next(TxnId txn) {
  return TxnId{raw(txn) + 1};
}

// For unordered containers: std::unordered_map<PageId, X, IdHash>.
struct IdHash {
  template <StrongId T>
  size_t operator()(T id) const {
    uint64_t x = raw(id);
    x = (x ^ (x >> 32)) * 0x9E3779B97F4A7C15ull;
    return static_cast<size_t>(x ^ (x >> 29));
  }
};

}  // namespace mortise
