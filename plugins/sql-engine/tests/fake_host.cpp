// SPDX-License-Identifier: Apache-2.0
//
// Longer than 500 lines, because two whole fake services stand in it.

#include "fake_host.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "execute/vector/value_order.hpp"
#include "mortise/cpp/boundary.hpp"

namespace mortise::sql_engine::testing {

mortise_type_t type_of(uint32_t sql_type) {
  mortise_type_t type{};
  type.sql_type = sql_type;
  type.modifier = -1;
  type.physical = MORTISE_PHYSICAL_INT64;
  if (sql_type == MORTISE_SQL_TEXT) type.physical = MORTISE_PHYSICAL_TEXT;
  if (sql_type == MORTISE_SQL_BOOL) type.physical = MORTISE_PHYSICAL_BOOL;
  return type;
}

Cell num(int64_t value) {
  return {false, value, {}};
}
Cell txt(std::string value) {
  return {false, 0, std::move(value)};
}
Cell nil() {
  return {};
}

FakeMemory::FakeMemory() {
  table_.header = {sizeof(table_), 1, 0, 0};
  table_.allocate = [](mortise_account_t* account, uint64_t size, mortise_error_t* error) -> void* {
    auto& self = *reinterpret_cast<FakeMemory*>(account);
    if (self.used_bytes + size > self.budget_bytes) {
      error->set(error, "53200", str_of("out of memory"));
      return nullptr;
    }
    void* block = std::aligned_alloc(64, (size + 63) / 64 * 64);
    self.used_bytes += size;
    self.blocks[block] = size;
    return block;
  };
  table_.release = [](mortise_account_t* account, void* block) {
    auto& self = *reinterpret_cast<FakeMemory*>(account);
    self.used_bytes -= self.blocks[block];
    self.blocks.erase(block);
    std::free(block);
  };
  table_.used_bytes = [](const mortise_account_t* account) {
    return reinterpret_cast<const FakeMemory*>(account)->used_bytes;
  };
}

FakeMemory::~FakeMemory() {
  for (const auto& [block, size] : blocks) std::free(block);
}

namespace {

// Columns of cells, laid out as batch.h says.
struct CellColumns {
  std::vector<std::vector<uint64_t>> data;
  std::vector<std::vector<uint64_t>> validity;
  std::vector<mortise_column_t> columns;
  std::vector<mortise_type_t> types;
  std::vector<std::string> texts;
  std::vector<mortise_row_id_t> row_ids;

  void fill(const std::vector<CellRow>& rows, const std::vector<mortise_type_t>& column_types) {
    types = column_types;
    data.assign(types.size(), std::vector<uint64_t>(rows.size() * 2 + 64, 0));
    validity.assign(types.size(), std::vector<uint64_t>(rows.size() / 64 + 16, ~uint64_t{0}));
    columns.clear();
    for (size_t c = 0; c < types.size(); ++c) {
      for (size_t r = 0; r < rows.size(); ++r) {
        const Cell& cell = rows[r][c];
        if (cell.is_null) {
          clear_bit(validity[c].data(), r);
        } else if (types[c].physical == MORTISE_PHYSICAL_TEXT) {
          reinterpret_cast<mortise_view_t*>(data[c].data())[r] = view_to(cell.text);
        } else {
          data[c][r] = static_cast<uint64_t>(cell.number);
        }
      }
      columns.push_back({validity[c].data(), data[c].data(), 0, 0});
    }
  }
};

CellRow read_row(const mortise_batch_t& batch, const mortise_type_t* types, uint32_t row) {
  CellRow cells;
  for (uint32_t c = 0; c < batch.columns_count; ++c) {
    const mortise_column_t& column = batch.columns[c];
    const uint32_t at = is_constant(column) ? 0 : row;
    if (column.validity != nullptr && !get_bit(column.validity, at)) {
      cells.push_back(nil());
    } else if (types[c].physical == MORTISE_PHYSICAL_TEXT) {
      cells.push_back(
          txt(std::string(text_of(static_cast<const mortise_view_t*>(column.data)[at]))));
    } else if (types[c].physical == MORTISE_PHYSICAL_BOOL) {
      cells.push_back(num(get_bit(static_cast<const uint64_t*>(column.data), at) ? 1 : 0));
    } else {
      cells.push_back(num(static_cast<const int64_t*>(column.data)[at]));
    }
  }
  return cells;
}

Cell filter_value(const mortise_filter_t& filter, const mortise_type_t& type, uint32_t index) {
  if (type.physical == MORTISE_PHYSICAL_TEXT) {
    return txt(std::string(text_of(static_cast<const mortise_view_t*>(filter.values)[index])));
  }
  return num(static_cast<const int64_t*>(filter.values)[index]);
}

bool passes(const Cell& cell, const mortise_filter_t& f, const mortise_type_t& type) {
  if (f.operation == MORTISE_FILTER_IS_NULL) return cell.is_null;
  if (cell.is_null) return false;
  const auto value = [&](uint32_t i) { return filter_value(f, type, i); };
  switch (f.operation) {
    case MORTISE_FILTER_EQ:
      return cell == value(0);
    case MORTISE_FILTER_NE:
      return cell != value(0);
    case MORTISE_FILTER_LT:
      return cell < value(0);
    case MORTISE_FILTER_LE:
      return cell <= value(0);
    case MORTISE_FILTER_GT:
      return cell > value(0);
    case MORTISE_FILTER_GE:
      return cell >= value(0);
    case MORTISE_FILTER_IN:
      for (uint32_t i = 0; i < f.values_count; ++i) {
        if (cell == value(i)) return true;
      }
      return false;
    case MORTISE_FILTER_PREFIX:
      return cell.text.rfind(value(0).text, 0) == 0;
    default:
      return true;
  }
}

struct FakeScan {
  FakeTable* table;
  std::vector<uint32_t> columns;
  std::vector<mortise_row_id_t> ids;
  size_t at = 0;
  CellColumns batch;
  std::vector<uint16_t> selection;
};

FakeTable& table_of(mortise_table_t* t) {
  return *reinterpret_cast<FakeTable*>(t);
}
FakeScan& scan_of(mortise_table_scan_t* s) {
  return *reinterpret_cast<FakeScan*>(s);
}

void fill_scan(FakeScan& scan, const std::vector<mortise_row_id_t>& ids) {
  std::vector<CellRow> rows;
  std::vector<mortise_type_t> types;
  for (const uint32_t c : scan.columns) {
    types.push_back(scan.table->relation()->columns()[c].type);
  }
  for (const mortise_row_id_t id : ids) {
    CellRow row;
    for (const uint32_t c : scan.columns) row.push_back(scan.table->rows[id - 1][c]);
    rows.push_back(std::move(row));
  }
  // Texts are read through views: the cells must not die before the next batch.
  static thread_local std::vector<std::vector<CellRow>> kept;
  kept.push_back(std::move(rows));
  if (kept.size() > 64) kept.erase(kept.begin(), kept.begin() + 32);
  scan.batch.fill(kept.back(), types);
  scan.batch.row_ids = ids;
  scan.batch.row_ids.resize(ids.size() + 8);
}

const mortise_iface_table_engine_t* engine_table() {
  static const mortise_iface_table_engine_t engine = [] {
    mortise_iface_table_engine_t e{};
    e.header = {sizeof(e), 1, 0, 0};
    e.insert = [](mortise_table_t* t, mortise_txn_t*, const mortise_batch_t* rows,
                  mortise_row_id_t* ids, mortise_error_t*) -> mortise_status_t {
      FakeTable& table = table_of(t);
      for (uint32_t i = 0; i < rows->selected_count; ++i) {
        const uint32_t row = rows->selection == nullptr ? i : rows->selection[i];
        table.rows.push_back(read_row(*rows, rows->types, row));
        table.is_alive.push_back(true);
        ids[i] = table.rows.size();
      }
      return MORTISE_OK;
    };
    e.update = [](mortise_table_t* t, mortise_txn_t*, const mortise_read_view_t* view,
                  const uint32_t* columns, const mortise_batch_t* rows, uint32_t, uint8_t* outcomes,
                  mortise_error_t*) -> mortise_status_t {
      FakeTable& table = table_of(t);
      for (uint32_t i = 0; i < rows->selected_count; ++i) {
        const uint32_t row = rows->selection == nullptr ? i : rows->selection[i];
        const uint64_t at = rows->row_ids[row] - 1;
        outcomes[i] = table.is_alive[at] ? MORTISE_ROW_DONE : MORTISE_ROW_GONE;
        if (table.before_change && (view->flags & MORTISE_READ_LATEST) == 0) {
          outcomes[i] = table.before_change(at);
        }
        if (outcomes[i] != MORTISE_ROW_DONE) continue;
        const CellRow values = read_row(*rows, rows->types, row);
        for (uint32_t c = 0; c < rows->columns_count; ++c) table.rows[at][columns[c]] = values[c];
      }
      return MORTISE_OK;
    };
    e.erase = [](mortise_table_t* t, mortise_txn_t*, const mortise_read_view_t* view,
                 const mortise_row_id_t* ids, uint32_t count, uint32_t, uint8_t* outcomes,
                 mortise_error_t*) -> mortise_status_t {
      FakeTable& table = table_of(t);
      for (uint32_t i = 0; i < count; ++i) {
        const uint64_t at = ids[i] - 1;
        outcomes[i] = table.is_alive[at] ? MORTISE_ROW_DONE : MORTISE_ROW_GONE;
        if (table.before_change && (view->flags & MORTISE_READ_LATEST) == 0) {
          outcomes[i] = table.before_change(at);
        }
        if (outcomes[i] == MORTISE_ROW_DONE) table.is_alive[at] = false;
      }
      return MORTISE_OK;
    };
    e.lock = [](mortise_table_t* t, mortise_txn_t*, const mortise_read_view_t*,
                const mortise_row_id_t* ids, uint32_t count, uint32_t, uint32_t, uint8_t* outcomes,
                mortise_error_t*) -> mortise_status_t {
      for (uint32_t i = 0; i < count; ++i) {
        outcomes[i] = table_of(t).is_alive[ids[i] - 1] ? MORTISE_ROW_CHANGED : MORTISE_ROW_GONE;
      }
      return MORTISE_OK;
    };
    e.scan_open = [](mortise_table_t* t, mortise_txn_t*, const mortise_read_view_t*,
                     const mortise_scan_options_t* o, mortise_table_scan_t** out,
                     mortise_error_t*) -> mortise_status_t {
      FakeTable& table = table_of(t);
      auto* scan = new FakeScan{&table, {o->columns, o->columns + o->columns_count}, {}, 0, {}, {}};
      const uint32_t parts = std::max(1U, o->parts_count);
      for (size_t r = 0; r < table.rows.size(); ++r) {
        if (!table.is_alive[r] || r % parts != o->part_index) continue;
        bool ok = true;
        for (uint32_t f = 0; f < o->filters_count && ok; ++f) {
          const mortise_filter_t& filter = o->filters[f];
          ok = passes(table.rows[r][filter.column_index], filter,
                      table.relation()->columns()[filter.column_index].type);
        }
        if (ok) scan->ids.push_back(r + 1);
      }
      *out = reinterpret_cast<mortise_table_scan_t*>(scan);
      return MORTISE_OK;
    };
    e.scan_next = [](mortise_table_scan_t* s, mortise_batch_t* batch,
                     mortise_error_t*) -> mortise_status_t {
      FakeScan& scan = scan_of(s);
      const size_t count = std::min<size_t>(2048, scan.ids.size() - scan.at);
      if (count == 0) return MORTISE_END;
      const auto begin = scan.ids.begin() + static_cast<int64_t>(scan.at);
      fill_scan(scan, {begin, begin + static_cast<int64_t>(count)});
      scan.at += count;
      batch->rows_count = batch->selected_count = static_cast<uint32_t>(count);
      batch->columns_count = static_cast<uint32_t>(scan.columns.size());
      batch->selection = nullptr;
      batch->columns = scan.batch.columns.data();
      batch->types = scan.batch.types.data();
      batch->row_ids = scan.batch.row_ids.data();
      return MORTISE_OK;
    };
    e.scan_close = [](mortise_table_scan_t* s) { delete &scan_of(s); };
    e.fetch_open = [](mortise_table_t* t, mortise_txn_t*, const mortise_read_view_t*,
                      const uint32_t* columns, uint32_t count, mortise_table_scan_t** out,
                      mortise_error_t*) -> mortise_status_t {
      auto* scan = new FakeScan{&table_of(t), {columns, columns + count}, {}, 0, {}, {}};
      *out = reinterpret_cast<mortise_table_scan_t*>(scan);
      return MORTISE_OK;
    };
    e.fetch = [](mortise_table_scan_t* s, const mortise_row_id_t* ids, uint32_t count,
                 mortise_batch_t* batch, mortise_error_t*) -> mortise_status_t {
      FakeScan& scan = scan_of(s);
      fill_scan(scan, {ids, ids + count});
      scan.selection.clear();
      for (uint32_t i = 0; i < count; ++i) {
        if (scan.table->is_alive[ids[i] - 1]) scan.selection.push_back(static_cast<uint16_t>(i));
      }
      batch->rows_count = count;
      batch->selected_count = static_cast<uint32_t>(scan.selection.size());
      batch->columns_count = static_cast<uint32_t>(scan.columns.size());
      batch->selection = scan.selection.data();
      batch->columns = scan.batch.columns.data();
      batch->types = scan.batch.types.data();
      batch->row_ids = ids;
      return MORTISE_OK;
    };
    e.probe = [](mortise_table_t* t, mortise_txn_t*, const uint32_t* columns, uint32_t,
                 const mortise_batch_t* keys, uint32_t, uint8_t* alive,
                 mortise_error_t*) -> mortise_status_t {
      FakeTable& table = table_of(t);
      for (uint32_t i = 0; i < keys->selected_count; ++i) {
        const CellRow wanted = read_row(*keys, keys->types, i);
        const uint64_t at = keys->row_ids[i] - 1;
        alive[i] = table.is_alive[at] ? 1 : 0;
        for (uint32_t c = 0; c < keys->columns_count; ++c) {
          if (table.rows[at][columns[c]] != wanted[c] || wanted[c].is_null) alive[i] = 0;
        }
      }
      return MORTISE_OK;
    };
    e.stats = [](mortise_table_t* t, mortise_table_stats_t* stats,
                 mortise_error_t*) -> mortise_status_t {
      const FakeTable& table = table_of(t);
      stats->rows_estimate = table.rows_estimate != 0 ? table.rows_estimate : table.rows.size();
      return MORTISE_OK;
    };
    return e;
  }();
  return &engine;
}

// Keys as bytes in order: nulls last.
std::string encode(const CellRow& key) {
  std::string bytes;
  for (const Cell& cell : key) {
    bytes.push_back(cell.is_null ? '\2' : '\1');
    if (cell.is_null) continue;
    uint64_t number = static_cast<uint64_t>(cell.number) ^ (uint64_t{1} << 63);
    for (int i = 7; i >= 0; --i) bytes.push_back(static_cast<char>(number >> (i * 8)));
    bytes += cell.text;
    bytes.push_back('\0');
  }
  return bytes;
}

struct FakeIndexScan {
  FakeTable::Index* index;
  size_t at;
  size_t end;
  bool is_backward;
  std::vector<mortise_view_t> views;
  std::vector<mortise_row_id_t> ids;
  mortise_column_t column;
};

FakeTable::Index& index_of(mortise_index_t* i) {
  return *reinterpret_cast<FakeTable::Index*>(i);
}

const mortise_iface_index_t* index_table() {
  static const mortise_iface_index_t methods = [] {
    mortise_iface_index_t m{};
    m.header = {sizeof(m), 1, 0, MORTISE_INDEX_ORDERED | MORTISE_INDEX_UNIQUE};
    m.insert = [](mortise_index_t* i, mortise_txn_t*, const mortise_batch_t* rows, uint32_t,
                  mortise_index_on_conflict_t on_conflict, void* context,
                  mortise_error_t*) -> mortise_status_t {
      FakeTable::Index& index = index_of(i);
      for (uint32_t k = 0; k < rows->selected_count; ++k) {
        const uint32_t row = rows->selection == nullptr ? k : rows->selection[k];
        const CellRow key = read_row(*rows, rows->types, row);
        const std::string bytes = encode(key);
        const mortise_row_id_t id = rows->row_ids[row];
        const bool has_null =
            std::any_of(key.begin(), key.end(), [](const Cell& c) { return c.is_null; });
        for (const auto& [other, other_id] : index.entries) {
          if (on_conflict == nullptr || has_null || other != bytes || other_id == id) continue;
          const mortise_index_conflict_t conflict = {k, 0, other_id};
          on_conflict(context, &conflict, 1);
        }
        const std::pair<std::string, mortise_row_id_t> entry(bytes, id);
        const auto at = std::lower_bound(index.entries.begin(), index.entries.end(), entry);
        if (at == index.entries.end() || *at != entry) index.entries.insert(at, entry);
      }
      return MORTISE_OK;
    };
    m.scan_open = [](mortise_index_t* i, const mortise_index_bound_t* lower,
                     const mortise_index_bound_t* upper, uint32_t is_backward,
                     mortise_index_scan_t** out, mortise_error_t*) -> mortise_status_t {
      FakeTable::Index& index = index_of(i);
      const auto bytes_of = [](const mortise_index_bound_t* b) {
        return encode(read_row(*b->values, b->values->types, 0));
      };
      size_t begin = 0;
      size_t end = index.entries.size();
      if (lower->values != nullptr) {
        const std::string key = bytes_of(lower);
        while (begin < end && index.entries[begin].first < key) ++begin;
        while (begin < end && lower->is_inclusive == 0 &&
               index.entries[begin].first.rfind(key, 0) == 0) {
          ++begin;
        }
      }
      if (upper->values != nullptr) {
        const std::string key = bytes_of(upper);
        size_t stop = begin;
        while (stop < end &&
               (index.entries[stop].first < key ||
                (upper->is_inclusive != 0 && index.entries[stop].first.rfind(key, 0) == 0))) {
          ++stop;
        }
        end = stop;
      }
      *out = reinterpret_cast<mortise_index_scan_t*>(
          new FakeIndexScan{&index, begin, end, is_backward != 0, {}, {}, {}});
      return MORTISE_OK;
    };
    m.scan_next = [](mortise_index_scan_t* s, uint32_t rows_max, mortise_batch_t* batch,
                     mortise_error_t*) -> mortise_status_t {
      auto& scan = *reinterpret_cast<FakeIndexScan*>(s);
      scan.views.clear();
      scan.ids.clear();
      while (scan.at < scan.end && scan.ids.size() < rows_max) {
        const size_t at = scan.is_backward ? --scan.end : scan.at++;
        scan.views.push_back(view_to(scan.index->entries[at].first));
        scan.ids.push_back(scan.index->entries[at].second);
      }
      if (scan.ids.empty()) return MORTISE_END;
      scan.column = {nullptr, scan.views.data(), 0, 0};
      batch->rows_count = batch->selected_count = static_cast<uint32_t>(scan.ids.size());
      batch->columns_count = 1;
      batch->selection = nullptr;
      batch->columns = &scan.column;
      batch->row_ids = scan.ids.data();
      return MORTISE_OK;
    };
    m.scan_close = [](mortise_index_scan_t* s) { delete reinterpret_cast<FakeIndexScan*>(s); };
    m.lookup = [](mortise_index_t* i, const mortise_batch_t* keys,
                  mortise_status_t(MORTISE_CALL * visit)(
                      void*, const uint32_t*, const mortise_row_id_t*, uint32_t, mortise_error_t*),
                  void* context, mortise_error_t* error) -> mortise_status_t {
      FakeTable::Index& index = index_of(i);
      for (uint32_t k = 0; k < keys->selected_count; ++k) {
        const uint32_t row = keys->selection == nullptr ? k : keys->selection[k];
        const CellRow key = read_row(*keys, keys->types, row);
        if (std::any_of(key.begin(), key.end(), [](const Cell& c) { return c.is_null; })) continue;
        const std::string bytes = encode(key);
        for (const auto& [entry, id] : index.entries) {
          if (entry.rfind(bytes, 0) != 0) continue;
          const mortise_status_t status = visit(context, &k, &id, 1, error);
          if (status < 0) return status;
        }
      }
      return MORTISE_OK;
    };
    m.encode_keys = [](mortise_index_t*, const mortise_batch_t* keys,
                       void*(MORTISE_CALL * allocate)(void*, uint64_t), void* context,
                       mortise_view_t* out, mortise_error_t*) -> mortise_status_t {
      for (uint32_t k = 0; k < keys->selected_count; ++k) {
        const uint32_t row = keys->selection == nullptr ? k : keys->selection[k];
        const std::string bytes = encode(read_row(*keys, keys->types, row));
        auto* copy = static_cast<char*>(allocate(context, bytes.size()));
        std::memcpy(copy, bytes.data(), bytes.size());
        out[row] = view_to({copy, bytes.size()});
      }
      return MORTISE_OK;
    };
    return m;
  }();
  return &methods;
}

}  // namespace

FakeTable::FakeTable(std::string name, std::vector<std::pair<std::string, uint32_t>> columns) {
  mutable_relation_ = std::shared_ptr<Relation>(new Relation, [](Relation* r) {
    r->table = nullptr;  // these handles are the test's
    for (IndexInfo& index : r->indexes) index.handle = nullptr;
    delete r;
  });
  Relation& relation = *mutable_relation_;
  relation.definition.name = std::move(name);
  relation.definition.id = 20000;
  relation.schema_name = "public";
  for (auto& [column, type] : columns) {
    schema::ColumnDef definition;
    definition.name = column;
    definition.type = type_of(type);
    relation.definition.columns.push_back(definition);
  }
  relation.engine = engine_table();
  relation.table = reinterpret_cast<mortise_table_t*>(this);
  relation_ = mutable_relation_;
}

void FakeTable::add_index(std::string name, std::vector<uint32_t> columns, bool is_unique) {
  auto index = std::make_unique<Index>();
  index->table = this;
  index->columns = columns;
  for (size_t r = 0; r < rows.size(); ++r) {
    CellRow key;
    for (const uint32_t c : columns) key.push_back(rows[r][c]);
    index->entries.emplace_back(encode(key), r + 1);
  }
  std::sort(index->entries.begin(), index->entries.end());
  IndexInfo info;
  info.definition.name = std::move(name);
  info.definition.is_unique = is_unique;
  info.definition.columns = columns;
  info.definition.expressions.resize(columns.size());
  info.definition.flags.resize(columns.size());
  info.method = index_table();
  info.handle = reinterpret_cast<mortise_index_t*>(index.get());
  mutable_relation_->indexes.push_back(std::move(info));
  indexes.push_back(std::move(index));
}

void FakeTable::add(CellRow row) {
  rows.push_back(std::move(row));
  is_alive.push_back(true);
}

std::vector<CellRow> FakeTable::live_rows() const {
  std::vector<CellRow> result;
  for (size_t r = 0; r < rows.size(); ++r) {
    if (is_alive[r]) result.push_back(rows[r]);
  }
  return result;
}

FakeHost::FakeHost() {
  static const mortise_iface_txn_t txn = [] {
    mortise_iface_txn_t table{};
    table.view = [](const mortise_txn_t*, mortise_read_view_t* view) { *view = {}; };
    return table;
  }();
  services.memory = memory.table();
  services.txn = &txn;
}

namespace {

struct SinkContext {
  Outcome* outcome;
  std::string copy_data;
  size_t copied = 0;
  size_t piece_bytes = 7;
};

mortise_sink_t sink_for(SinkContext& context) {
  mortise_sink_t sink{};
  sink.struct_size_bytes = sizeof(sink);
  sink.context = &context;
  sink.rows = [](void* c, const mortise_batch_t* batch, mortise_error_t*) -> mortise_status_t {
    Outcome& outcome = *static_cast<SinkContext*>(c)->outcome;
    for (uint32_t i = 0; i < batch->selected_count; ++i) {
      const uint32_t row = batch->selection == nullptr ? i : batch->selection[i];
      outcome.rows.push_back(read_row(*batch, batch->types, row));
    }
    return MORTISE_OK;
  };
  sink.copy_in_begin = [](void*, uint32_t, uint32_t, mortise_error_t*) -> mortise_status_t {
    return MORTISE_OK;
  };
  sink.copy_out_begin = sink.copy_in_begin;
  sink.copy_read = [](void* c, uint32_t* kind, mortise_bytes_t* bytes,
                      mortise_error_t*) -> mortise_status_t {
    auto& self = *static_cast<SinkContext*>(c);
    const size_t size = std::min(self.piece_bytes, self.copy_data.size() - self.copied);
    *kind = size == 0 ? MORTISE_COPY_DONE : MORTISE_COPY_DATA;
    *bytes = {reinterpret_cast<const uint8_t*>(self.copy_data.data()) + self.copied, size};
    self.copied += size;
    return MORTISE_OK;
  };
  sink.copy_write = [](void* c, mortise_bytes_t bytes, mortise_error_t*) -> mortise_status_t {
    static_cast<SinkContext*>(c)->outcome->copied.append(reinterpret_cast<const char*>(bytes.data),
                                                         bytes.size_bytes);
    return MORTISE_OK;
  };
  return sink;
}

}  // namespace

Outcome FakeHost::run(LogicalPlan plan, std::vector<Datum> parameters, std::string copy_data,
                      uint64_t rows_max) {
  Outcome outcome;
  auto prepared = prepare(services, std::move(plan));
  if (!prepared) {
    outcome.status = std::move(prepared.error());
    return outcome;
  }
  mortise_session_context_t session{};
  session.struct_size_bytes = sizeof(session);
  session.interrupt = &interrupt;
  ExecutionContext context;
  context.services = &services;
  context.session = &session;
  context.isolation = isolation;
  context.account = memory.account();
  context.parameters = parameters;
  auto opened = open(*prepared, context);
  SinkContext sink_context{&outcome, std::move(copy_data), 0, copy_piece_bytes};
  const mortise_sink_t sink = sink_for(sink_context);
  while (true) {
    Result<RunState> state = (*opened)->run(sink, rows_max);
    if (!state) {
      outcome.status = std::move(state.error());
      break;
    }
    if (*state == RunState::done) break;
  }
  outcome.count = (*opened)->rows_count();
  return outcome;
}

std::vector<std::string> FakeHost::explain(LogicalPlan plan) {
  auto prepared = prepare(services, std::move(plan));
  if (!prepared) return {std::string(prepared.error().message())};
  return (*prepared)->explain(false, false);
}

std::unique_ptr<Scan> PlanMaker::scan(const FakeTable& table, bool has_row_id) {
  auto made = std::make_unique<Scan>();
  made->relation = table.relation();
  made->alias = table.relation()->name();
  for (uint32_t c = 0; c < table.relation()->columns_count(); ++c) {
    const schema::ColumnDef& column = table.relation()->columns()[c];
    made->columns.push_back(c);
    made->outputs.push_back(plan.columns.add(column.name, column.type));
  }
  if (has_row_id) {
    made->row_id = column("row_id", MORTISE_SQL_INT8);
    made->outputs.push_back(made->row_id);
  }
  return made;
}

ExpressionPtr PlanMaker::col(ColumnId id) {
  return make_column(id, plan.columns[id].type);
}

LogicalPlan PlanMaker::finish(LogicalPtr root, std::vector<ColumnId> results) {
  plan.root = std::move(root);
  for (const ColumnId id : results) {
    plan.results.push_back({id, plan.columns[id].name, plan.columns[id].type, 0, 0});
  }
  return std::move(plan);
}

ExpressionPtr constant(int64_t value) {
  Datum datum = Datum::int64(value);
  return make_constant(std::move(datum));
}
ExpressionPtr constant(std::string value) {
  return make_constant(Datum::text(type_of(MORTISE_SQL_TEXT), value));
}
ExpressionPtr null_number() {
  return make_constant(Datum::null(type_of(MORTISE_SQL_INT8)));
}

ExpressionPtr call(std::string_view name, std::vector<ExpressionPtr> arguments) {
  std::vector<uint32_t> types;
  for (const ExpressionPtr& a : arguments) types.push_back(a->type.sql_type);
  auto e = std::make_unique<Expression>();
  e->kind = ExpressionKind::call;
  e->function = function(name, types);
  MORTISE_ASSERT(e->function != nullptr);
  e->type = type_of(e->function->return_type);
  e->children = std::move(arguments);
  return e;
}

ExpressionPtr binary(std::string_view symbol, ExpressionPtr a, ExpressionPtr b) {
  std::vector<ExpressionPtr> arguments;
  arguments.push_back(std::move(a));
  arguments.push_back(std::move(b));
  return call(symbol, std::move(arguments));
}

}  // namespace mortise::sql_engine::testing
