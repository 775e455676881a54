// SPDX-License-Identifier: Apache-2.0
//
// Goal:   a record says what was put in, and bytes that are no record are refused without harm.
// Method: hand-made records; then random damage under a right checksum, because the checksum is not
//         what protects from a fault of the writer.

#include "kernel/log/record.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <vector>

#include "kernel/base/bytes.hpp"
#include "kernel/platform/random.hpp"

namespace mortise::log {
namespace {

constexpr Lsn kAt{4160};

void seal(std::vector<std::byte>& record) {
  store_le(record.data(), static_cast<uint32_t>(record.size()));
  store_le(record.data() + 4, record_crc(record, kAt));
}

void append(std::vector<std::byte>& to, std::span<const std::byte> bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

void append_delta(std::vector<std::byte>& to, DeltaOp op, uint8_t page, uint32_t offset,
                  uint32_t length, std::span<const std::byte> extra) {
  std::byte h[8];
  store_le(h, op);
  store_le(h + 1, page);
  store_le(h + 2, static_cast<uint16_t>(offset));
  store_le(h + 4, static_cast<uint8_t>(offset >> 16));
  store_le(h + 5, static_cast<uint16_t>(length));
  store_le(h + 7, static_cast<uint8_t>(length >> 16));
  append(to, h);
  append(to, extra);
}

std::vector<std::byte> sample() {
  std::vector<std::byte> r(kRecordHeaderBytes);
  const std::byte details[] = {std::byte{1}, std::byte{2}};
  RecordHeader header;
  header.txn = TxnId{42};
  header.kind = RecordKind::commit;
  header.flags = kRecordRowChange;
  header.page_count = 1;
  header.payload_bytes = kRowChangeHeaderBytes + 2 + 3;
  encode_header(r.data(), header);
  std::byte row[kRowChangeHeaderBytes];
  encode_row_change_header(row, {SegmentId{9}, RowChangeKind::update, 77, details});
  append(r, row);
  append(r, details);
  append(r, as_bytes("pay"));
  std::byte entry[16];
  store_le(entry, make_page_id(SpaceId{1}, 5));
  store_le(entry + 8, uint64_t{4000});
  append(r, entry);
  append_delta(r, DeltaOp::write, 0, 100, 5, as_bytes("hello"));
  const std::byte value[] = {std::byte{7}};
  append_delta(r, DeltaOp::fill, 0, 200, 300, value);
  const std::byte source[] = {std::byte{100}, std::byte{0}, std::byte{0}};
  append_delta(r, DeltaOp::move, 0, 102, 5, source);
  seal(r);
  return r;
}

TEST_CASE("log record: everything comes back") {
  const std::vector<std::byte> bytes = sample();
  const auto view = RecordView::parse(bytes, kAt, kAt + bytes.size());
  REQUIRE(view.has_value());
  CHECK(view->txn() == TxnId{42});
  CHECK(view->kind() == RecordKind::commit);
  CHECK(as_text(view->payload()) == "pay");
  REQUIRE(view->has_row_change());
  CHECK(view->row_change().table == SegmentId{9});
  CHECK(view->row_change().row_id == 77);
  CHECK(view->row_change().details.size() == 2);
  REQUIRE(view->page_count() == 1);
  CHECK(view->page_id(0) == make_page_id(SpaceId{1}, 5));
  CHECK(view->page_seq_before(0) == 4000);

  std::vector<std::byte> page(4096);
  size_t position = 0;
  Delta delta{};
  int count = 0;
  while (view->next_delta(position, delta)) {
    CHECK(apply_delta(page, view->page_id(0), delta));
    ++count;
  }
  CHECK(count == 3);
  CHECK(as_text(std::span(page).subspan(100, 7)) == "hehello");
  CHECK(page[499] == std::byte{7});
  CHECK(page[500] == std::byte{0});
}

TEST_CASE("log record: the same bytes at another place are no record") {
  const std::vector<std::byte> bytes = sample();
  CHECK(RecordView::parse(bytes, kAt + 4096, kAt + 8192).status().code() == Code::corrupt);
}

TEST_CASE("log record: damage under a right checksum is refused or harmless") {
  platform::Random random(11);
  for (int round = 0; round < 20'000; ++round) {
    std::vector<std::byte> bytes = sample();
    for (uint64_t i = 1 + random.below(3); i > 0; --i) {
      bytes[8 + random.below(bytes.size() - 8)] = static_cast<std::byte>(random.below(256));
    }
    if (random.one_in(4)) bytes.resize(kRecordHeaderBytes + random.below(bytes.size() - 23));
    seal(bytes);
    const auto view = RecordView::parse(bytes, kAt, kAt + bytes.size());
    if (!view) continue;
    std::vector<std::byte> page(4096);
    size_t position = 0;
    Delta delta{};
    while (view->next_delta(position, delta)) {
      (void)apply_delta(page, view->page_id(delta.page_index), delta).is_ok();
    }
  }
}

TEST_CASE("log record: a delta that leaves its page is refused") {
  std::vector<std::byte> page(4096);
  Delta delta{};
  delta.op = DeltaOp::fill;
  delta.offset = 4000;
  delta.length = 97;
  CHECK(apply_delta(page, PageId{1}, delta).code() == Code::corrupt);
  delta.op = DeltaOp::move;
  delta.offset = 0;
  delta.source = 4000;
  CHECK(apply_delta(page, PageId{1}, delta).code() == Code::corrupt);
}

}  // namespace
}  // namespace mortise::log
