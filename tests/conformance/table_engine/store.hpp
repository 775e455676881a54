// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what is the table that the suite tests?
//
// One table of the engine under test, spoken to through mortise_iface_table_engine_t and nothing
// else.  Which engine that is, table_world() and kTableSlot say: heap_provider.cpp or
// plugin_provider.cpp, whichever is linked.
//
// Threads: as the interface.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "mortise/iface/draft/table_engine.h"
#include "tests/conformance/values.hpp"
#include "tests/conformance/world.hpp"

namespace mortise::conformance {

// A world whose provider is the engine under test.
WorldOptions table_world(uint64_t seed);
extern const char* const kTableSlot;

using RowIds = std::vector<mortise_row_id_t>;
using Rows = std::vector<Row>;
using Outcomes = std::vector<uint8_t>;

constexpr uint8_t outcome(uint32_t row_outcome) {
  return static_cast<uint8_t>(row_outcome);
}
// What a view sees, by row id.
using Contents = std::map<mortise_row_id_t, Row>;

struct ScanWish {
  std::optional<std::vector<uint32_t>> columns;  // nothing: all
  std::vector<mortise_filter_t> filters;
  uint32_t part_index = 0;
  uint32_t parts_count = 0;
  uint32_t batch_rows_max = 0;
};

class Store {
 public:
  Store(World& world, const std::vector<mortise_type_t>& types,
        std::vector<uint32_t> key_columns = {});
  // The same table through another list of columns.
  Store(const Store& other, std::vector<mortise_table_column_t> columns);
  ~Store();
  Store& operator=(const Store&) = delete;

  const mortise_iface_table_engine_t& api() const { return *api_; }
  mortise_table_t* handle() const { return handle_; }
  mortise_segment_id_t segment() const { return segment_; }
  mortise_table_desc_t desc() const;
  const std::vector<mortise_table_column_t>& columns() const { return columns_; }
  std::vector<uint32_t> all_columns() const;
  std::vector<mortise_type_t> types(const std::vector<uint32_t>& columns) const;

  void open();
  void close();

  Status try_insert(Txn& txn, const Rows& rows, RowIds& ids, RandomBits* decoys = nullptr);
  RowIds insert(Txn& txn, const Rows& rows, RandomBits* decoys = nullptr);
  // In a transaction of its own.
  RowIds insert(const Rows& rows, RandomBits* decoys = nullptr);

  Status try_update(Txn& txn, const std::vector<uint32_t>& columns, const RowIds& ids,
                    const Rows& rows, uint32_t wait, Outcomes& outcomes,
                    RandomBits* decoys = nullptr);
  Outcomes update(Txn& txn, const std::vector<uint32_t>& columns, const RowIds& ids,
                  const Rows& rows, uint32_t wait = MORTISE_WAIT, RandomBits* decoys = nullptr);
  Status try_erase(Txn& txn, const RowIds& ids, uint32_t wait, Outcomes& outcomes);
  Outcomes erase(Txn& txn, const RowIds& ids, uint32_t wait = MORTISE_WAIT);
  Status try_lock(Txn& txn, const RowIds& ids, uint32_t strength, uint32_t wait,
                  Outcomes& outcomes);
  Outcomes lock(Txn& txn, const RowIds& ids, uint32_t strength, uint32_t wait = MORTISE_WAIT);
  std::vector<uint8_t> probe(Txn& txn, const std::vector<uint32_t>& columns, const RowIds& ids,
                             const Rows& keys, bool nulls_are_equal = false);

  // H2 is checked on the way: a row id that comes twice fails the test.
  Status try_scan(mortise_txn_t* txn, const mortise_read_view_t& view, const ScanWish& wish,
                  Contents& contents);
  Contents scan(Txn& txn, const ScanWish& wish = {});
  // By a view of this moment.
  Contents scan_now(const ScanWish& wish = {});
  Contents scan_as_of(mortise_scn_t scn, const ScanWish& wish = {});
  // Stale (72000) when the engine or the kernel has forgotten that time.
  Status try_scan_as_of(mortise_scn_t scn, const ScanWish& wish, Contents& contents);
  // Nothing for rows that the view does not see.
  std::vector<std::optional<Row>> fetch(Txn& txn, const RowIds& ids,
                                        const std::vector<uint32_t>& columns);

  mortise_table_stats_t stats();
  std::string verify();

 private:
  World& world_;
  const mortise_iface_table_engine_t* api_;
  std::vector<mortise_table_column_t> columns_;
  std::vector<uint32_t> key_columns_;
  mortise_segment_id_t segment_ = 0;
  mortise_table_t* handle_ = nullptr;
};

// The columns of a table of such types, none dropped, none with a missing value.
std::vector<mortise_table_column_t> table_columns(const std::vector<mortise_type_t>& types);

Row random_row(const std::vector<mortise_type_t>& types, RandomBits& random, Domain domain);
Rows random_rows(const std::vector<mortise_type_t>& types, RandomBits& random, size_t count,
                 Domain domain);
Contents contents_of(const RowIds& ids, const Rows& rows);

// (id INT64, amount INT64, text TEXT), for tests where types do not matter.
const std::vector<mortise_type_t>& plain_types();
Row plain_row(int64_t id, std::optional<int64_t> amount, std::optional<std::string> text);

constexpr uint32_t kReadCommitted = MORTISE_ISOLATION_READ_COMMITTED;
constexpr uint32_t kRepeatableRead = MORTISE_ISOLATION_REPEATABLE_READ;

}  // namespace mortise::conformance
