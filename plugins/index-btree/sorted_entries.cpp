// SPDX-License-Identifier: Apache-2.0
#include "sorted_entries.hpp"

#include <algorithm>
#include <cstring>

namespace mortise::index_btree {

void SortedEntries::add(std::string_view entry) {
  MORTISE_ASSERT(entry.size() >= 8);
  MORTISE_ASSERT(entry.size() <= kChunkBytes);
  if (kChunkBytes - used_bytes_ < entry.size()) {
    chunks_.push_back(std::make_unique<char[]>(kChunkBytes));
    used_bytes_ = 0;
  }
  char* place = chunks_.back().get() + used_bytes_;
  std::memcpy(place, entry.data(), entry.size());
  used_bytes_ += entry.size();
  uint64_t head;
  std::memcpy(&head, place, sizeof head);
  entries_.push_back({__builtin_bswap64(head), place, static_cast<uint32_t>(entry.size())});
}

void SortedEntries::sort() {
  std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
    return a.head != b.head ? a.head < b.head : text(a) < text(b);
  });
}

bool SortedEntries::next(std::string_view* entry) {
  if (position_ == entries_.size()) return false;
  *entry = text(entries_[position_++]);
  return true;
}

}  // namespace mortise::index_btree
