// SPDX-License-Identifier: Apache-2.0
#include "kernel/heap/page_rows.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

#include "kernel/scan/simd.hpp"

namespace mortise::heap {

void PageRows::begin(std::span<const std::byte> page) {
  page_begin_ = page.data();
  page_end_ = page.data() + page.size();
  if (has_copies_) copies_.reset();
  has_copies_ = false;
  has_header_ = false;
  columns_min_ = UINT32_MAX;
  fixed_min_ = UINT32_MAX;
  vars_min_ = UINT32_MAX;
  any_nulls_ = false;
  count_ = 0;
  ++generation_;
}

Status PageRows::no_body(uint32_t slot) {
  return corrupt("stored row makes no sense: slot " + std::to_string(slot));
}

Status PageRows::add_copy(std::span<const std::byte> body, uint32_t slot) {
  has_copies_ = true;
  auto* copy = static_cast<std::byte*>(copies_.allocate(body.size() + kSlackBytes, 8));
  if (copy == nullptr) return copies_.refusal();
  if (!body.empty()) std::memcpy(copy, body.data(), body.size());
  std::memset(copy + body.size(), 0, kSlackBytes);
  return append({copy, body.size()}, slot);
}

void PageRows::read_header(uint64_t header) {
  has_header_ = true;
  header_ = header;
  const uint32_t columns = static_cast<uint16_t>(header);
  const uint32_t fixed = static_cast<uint16_t>(header >> 16);
  const uint32_t var_count = static_cast<uint16_t>(header >> 32);
  const bool has_nulls = ((header >> 48) & kRowHasNulls) != 0;
  const uint32_t behind_fixed = kBodyHeaderBytes + fixed;
  nulls_of_header_ = has_nulls ? behind_fixed : 0;
  ends_of_header_ = behind_fixed + (has_nulls ? (columns + 7) / 8 : 0);
  vars_of_header_ = ends_of_header_ + 2 * var_count;
  columns_min_ = std::min(columns_min_, columns);
  fixed_min_ = std::min(fixed_min_, fixed);
  vars_min_ = std::min(vars_min_, var_count);
  any_nulls_ = any_nulls_ || has_nulls;
}

void PageRows::keep(const uint64_t* bits) {
  uint32_t kept = 0;
  for (uint32_t word = 0; word < scan::words_of(count_); ++word) {
    for (uint64_t rest = bits[word]; rest != 0; rest &= rest - 1) {
      const uint32_t i = word * 64 + static_cast<uint32_t>(std::countr_zero(rest));
      bodies_[kept] = bodies_[i];
      sizes_[kept] = sizes_[i];
      nulls_[kept] = nulls_[i];
      ends_[kept] = ends_[i];
      vars_[kept] = vars_[i];
      slots_[kept] = slots_[i];
      ++kept;
    }
  }
  count_ = kept;
  ++generation_;
}

}  // namespace mortise::heap
