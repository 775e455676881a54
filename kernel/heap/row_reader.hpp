// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how do rows become batches?
//
// RowReader scans a table, or fetches rows by id.  A page at a time: which rows the view sees (one
// comparison for a page that nobody has changed lately), then filters on their columns, then the
// wanted columns of those that pass (page_rows.hpp, column_buffer.hpp).
//
// Invariants
//   D2  Filters see a row before any other column of it is copied.
//   D3  Between two calls nothing is latched or pinned.
//   D4  Large values are read after their row's page has been let go of, if the view's snapshot is
//       held: then nobody frees them meanwhile.  Filters on them read them at once.
//
// Threads: one at a time.

#include <memory>
#include <vector>

#include "kernel/heap/column_buffer.hpp"
#include "kernel/heap/heap.hpp"
#include "kernel/heap/page_rows.hpp"
#include "kernel/heap/version.hpp"
#include "kernel/scan/simd.hpp"

namespace mortise::heap {

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

  // A column that filters look at, gathered once for the page's rows.
  struct FilterColumn {
    uint32_t column;
    ColumnBuffer values;
    uint32_t generation = 0;  // of the rows that it holds
  };

  Status prepare(uint32_t capacity);
  // For filters, which want values now, and for columns, which can wait until the page is free.
  LargeSource large_now() { return {table_.heap().large_values(), txns_.storage(), nullptr}; }
  LargeSource large_later();
  Status read_large_values();
  Status prepare_filters();
  Result<bool> next_page();
  Status load_pages();
  void read_ahead();
  Status read_page(PageId page_id, uint32_t room);
  Status collect(const HeapPage& page, uint32_t room);
  Status collect_all(const HeapPage& page, uint32_t room);
  Status collect_seen(const HeapPage& page, uint32_t room);
  void count_all(const HeapPage& page, uint32_t room);
  Status filter_rows();
  Status emit(PageId page_id);
  Result<bool> find_row(const HeapPage& page, RowId id, std::span<const std::byte>& body);
  // Fetching: the ids of one page, `order_[begin, end)` of the call's.
  Status fetch_page(std::span<const mortise_row_id_t> row_ids, uint32_t begin, uint32_t end);
  Status put_fetched();
  void sort_ids(std::span<const mortise_row_id_t> row_ids);
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
  bool has_all_pages_ = false;
  std::vector<PageId> pages_;
  size_t page_index_ = 0;
  size_t ahead_index_ = 0;             // pages before it have been asked for
  const std::byte* coming_ = nullptr;  // for prefetch instructions only
  uint32_t next_slot_ = 0;
  bool page_done_ = true;

  // The current page.
  PageRows page_rows_;
  std::vector<mortise_filter_t> filters_;  // cheap ones first
  std::vector<FilterColumn> filter_columns_;
  std::vector<std::byte> remote_;
  std::vector<std::byte> older_;
  memory::Arena filter_arena_;

  // The current batch.
  memory::Arena arena_;
  std::vector<ColumnBuffer> buffers_;
  std::vector<mortise_column_t> columns_;
  std::vector<mortise_type_t> types_;
  std::vector<mortise_row_id_t> row_ids_;
  std::vector<uint32_t> order_;      // positions of a fetch, by page
  std::vector<uint32_t> positions_;  // of page_rows_
  std::vector<uint32_t> page_begins_;
  std::vector<uint64_t> seen_;
  std::vector<uint16_t> selection_;
  std::vector<LargeLater> large_later_;
  uint32_t rows_ = 0;
};

}  // namespace mortise::heap
