// SPDX-License-Identifier: Apache-2.0

// mortise.table_engine/1, slot "heap", over Heap, Table and RowReader: translation, nothing else.

#include "kernel/catalog/database.hpp"
#include "kernel/catalog/database_services.hpp"
#include "kernel/heap/row_reader.hpp"
#include "mortise/cpp/boundary.hpp"

namespace mortise::catalog {
namespace {

using heap::RowReader;
using heap::Table;
using txn::Transaction;

Table& of(mortise_table_t* table) {
  return *static_cast<Table*>(table);
}
RowReader& of(mortise_table_scan_t* scan) {
  return *static_cast<RowReader*>(scan);
}
Transaction* maybe(mortise_txn_t* txn) {
  return txn == nullptr ? nullptr : &Transaction::of(txn);
}

// What a failed change leaves behind can only be rolled back (H4).
Status note_failure(mortise_txn_t* txn, Status status) {
  const bool is_refusal = status.code() == Code::busy;  // NOWAIT, lock timeout: nothing was changed
  if (!status && !is_refusal) Transaction::of(txn).set_failed();
  return status;
}

mortise_status_t create(mortise_txn_t* txn, const mortise_table_desc_t* desc,
                        mortise_segment_id_t* segment, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    MORTISE_TRY_ASSIGN(const SegmentId made,
                       Database::current().heap().create(Transaction::of(txn), *desc));
    *segment = raw(made);
    return {};
  });
}

mortise_status_t drop(mortise_txn_t* txn, mortise_segment_id_t segment, mortise_error_t* error) {
  return guard(error, [&] {
    return Database::current().heap().drop(Transaction::of(txn), SegmentId{segment});
  });
}

mortise_status_t open(const mortise_table_desc_t* desc, mortise_table_t** table,
                      mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    MORTISE_TRY_ASSIGN(std::unique_ptr<Table> opened,
                       Table::open(Database::current().heap(), *desc));
    *table = opened.release();
    return {};
  });
}

void close(mortise_table_t* table) {
  delete static_cast<Table*>(table);
}

mortise_status_t insert(mortise_table_t* table, mortise_txn_t* txn, const mortise_batch_t* rows,
                        mortise_row_id_t* row_ids, mortise_error_t* error) {
  return guard(error, [&] {
    return note_failure(txn, of(table).insert(Transaction::of(txn), *rows, row_ids));
  });
}

mortise_status_t update(mortise_table_t* table, mortise_txn_t* txn,
                        const mortise_read_view_t* view, const uint32_t* columns,
                        const mortise_batch_t* rows, uint32_t wait, uint8_t* outcomes,
                        mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    if (rows->row_ids == nullptr) return invalid("update without row ids");
    return note_failure(
        txn, of(table).update(Transaction::of(txn), *view, columns, *rows, wait, outcomes));
  });
}

mortise_status_t erase(mortise_table_t* table, mortise_txn_t* txn,
                       const mortise_read_view_t* view, const mortise_row_id_t* row_ids,
                       uint32_t rows_count, uint32_t wait, uint8_t* outcomes,
                       mortise_error_t* error) {
  return guard(error, [&] {
    return note_failure(txn, of(table).erase(Transaction::of(txn), *view, {row_ids, rows_count},
                                             wait, outcomes));
  });
}

mortise_status_t lock(mortise_table_t* table, mortise_txn_t* txn, const mortise_read_view_t* view,
                      const mortise_row_id_t* row_ids, uint32_t rows_count, uint32_t strength,
                      uint32_t wait, uint8_t* outcomes, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    if (strength < MORTISE_ROW_LOCK_KEY_SHARE || strength > MORTISE_ROW_LOCK_UPDATE) {
      return invalid("unknown row lock strength: " + std::to_string(strength));
    }
    return note_failure(txn, of(table).lock(Transaction::of(txn), *view, {row_ids, rows_count},
                                            strength, wait, outcomes));
  });
}

mortise_status_t scan_open(mortise_table_t* table, mortise_txn_t* txn,
                           const mortise_read_view_t* view,
                           const mortise_scan_options_t* options, mortise_table_scan_t** scan,
                           mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    heap::ScanOptions wanted;
    wanted.columns.assign(options->columns, options->columns + options->columns_count);
    wanted.filters.assign(options->filters, options->filters + options->filters_count);
    wanted.wants_row_ids = options->wants_row_ids != 0;
    wanted.part_index = options->part_index;
    wanted.parts_count = std::max(1u, options->parts_count);
    wanted.batch_rows_max = options->batch_rows_max;
    if (wanted.part_index >= wanted.parts_count) return invalid("scan part does not exist");
    MORTISE_TRY_ASSIGN(std::unique_ptr<RowReader> opened,
                       RowReader::open(of(table), maybe(txn), *view, std::move(wanted)));
    *scan = opened.release();
    return {};
  });
}

mortise_status_t scan_next(mortise_table_scan_t* scan, mortise_batch_t* batch,
                           mortise_error_t* error) {
  return guard(error, [&]() -> mortise_status_t {
    Result<bool> more = of(scan).next(*batch);
    if (!more) return report(more.error(), error);
    return *more ? MORTISE_OK : MORTISE_END;
  });
}

void scan_close(mortise_table_scan_t* scan) {
  delete static_cast<RowReader*>(scan);
}

mortise_status_t fetch_open(mortise_table_t* table, mortise_txn_t* txn,
                            const mortise_read_view_t* view, const uint32_t* columns,
                            uint32_t columns_count, mortise_table_scan_t** scan,
                            mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    heap::ScanOptions wanted;
    wanted.columns.assign(columns, columns + columns_count);
    MORTISE_TRY_ASSIGN(std::unique_ptr<RowReader> opened,
                       RowReader::open(of(table), maybe(txn), *view, std::move(wanted)));
    *scan = opened.release();
    return {};
  });
}

mortise_status_t fetch(mortise_table_scan_t* scan, const mortise_row_id_t* row_ids,
                       uint32_t rows_count, mortise_batch_t* batch, mortise_error_t* error) {
  return guard(error, [&] { return of(scan).fetch({row_ids, rows_count}, *batch); });
}

mortise_status_t probe(mortise_table_t* table, mortise_txn_t* txn, const uint32_t* columns,
                       uint32_t nulls_are_equal, const mortise_batch_t* keys, uint32_t wait,
                       uint8_t* is_alive, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    if (keys->row_ids == nullptr) return invalid("probe without row ids");
    return of(table).probe(Transaction::of(txn), columns, nulls_are_equal != 0, *keys, wait,
                           is_alive);
  });
}

mortise_status_t stats(mortise_table_t* table, mortise_table_stats_t* stats,
                       mortise_error_t* error) {
  return guard(error, [&] { return of(table).stats(*stats); });
}

mortise_status_t verify(mortise_table_t* table,
                        void (*report_to)(void* context, mortise_str_t finding), void* context,
                        mortise_error_t* error) {
  return guard(error, [&] {
    return of(table).verify(
        [&](const std::string& finding) { report_to(context, str_of(finding)); });
  });
}

constexpr mortise_iface_table_engine_t kService = {
    {sizeof(mortise_iface_table_engine_t), 1, 0, 0},
    create,
    drop,
    open,
    close,
    insert,
    update,
    erase,
    lock,
    scan_open,
    scan_next,
    scan_close,
    fetch_open,
    fetch,
    probe,
    stats,
    verify,
};

}  // namespace

const mortise_iface_table_engine_t* heap_service() {
  return &kService;
}

}  // namespace mortise::catalog
