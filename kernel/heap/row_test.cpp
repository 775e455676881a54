// SPDX-License-Identifier: Apache-2.0
//
// Goal:   bodies, patches and pages keep their labelled invariants on random input, and damaged
//         bytes are refused without reading outside.
// Method: pure functions on bytes; pages through Mtrs of a small instance are tested with the heap.

#include <doctest/doctest.h>

#include "kernel/heap/heap_page.hpp"
#include "kernel/heap/row_encoder.hpp"
#include "kernel/heap/row_layout.hpp"
#include "kernel/heap/row_patch.hpp"
#include "kernel/platform/random.hpp"

namespace mortise::heap {
namespace {

std::vector<std::byte> random_bytes(platform::Random& random, size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::byte& b : bytes) b = static_cast<std::byte>(random.below(4));
  return bytes;
}

TEST_CASE("row: P1 a patch turns the newer body back into the older one") {
  const uint64_t seed = platform::random_seed();
  CAPTURE(seed);
  platform::Random random(seed);
  for (int i = 0; i < 20'000; ++i) {
    std::vector<std::byte> older = random_bytes(random, random.below(300));
    std::vector<std::byte> newer = older;
    for (uint64_t edits = random.below(4); edits != 0 && !newer.empty(); --edits) {
      const auto at = static_cast<ptrdiff_t>(random.below(newer.size()));
      const auto piece = random_bytes(random, random.below(20));
      if (random.one_in(2)) newer.insert(newer.begin() + at, piece.begin(), piece.end());
      if (random.one_in(2)) newer.erase(newer.begin(), newer.begin() + at);
      if (!newer.empty()) newer[random.below(newer.size())] = std::byte{9};
    }
    const std::vector<std::byte> patch = make_patch(older, newer);
    std::vector<std::byte> back;
    REQUIRE(apply_patch(newer, patch, back).is_ok());
    REQUIRE(back == older);
    // P2: damage is refused or gives other bytes, never a crash.
    std::vector<std::byte> damaged = patch;
    damaged[random.below(damaged.size())] ^= std::byte{0x41};
    static_cast<void>(apply_patch(newer, damaged, back));
    damaged.resize(random.below(damaged.size() + 1));
    static_cast<void>(apply_patch(newer, damaged, back));
  }
}

TEST_CASE("row: P1 a change of one number costs a few bytes, not the row") {
  std::vector<std::byte> older(200, std::byte{7});
  std::vector<std::byte> newer = older;
  newer[100] = std::byte{1};
  newer[103] = std::byte{2};
  CHECK(make_patch(older, newer).size() == 4 + 6 + 4);
}

mortise_table_column_t column(uint16_t physical) {
  return {{0, -1, physical, 0, 0, 0}, 0, 0, nullptr};
}

TEST_CASE(
    "row: R1 fixed columns stand at one place whatever else the row has; R2 damage is refused") {
  const mortise_table_column_t columns[] = {
      column(MORTISE_PHYSICAL_INT32), column(MORTISE_PHYSICAL_TEXT), column(MORTISE_PHYSICAL_BOOL),
      column(MORTISE_PHYSICAL_DECIMAL128), column(MORTISE_PHYSICAL_BYTES)};
  mortise_table_desc_t desc{};
  desc.struct_size_bytes = sizeof(desc);
  desc.columns_count = 5;
  desc.columns = columns;
  Result<TableLayout> layout = TableLayout::make(desc);
  REQUIRE(layout.has_value());
  CHECK(layout->fixed_bytes() == 4 + 1 + 16);
  const int32_t number = 77;
  const std::byte yes{1};
  const std::byte wide[16] = {};
  const std::string text = "some text";
  std::vector<ValueSource> values(5);
  values[0] = {reinterpret_cast<const std::byte*>(&number), {}, false, false};
  values[1] = {nullptr, as_bytes(text), false, false};
  values[2] = {&yes, {}, false, false};
  values[3] = {wide, {}, false, false};
  std::vector<std::byte> body;  // the last column is null
  REQUIRE(append_body(*layout, values, body).is_ok());
  CHECK(body.size() == body_bytes(*layout, values));
  RowView row;
  REQUIRE(view_row(body, row));
  CHECK(row.is_null(4));
  CHECK(as_text(stored_value(*layout, row, 1).var) == text);
  CHECK(*stored_value(*layout, row, 2).fixed == yes);
  CHECK(stored_value(*layout, row, 4).is_null);
  const uint64_t seed = platform::random_seed();
  CAPTURE(seed);
  platform::Random random(seed);
  for (int i = 0; i < 20'000; ++i) {
    std::vector<std::byte> damaged = body;
    damaged[random.below(damaged.size())] = static_cast<std::byte>(random.next());
    damaged.resize(random.below(damaged.size() + 1));
    if (!view_row(damaged, row)) continue;
    for (uint32_t c = 0; c < 5; ++c) {
      const ValueSource value = stored_value(*layout, row, c);
      if (value.is_null) continue;
      const std::byte* end = damaged.data() + damaged.size();
      if (value.fixed != nullptr) CHECK(value.fixed + layout->column(c).width <= end);
      if (!value.var.empty()) CHECK(value.var.data() + value.var.size() <= end);
    }
    std::vector<LargeRef> refs;
    collect_large(row, refs);
  }
}

TEST_CASE("row: E1 rows encoded by columns are those encoded one by one") {
  platform::Random random(41);
  constexpr mortise_type_t kBool{16, -1, MORTISE_PHYSICAL_BOOL, 0, 0, 0};
  constexpr mortise_type_t kInt16{21, -1, MORTISE_PHYSICAL_INT16, 0, 0, 0};
  constexpr mortise_type_t kInt32{23, -1, MORTISE_PHYSICAL_INT32, 0, 0, 0};
  constexpr mortise_type_t kInt64{20, -1, MORTISE_PHYSICAL_INT64, 0, 0, 0};
  constexpr mortise_type_t kUuid{2950, -1, MORTISE_PHYSICAL_UUID, 0, 0, 0};
  constexpr mortise_type_t kText{25, -1, MORTISE_PHYSICAL_TEXT, 0, 0, 0};
  const mortise_type_t kTypes[] = {kInt64, kText, kBool, kInt16, kText, kUuid, kInt32, kText};
  for (int round = 0; round < 60; ++round) {
    std::vector<mortise_table_column_t> columns;
    for (const mortise_type_t& type : kTypes) {
      columns.push_back({type, random.one_in(5) ? 1u : 0u, 0, nullptr});
    }
    mortise_table_desc_t desc{};
    desc.struct_size_bytes = sizeof(desc);
    desc.columns_count = static_cast<uint32_t>(columns.size());
    desc.columns = columns.data();
    auto made = TableLayout::make(desc);
    REQUIRE(made.status().is_ok());
    const TableLayout& layout = *made;
    constexpr uint32_t kRows = 70;
    std::vector<std::vector<uint64_t>> data;
    std::vector<std::vector<uint64_t>> validity;
    std::vector<mortise_column_t> batch_columns;
    std::string pool(400, ' ');
    for (char& c : pool) c = static_cast<char>('a' + random.below(26));
    for (uint32_t c = 0; c < layout.column_count(); ++c) {
      if (layout.column(c).is_dropped) continue;
      std::vector<uint64_t>& values = data.emplace_back(kRows * 2 + 8);
      for (uint64_t& word : values) word = random.next();
      if (layout.column(c).is_var) {
        for (uint32_t i = 0; i < kRows; ++i) {
          const mortise_view_t view = scan::make_view(pool.data() + random.below(100),
                                                      static_cast<uint32_t>(random.below(40)));
          std::memcpy(values.data() + 2 * i, &view, sizeof(view));
        }
      }
      std::vector<uint64_t>& bits = validity.emplace_back(3, ~uint64_t{0});
      const bool has_nulls = random.one_in(2);
      if (has_nulls) {
        for (uint64_t& word : bits) word = random.next() | random.next();
      }
      const uint32_t flags = random.one_in(4) ? MORTISE_COLUMN_CONSTANT : 0;
      batch_columns.push_back({has_nulls ? bits.data() : nullptr, values.data(), flags, 0});
    }
    std::vector<uint16_t> selection;
    for (uint16_t i = 0; i < kRows; ++i) {
      if (!random.one_in(3)) selection.push_back(i);
    }
    const bool selects = random.one_in(2);
    mortise_batch_t batch{};
    batch.struct_size_bytes = sizeof(batch);
    batch.rows_count = kRows;
    batch.columns_count = static_cast<uint32_t>(batch_columns.size());
    batch.columns = batch_columns.data();
    batch.selected_count = selects ? static_cast<uint32_t>(selection.size()) : kRows;
    batch.selection = selects ? selection.data() : nullptr;
    EncodedRows rows;
    REQUIRE(RowEncoder(layout, batch).append(4000, rows));
    REQUIRE(rows.count() == batch.selected_count);
    EncodedRows none;
    CHECK(!RowEncoder(layout, batch).append(30, none));
    CHECK(none.count() == 0);
    for (uint32_t i = 0; i < batch.selected_count; ++i) {
      std::vector<ValueSource> values;
      std::vector<std::byte> bools(layout.column_count());
      uint32_t next = 0;
      for (uint32_t c = 0; c < layout.column_count(); ++c) {
        values.push_back(layout.column(c).is_dropped
                             ? ValueSource{}
                             : batch_value(batch_columns[next++], layout.column(c),
                                           selects ? selection[i] : i, &bools[c]));
      }
      std::vector<std::byte> expected;
      REQUIRE(append_body(layout, values, expected).is_ok());
      const std::vector<std::byte> body(
          rows.bytes.begin() + static_cast<ptrdiff_t>(rows.positions[i] + kVersionBytes),
          rows.bytes.begin() + static_cast<ptrdiff_t>(rows.positions[i] + rows.sizes[i]));
      CHECK(body == expected);
    }
  }
}

TEST_CASE("row: a page of any bytes is looked at without reading outside it") {
  const uint64_t seed = platform::random_seed();
  CAPTURE(seed);
  platform::Random random(seed);
  for (int i = 0; i < 2'000; ++i) {
    std::vector<std::byte> bytes(4096);
    random.fill(bytes);
    if (random.one_in(2)) {
      store_le(bytes.data() + 32, static_cast<uint16_t>(random.below(300)));
      store_le(bytes.data() + 34, static_cast<uint16_t>(random.below(4097)));
    }
    bytes[5] = static_cast<std::byte>(page::PageType::heap);
    const HeapPage page(bytes);
    if (!page.belongs_to(page.segment())) continue;
    std::vector<std::string> findings;
    page.verify(findings);
    for (uint32_t slot = 0; slot < page.slot_count(); ++slot) {
      StoredRow row;
      if (page.row(slot, row)) CHECK(row.body.data() + row.body.size() <= bytes.data() + 4096);
    }
  }
}

}  // namespace
}  // namespace mortise::heap
