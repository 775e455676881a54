// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how do rows become columns of a batch?
//
// ColumnBuffers holds the columns of one batch; it takes values out of bodies while their page is
// latched, so that nothing of the page is referred to afterwards.  RowReader scans a table, or
// fetches rows by id.
//
// Invariants
//   D1  Buffers are aligned and padded as batch.h (B1) says.
//   D2  Filters see a row before any other column of it is copied.
//   D3  Between two calls nothing is latched or pinned.
//
// Threads: one at a time.

#include <memory>
#include <vector>

#include "kernel/heap/heap.hpp"
#include "kernel/heap/version.hpp"
#include "kernel/scan/simd.hpp"

namespace mortise::heap {

// One column's values for up to `capacity` rows.
class ColumnBuffer {
 public:
  Status prepare(const TableLayout::Column& column, uint32_t capacity, memory::Arena& arena);
  // Puts the value at row `row`.  Long bytes are copied to the arena if `copies`.
  Status put(const ValueSource& value, uint32_t row, bool copies, recovery::Storage& storage,
             memory::Arena& arena);
  // What no row is in reads as null.
  void put_null(uint32_t row);
  mortise_column_t column() const;

 private:
  uint16_t physical_ = 0;
  uint16_t width_ = 0;
  bool is_var_ = false;
  bool has_nulls_ = false;
  uint32_t capacity_ = 0;
  uint64_t* validity_ = nullptr;
  std::byte* data_ = nullptr;
};

struct ScanOptions {
  std::vector<uint32_t> columns;
  std::vector<mortise_filter_t> filters;
  bool wants_row_ids = false;
  uint32_t part_index = 0;
  uint32_t parts_count = 1;
  uint32_t batch_rows_max = MORTISE_BATCH_ROWS_DEFAULT;
};

class RowReader final : public mortise_table_scan {
 public:
  // `txn` may be null.  72000 when the view is older than what undo holds.
  static Result<std::unique_ptr<RowReader>> open(Table& table, txn::Transaction* txn,
                                                 const mortise_read_view_t& view,
                                                 ScanOptions options);
  ~RowReader() override;

  // The next batch; false at the end.
  Result<bool> next(mortise_batch_t& batch);
  // Rows by id, in their order; rows the view does not see are left out of the selection.
  Status fetch(std::span<const mortise_row_id_t> row_ids, mortise_batch_t& batch);

 private:
  RowReader(Table& table, txn::Transaction* txn, const mortise_read_view_t& view,
            ScanOptions options);

  // A row of the current page that the view sees.
  struct Candidate {
    std::span<const std::byte> body;
    uint32_t slot;
  };

  Status prepare(uint32_t capacity);
  Result<bool> next_page();
  Status read_page(PageId page_id, uint32_t room);
  Status collect(const HeapPage& page, uint32_t room);
  Status collect_slow(const HeapPage& page, uint32_t room);
  Status filter_rows();
  Status emit(PageId page_id);
  Result<bool> find_row(const HeapPage& page, RowId id, std::span<const std::byte>& body);
  std::vector<std::byte>& scratch();
  void finish(mortise_batch_t& batch, uint32_t rows, bool with_ids);

  Table& table_;
  txn::TxnManager& txns_;
  txn::Transaction* const txn_;
  txn::Visibility visibility_;
  const ScanOptions options_;
  bool is_pinned_ = false;

  // Where the scan is.
  space::ScanRange range_;
  bool has_range_ = false;
  std::vector<space::PageRef> pages_;
  size_t page_index_ = 0;
  uint32_t next_slot_ = 0;
  bool page_done_ = true;

  // The current page.
  std::vector<Candidate> candidates_;
  std::vector<uint16_t> passing_;
  std::vector<std::unique_ptr<std::vector<std::byte>>> scratch_;
  size_t scratch_used_ = 0;
  memory::Arena page_arena_;

  // The current batch.
  memory::Arena arena_;
  std::vector<ColumnBuffer> buffers_;
  std::vector<mortise_column_t> columns_;
  std::vector<mortise_type_t> types_;
  std::vector<mortise_row_id_t> row_ids_;
  std::vector<uint16_t> selection_;
  uint32_t rows_ = 0;
};

}  // namespace mortise::heap
