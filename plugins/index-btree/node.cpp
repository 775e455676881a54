// SPDX-License-Identifier: Apache-2.0
#include "node.hpp"

#include <algorithm>

#include "mortise/cpp/assert.hpp"

namespace mortise::index_btree {
namespace {

uint32_t common_prefix(std::string_view a, std::string_view b) {
  const size_t most = std::min(a.size(), b.size());
  size_t same = 0;
  while (same < most && a[same] == b[same]) ++same;
  return static_cast<uint32_t>(same);
}

std::string_view as_view(const void* bytes, size_t size) {
  return {static_cast<const char*>(bytes), size};
}

}  // namespace

uint32_t head_of(std::string_view rest) {
  uint32_t head = 0;
  for (size_t i = 0; i < 4; ++i) {
    head = head << 8 | (i < rest.size() ? static_cast<unsigned char>(rest[i]) : 0u);
  }
  return head;
}

mortise_page_id_t Node::child(uint32_t index) const {
  const NodeHeader h = header();
  if (index >= h.count) return h.last_child;
  const Slot s = slot(index);
  mortise_page_id_t id;
  std::memcpy(&id, data_ + s.offset + s.length, sizeof id);
  return id;
}

uint32_t Node::lower_bound(std::string_view key) const {
  const NodeHeader h = header();
  const std::string_view own = key.substr(std::min<size_t>(h.prefix_bytes, key.size()));
  const uint32_t head = head_of(own);
  uint32_t low = 0;
  uint32_t high = h.count;
  while (low < high) {
    const uint32_t middle = (low + high) / 2;
    const Slot s = slot(middle);
    const bool is_below = s.head != head ? s.head < head : bytes(s.offset, s.length) < own;
    if (is_below) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

uint32_t Node::child_index(std::string_view key) const {
  // Child i holds entries below separator i, so an equal separator belongs to the next child.
  const uint32_t index = lower_bound(key);
  return index < count() && equals(index, key) ? index + 1 : index;
}

bool Node::equals(uint32_t index, std::string_view key) const {
  return key.substr(std::min<size_t>(header().prefix_bytes, key.size())) == rest(index);
}

uint32_t Node::gap_bytes() const {
  const NodeHeader h = header();
  return h.cells_begin - (kSlotsAt + h.count * static_cast<uint32_t>(sizeof(Slot)));
}

uint32_t Node::needed_bytes(std::string_view key) const {
  const NodeHeader h = header();
  return static_cast<uint32_t>(sizeof(Slot) + key.size()) - h.prefix_bytes +
         (h.level == 0 ? 0 : kChildBytes);
}

Status Node::check(mortise_page_id_t id) const {
  const auto damaged = [id](const char* what) {
    return corrupt(std::string("index node is damaged: ") + what + ": page " +
                   std::to_string(id >> 48) + "/" + std::to_string(id & 0xFFFFFFFFFFFF));
  };
  const NodeHeader h = header();
  const uint32_t slots_end = kSlotsAt + h.count * static_cast<uint32_t>(sizeof(Slot));
  const uint32_t fences = h.lower_bytes + uint32_t{h.upper_bytes};
  if (fences > size_bytes_ || slots_end > size_bytes_ - fences) return damaged("sizes");
  if (h.cells_begin < slots_end || h.cells_begin > size_bytes_ - fences) {
    return damaged("cells");
  }
  if (h.prefix_bytes > h.lower_bytes) return damaged("prefix");
  const uint32_t extra = h.level == 0 ? 0 : kChildBytes;
  for (uint32_t i = 0; i < h.count; ++i) {
    const Slot s = slot(i);
    if (s.offset < h.cells_begin || s.offset + uint32_t{s.length} + extra > size_bytes_ - fences) {
      return damaged("slot");
    }
    if (s.head != head_of(rest(i))) return damaged("head");
    if (i > 0 && rest(i - 1) >= rest(i)) return damaged("order");
  }
  return {};
}

NodePlan NodePlan::of(const Node& node) {
  const NodeHeader h = node.header();
  NodePlan plan;
  plan.level = h.level;
  plan.lower = node.lower();
  plan.upper = node.upper();
  plan.has_upper = h.has_upper != 0;
  plan.last_child = h.last_child;
  plan.right = h.right;
  plan.items.reserve(h.count + 1u);
  for (uint32_t i = 0; i < h.count; ++i) {
    plan.items.push_back({node.full(i), h.level == 0 ? 0 : node.child(i)});
  }
  return plan;
}

uint32_t NodePlan::size_bytes() const {
  const uint32_t prefix = has_upper ? common_prefix(lower, upper) : 0;
  uint64_t total = kSlotsAt + lower.size() + upper.size();
  for (const Item& item : items) {
    total += sizeof(Slot) + item.bytes.size() - prefix + (level == 0 ? 0 : kChildBytes);
  }
  return static_cast<uint32_t>(std::min<uint64_t>(total, UINT32_MAX));
}

Image::Image(const NodePlan& plan, uint32_t size_bytes) : bytes_(size_bytes, 0) {
  MORTISE_ASSERT(plan.size_bytes() <= size_bytes);
  MORTISE_ASSERT(plan.has_upper || plan.upper.empty());
  NodeHeader h{};
  h.level = plan.level;
  h.count = static_cast<uint16_t>(plan.items.size());
  h.lower_bytes = static_cast<uint16_t>(plan.lower.size());
  h.upper_bytes = static_cast<uint16_t>(plan.upper.size());
  h.prefix_bytes =
      static_cast<uint16_t>(plan.has_upper ? common_prefix(plan.lower, plan.upper) : 0);
  h.has_upper = plan.has_upper ? 1 : 0;
  h.last_child = plan.last_child;
  h.right = plan.right;
  uint32_t at = size_bytes - h.lower_bytes;
  std::memcpy(bytes_.data() + at, plan.lower.data(), plan.lower.size());
  at -= h.upper_bytes;
  std::memcpy(bytes_.data() + at, plan.upper.data(), plan.upper.size());
  for (size_t i = 0; i < plan.items.size(); ++i) {
    const Item& item = plan.items[i];
    const std::string_view rest = std::string_view(item.bytes).substr(h.prefix_bytes);
    if (h.level != 0) {
      at -= kChildBytes;
      std::memcpy(bytes_.data() + at, &item.child, kChildBytes);
    }
    at -= static_cast<uint32_t>(rest.size());
    std::memcpy(bytes_.data() + at, rest.data(), rest.size());
    const Slot slot{static_cast<uint16_t>(at), static_cast<uint16_t>(rest.size()), head_of(rest)};
    std::memcpy(bytes_.data() + kSlotsAt + i * sizeof(Slot), &slot, sizeof slot);
  }
  h.cells_begin = static_cast<uint16_t>(at);
  std::memcpy(bytes_.data() + kHeaderAt, &h, sizeof h);
}

void Image::write_to(const mortise_iface_page_t& pages, mortise_mtr_t* mtr,
                     mortise_page_t* page) const {
  MORTISE_ASSERT(page->size_bytes == bytes_.size());
  const NodeHeader h = node().header();
  const uint32_t slots_end = kSlotsAt + h.count * static_cast<uint32_t>(sizeof(Slot));
  pages.mtr_write(mtr, page, kHeaderAt, bytes_.data() + kHeaderAt, slots_end - kHeaderAt);
  pages.mtr_write(mtr, page, h.cells_begin, bytes_.data() + h.cells_begin,
                  page->size_bytes - h.cells_begin);
}

void insert_at(const mortise_iface_page_t& pages, mortise_mtr_t* mtr, mortise_page_t* page,
               uint32_t index, std::string_view key, mortise_page_id_t child) {
  const Node node(page->data, page->size_bytes);
  NodeHeader h = node.header();
  MORTISE_ASSERT(node.needed_bytes(key) <= node.gap_bytes());
  MORTISE_ASSERT(index <= h.count);
  const std::string_view rest = key.substr(h.prefix_bytes);
  std::string cell(rest);
  if (h.level != 0) cell.append(as_view(&child, sizeof child));
  h.cells_begin = static_cast<uint16_t>(h.cells_begin - cell.size());
  pages.mtr_write(mtr, page, h.cells_begin, cell.data(), static_cast<uint32_t>(cell.size()));
  const uint32_t slot_at = kSlotsAt + index * static_cast<uint32_t>(sizeof(Slot));
  const uint32_t moved_bytes = (h.count - index) * static_cast<uint32_t>(sizeof(Slot));
  if (moved_bytes > 0) {
    pages.mtr_move(mtr, page, slot_at + static_cast<uint32_t>(sizeof(Slot)), slot_at, moved_bytes);
  }
  const Slot slot{h.cells_begin, static_cast<uint16_t>(rest.size()), head_of(rest)};
  pages.mtr_write(mtr, page, slot_at, &slot, sizeof slot);
  ++h.count;
  pages.mtr_write(mtr, page, kHeaderAt, &h, offsetof(NodeHeader, garbage_bytes));
}

void erase_at(const mortise_iface_page_t& pages, mortise_mtr_t* mtr, mortise_page_t* page,
              uint32_t index) {
  const Node node(page->data, page->size_bytes);
  NodeHeader h = node.header();
  MORTISE_ASSERT(index < h.count);
  h.garbage_bytes = static_cast<uint16_t>(h.garbage_bytes + node.slot(index).length +
                                          (h.level == 0 ? 0 : kChildBytes));
  const uint32_t slot_at = kSlotsAt + index * static_cast<uint32_t>(sizeof(Slot));
  const uint32_t moved_bytes = (h.count - index - 1u) * static_cast<uint32_t>(sizeof(Slot));
  if (moved_bytes > 0) {
    pages.mtr_move(mtr, page, slot_at, slot_at + static_cast<uint32_t>(sizeof(Slot)), moved_bytes);
  }
  --h.count;
  pages.mtr_write(mtr, page, kHeaderAt, &h, offsetof(NodeHeader, lower_bytes));
}

void set_child(const mortise_iface_page_t& pages, mortise_mtr_t* mtr, mortise_page_t* page,
               uint32_t index, mortise_page_id_t child) {
  const Node node(page->data, page->size_bytes);
  const NodeHeader h = node.header();
  uint32_t at = kHeaderAt + static_cast<uint32_t>(offsetof(NodeHeader, last_child));
  if (index < h.count) at = node.slot(index).offset + uint32_t{node.slot(index).length};
  pages.mtr_write(mtr, page, at, &child, sizeof child);
}

std::string separator(std::string_view left, std::string_view right) {
  MORTISE_ASSERT(left < right);
  return std::string(right.substr(0, common_prefix(left, right) + 1));
}

}  // namespace mortise::index_btree
