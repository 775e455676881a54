// SPDX-License-Identifier: Apache-2.0
#include "execute/vector/group_table.hpp"

#include <algorithm>
#include <cstring>

namespace mortise::sql_engine {

namespace {

constexpr uint64_t kPointerMask = (uint64_t{1} << 48) - 1;
constexpr uint64_t kFirstCapacity = 4096;

uint64_t salt_of(uint64_t hash) {
  return hash << 48;
}
uint8_t* row_at(uint64_t entry) {
  return reinterpret_cast<uint8_t*>(entry & kPointerMask);
}

}  // namespace

Status GroupTable::reserve(uint64_t groups) {
  if (groups * 100 <= capacity_ * kFillPercentMax) return {};
  uint64_t capacity = std::max(capacity_, kFirstCapacity);
  while (groups * 100 > capacity * kFillPercentMax) capacity *= 2;
  MORTISE_TRY_ASSIGN(Block block, Block::allocate(memory_, capacity * sizeof(uint64_t)));
  auto* entries = reinterpret_cast<uint64_t*>(block.data());
  std::memset(entries, 0, capacity * sizeof(uint64_t));
  const auto shift = static_cast<uint32_t>(64 - std::countr_zero(capacity));
  for (uint64_t i = 0; i < capacity_; ++i) {
    if (entries_[i] == 0) continue;
    uint64_t at = hash_of(row_at(entries_[i])) >> shift;
    while (entries[at] != 0) at = (at + 1) & (capacity - 1);
    entries[at] = entries_[i];
  }
  block_ = std::move(block);
  entries_ = entries;
  capacity_ = capacity;
  shift_ = shift;
  return {};
}

Status GroupTable::find_or_add(std::span<const mortise_column_t> keys, const uint16_t* from,
                               uint32_t count, const uint64_t* hashes, uint8_t** rows,
                               uint16_t* added, uint32_t* added_count) {
  MORTISE_ASSERT(count <= kBatchRows);
  MORTISE_TRY(reserve(groups_count_ + count));
  uint64_t at[kBatchRows];
  uint16_t open[kBatchRows];
  uint16_t candidates[kBatchRows];
  uint16_t fresh_from[kBatchRows];
  uint8_t* fresh[kBatchRows];
  for (uint32_t i = 0; i < count; ++i) {
    at[i] = home(hashes[i]);
    open[i] = static_cast<uint16_t>(i);
  }
  const uint64_t mask = capacity_ - 1;
  uint32_t all_added = 0;
  uint32_t open_count = count;
  while (open_count != 0) {
    uint32_t candidates_count = 0;
    uint32_t fresh_count = 0;
    for (uint32_t k = 0; k < open_count; ++k) {
      const uint16_t i = open[k];
      const uint64_t salt = salt_of(hashes[i]);
      uint64_t entry = entries_[at[i]];
      while (entry != 0 && (entry & ~kPointerMask) != salt) {
        at[i] = (at[i] + 1) & mask;
        entry = entries_[at[i]];
      }
      if (entry != 0) {
        rows[i] = row_at(entry);
        candidates[candidates_count++] = i;
        continue;
      }
      MORTISE_TRY(store_.append(1, &rows[i]));
      std::memcpy(rows[i], &hashes[i], sizeof(uint64_t));
      entries_[at[i]] = reinterpret_cast<uint64_t>(rows[i]) | salt;
      fresh[fresh_count] = rows[i];
      fresh_from[fresh_count++] = from[i];
      if (added != nullptr) added[all_added] = i;
      all_added += 1;
    }
    groups_count_ += fresh_count;
    bool ok = true;
    for (uint32_t c = 0; c < keys.size() && fresh_count != 0; ++c) {
      ok = store_.layout().scatter(c, keys[c], fresh_from, fresh_count, fresh, store_.heap()) && ok;
    }
    if (!ok) return store_.heap().failure();
    open_count = 0;
    for (uint32_t c = 0; c < keys.size() && candidates_count != 0; ++c) {
      candidates_count =
          store_.layout().match(c, keys[c], from, const_cast<const uint8_t* const*>(rows),
                                candidates, candidates_count, open, &open_count);
    }
    for (uint32_t k = 0; k < open_count; ++k) at[open[k]] = (at[open[k]] + 1) & mask;
  }
  if (added_count != nullptr) *added_count = all_added;
  return {};
}

Result<uint8_t*> GroupTable::find_or_link(uint8_t* row) {
  MORTISE_TRY(reserve(groups_count_ + 1));
  const uint64_t hash = hash_of(row);
  const uint64_t mask = capacity_ - 1;
  uint64_t at = home(hash);
  while (entries_[at] != 0) {
    uint8_t* held = row_at(entries_[at]);
    if ((entries_[at] & ~kPointerMask) == salt_of(hash) && hash_of(held) == hash &&
        layout().rows_equal(held, row, layout().columns_count())) {
      return held;
    }
    at = (at + 1) & mask;
  }
  entries_[at] = reinterpret_cast<uint64_t>(row) | salt_of(hash);
  groups_count_ += 1;
  linked_.push_back(row);
  return static_cast<uint8_t*>(nullptr);
}

}  // namespace mortise::sql_engine
