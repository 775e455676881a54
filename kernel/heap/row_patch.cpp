// SPDX-License-Identifier: Apache-2.0
#include "kernel/heap/row_patch.hpp"

#include <algorithm>

#include "kernel/base/bytes.hpp"
#include "kernel/heap/row_layout.hpp"

namespace mortise::heap {
namespace {

constexpr size_t kRunHeaderBytes = 6;

class Patch {
 public:
  explicit Patch(size_t old_bytes) {
    bytes_.resize(4);
    store_le(bytes_.data(), static_cast<uint16_t>(old_bytes));
  }
  void add(size_t offset, size_t new_bytes, std::span<const std::byte> old) {
    std::byte header[kRunHeaderBytes];
    store_le(header, static_cast<uint16_t>(offset));
    store_le(header + 2, static_cast<uint16_t>(new_bytes));
    store_le(header + 4, static_cast<uint16_t>(old.size()));
    bytes_.insert(bytes_.end(), header, header + kRunHeaderBytes);
    bytes_.insert(bytes_.end(), old.begin(), old.end());
    ++runs_;
  }
  std::vector<std::byte> finish() {
    store_le(bytes_.data() + 2, static_cast<uint16_t>(runs_));
    return std::move(bytes_);
  }

 private:
  std::vector<std::byte> bytes_;
  uint32_t runs_ = 0;
};

// Runs of differing bytes of two stretches of one length; gaps shorter than a run's frame are kept
// in.
void add_equal_length(Patch& patch, std::span<const std::byte> older,
                      std::span<const std::byte> newer, size_t base) {
  size_t i = 0;
  while (i < older.size()) {
    if (older[i] == newer[i]) {
      ++i;
      continue;
    }
    size_t last = i;  // the last byte that differs
    for (size_t j = i + 1; j < older.size() && j - last <= kRunHeaderBytes; ++j) {
      if (older[j] != newer[j]) last = j;
    }
    patch.add(base + i, last + 1 - i, older.subspan(i, last + 1 - i));
    i = last + 1;
  }
}

}  // namespace

std::vector<std::byte> make_patch(std::span<const std::byte> older,
                                  std::span<const std::byte> newer) {
  Patch patch(older.size());
  if (older.size() == newer.size()) {
    add_equal_length(patch, older, newer, 0);
    return patch.finish();
  }
  // The fixed prefixes stand at the same place when they have the same size.
  size_t fixed = 0;
  if (older.size() >= kBodyHeaderBytes && newer.size() >= kBodyHeaderBytes &&
      load_le<uint16_t>(older.data() + 2) == load_le<uint16_t>(newer.data() + 2)) {
    fixed = std::min({size_t{kBodyHeaderBytes} + load_le<uint16_t>(older.data() + 2), older.size(),
                      newer.size()});
    add_equal_length(patch, older.first(fixed), newer.first(fixed), 0);
  }
  const auto rest_old = older.subspan(fixed);
  const auto rest_new = newer.subspan(fixed);
  const size_t both = std::min(rest_old.size(), rest_new.size());
  size_t head = 0;
  while (head < both && rest_old[head] == rest_new[head]) ++head;
  size_t tail = 0;
  while (tail < both - head &&
         rest_old[rest_old.size() - 1 - tail] == rest_new[rest_new.size() - 1 - tail]) {
    ++tail;
  }
  patch.add(fixed + head, rest_new.size() - head - tail,
            rest_old.subspan(head, rest_old.size() - head - tail));
  return patch.finish();
}

Status apply_patch(std::span<const std::byte> newer, std::span<const std::byte> patch,
                   std::vector<std::byte>& older) {
  const auto damaged = [] { return corrupt("row patch does not fit its row"); };
  if (patch.size() < 4) return damaged();
  const size_t old_bytes = load_le<uint16_t>(patch.data());
  const uint32_t runs = load_le<uint16_t>(patch.data() + 2);
  older.clear();
  older.reserve(old_bytes);
  size_t at = 4;
  size_t from = 0;
  for (uint32_t i = 0; i < runs; ++i) {
    if (at + kRunHeaderBytes > patch.size()) return damaged();
    const size_t offset = load_le<uint16_t>(patch.data() + at);
    const size_t skip = load_le<uint16_t>(patch.data() + at + 2);
    const size_t put = load_le<uint16_t>(patch.data() + at + 4);
    at += kRunHeaderBytes;
    if (offset < from || offset + skip > newer.size() || at + put > patch.size()) return damaged();
    older.insert(older.end(), newer.begin() + static_cast<ptrdiff_t>(from),
                 newer.begin() + static_cast<ptrdiff_t>(offset));
    older.insert(older.end(), patch.begin() + static_cast<ptrdiff_t>(at),
                 patch.begin() + static_cast<ptrdiff_t>(at + put));
    from = offset + skip;
    at += put;
  }
  older.insert(older.end(), newer.begin() + static_cast<ptrdiff_t>(from), newer.end());
  return older.size() == old_bytes ? Status() : damaged();
}

}  // namespace mortise::heap
