// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how do entries stand on one page?
//
//   0    kernel's page header (32 bytes)
//   32   NodeHeader
//   64   slots, 8 bytes each, growing up: offset u16 | length u16 | head u32
//   ...  free space
//        cells, growing down
//        upper fence, lower fence at the very end
//
// Every byte string on the page has the node's prefix cut off: what lower and upper fence have in
// common.  A leaf's cell is the rest of an entry; an inner node's cell is the rest of a separator
// and the id of the child with entries below it; entries from the last separator on are under
// last_child.
// `head` is the first four bytes of the rest, big-endian, so that most comparisons end in the slot.
//
// Invariants
//   N1  lower fence <= every entry < upper fence (no upper fence: no bound).
//   N2  Cells are in strictly ascending order of their slots.
//   N3  Slots, cells and fences do not overlap and lie within the page.
//
// A Node is a view of bytes and holds no latch; bytes from disk are checked by `check` before use.
// Changes are made on an Image (a copy in memory) or, for the common insert and erase, as a few
// ranges through the mtr.
//
// Source: slotted pages with prefix truncation and heads as in LeanStore and Graefe's "Modern
// B-Tree Techniques" (2011), section 3; fences double as high keys.
//
// Threads: as the page's latch.

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "mortise/cpp/result.hpp"
#include "mortise/iface/page.h"

namespace mortise::index_btree {

struct NodeHeader {
  uint16_t level;  // 0 = leaf
  uint16_t count;
  uint16_t cells_begin;    // lowest byte of the cells
  uint16_t garbage_bytes;  // of erased cells
  uint16_t lower_bytes;
  uint16_t upper_bytes;
  uint16_t prefix_bytes;
  uint16_t has_upper;
  mortise_page_id_t last_child;  // inner nodes
  mortise_page_id_t right;       // next node of the level; 0 = none
};
static_assert(sizeof(NodeHeader) == 32);

struct Slot {
  uint16_t offset;
  uint16_t length;  // of the rest, without the child's id
  uint32_t head;
};
static_assert(sizeof(Slot) == 8);

inline constexpr uint32_t kHeaderAt = MORTISE_PAGE_HEADER_BYTES;
inline constexpr uint32_t kSlotsAt = kHeaderAt + sizeof(NodeHeader);
inline constexpr uint32_t kChildBytes = 8;

class Node {
 public:
  Node(const uint8_t* data, uint32_t size_bytes) : data_(data), size_bytes_(size_bytes) {}

  NodeHeader header() const {
    NodeHeader h;
    std::memcpy(&h, data_ + kHeaderAt, sizeof h);
    return h;
  }
  uint16_t count() const { return header().count; }
  bool is_leaf() const { return header().level == 0; }
  std::string_view lower() const {
    return bytes(size_bytes_ - header().lower_bytes, header().lower_bytes);
  }
  std::string_view upper() const {
    const NodeHeader h = header();
    return bytes(size_bytes_ - h.lower_bytes - h.upper_bytes, h.upper_bytes);
  }
  std::string_view prefix() const { return lower().substr(0, header().prefix_bytes); }
  Slot slot(uint32_t index) const {
    Slot s;
    std::memcpy(&s, data_ + kSlotsAt + index * sizeof(Slot), sizeof s);
    return s;
  }
  std::string_view rest(uint32_t index) const {
    const Slot s = slot(index);
    return bytes(s.offset, s.length);
  }
  // The whole entry or separator.
  std::string full(uint32_t index) const { return std::string(prefix()).append(rest(index)); }
  // Child `index`; index == count is the last one.
  mortise_page_id_t child(uint32_t index) const;

  // The first slot whose entry is not below `key`; `key` lies within the fences.
  uint32_t lower_bound(std::string_view key) const;
  // The child to follow for `key`.
  uint32_t child_index(std::string_view key) const;
  // True if slot `index` holds exactly `key`.
  bool equals(uint32_t index, std::string_view key) const;

  // Free bytes between slots and cells.
  uint32_t gap_bytes() const;
  // What one more entry of the node takes.
  uint32_t needed_bytes(std::string_view key) const;

  // N2 and N3 on bytes that may be damaged.
  Status check(mortise_page_id_t id) const;

 private:
  std::string_view bytes(uint32_t offset, uint32_t length) const {
    return {reinterpret_cast<const char*>(data_) + offset, length};
  }

  const uint8_t* data_;
  uint32_t size_bytes_;
};

uint32_t head_of(std::string_view rest);

// An entry of a node being built: the full bytes and, in inner nodes, the child.
struct Item {
  std::string bytes;
  mortise_page_id_t child = 0;
};

// What a node is built from.
struct NodePlan {
  uint16_t level = 0;
  std::string lower;
  std::string upper;
  bool has_upper = false;
  mortise_page_id_t last_child = 0;
  mortise_page_id_t right = 0;
  std::vector<Item> items;

  // Takes a node apart.
  static NodePlan of(const Node& node);
  // Bytes that the node would take on a page.
  uint32_t size_bytes() const;
};

// A whole page in memory, to be written through an mtr.
class Image {
 public:
  // The plan has to fit: NodePlan::size_bytes() <= size_bytes.
  Image(const NodePlan& plan, uint32_t size_bytes);

  // Writes the used parts of the page.
  void write_to(const mortise_iface_page_t& pages, mortise_mtr_t* mtr, mortise_page_t* page) const;
  Node node() const { return {bytes_.data(), static_cast<uint32_t>(bytes_.size())}; }
  const uint8_t* bytes() const { return bytes_.data(); }

 private:
  std::vector<uint8_t> bytes_;
};

// Inserts `key` (with `child` in an inner node) at slot `index` of a fixed page with enough gap.
void insert_at(const mortise_iface_page_t& pages, mortise_mtr_t* mtr, mortise_page_t* page,
               uint32_t index, std::string_view key, mortise_page_id_t child);
void erase_at(const mortise_iface_page_t& pages, mortise_mtr_t* mtr, mortise_page_t* page,
              uint32_t index);
// Replaces child `index`.
void set_child(const mortise_iface_page_t& pages, mortise_mtr_t* mtr, mortise_page_t* page,
               uint32_t index, mortise_page_id_t child);

// The shortest bytes that are > left and <= right.
std::string separator(std::string_view left, std::string_view right);

}  // namespace mortise::index_btree
