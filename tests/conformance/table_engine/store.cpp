// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/table_engine/store.hpp"

#include <algorithm>
#include <numeric>

#include "mortise/cpp/batch.hpp"

namespace mortise::conformance {
namespace {

Row row_at(const mortise_batch_t& batch, uint32_t row) {
  Row result;
  for (uint32_t c = 0; c < batch.columns_count; ++c) {
    result.push_back(value_at(batch.types[c], batch.columns[c], row));
  }
  return result;
}

}  // namespace

std::vector<mortise_table_column_t> table_columns(const std::vector<mortise_type_t>& types) {
  std::vector<mortise_table_column_t> columns;
  for (const mortise_type_t& type : types) columns.push_back({type, 0, 0, nullptr});
  return columns;
}

Row random_row(const std::vector<mortise_type_t>& types, RandomBits& random, Domain domain) {
  Row row;
  for (const mortise_type_t& type : types) row.push_back(random_nullable(type, random, domain));
  return row;
}

Rows random_rows(const std::vector<mortise_type_t>& types, RandomBits& random, size_t count,
                 Domain domain) {
  Rows rows;
  for (size_t i = 0; i < count; ++i) rows.push_back(random_row(types, random, domain));
  return rows;
}

Contents contents_of(const RowIds& ids, const Rows& rows) {
  Contents contents;
  for (size_t i = 0; i < ids.size(); ++i) contents.emplace(ids[i], rows[i]);
  return contents;
}

const std::vector<mortise_type_t>& plain_types() {
  static const std::vector<mortise_type_t> types = {type_of(MORTISE_PHYSICAL_INT64),
                                                    type_of(MORTISE_PHYSICAL_INT64),
                                                    type_of(MORTISE_PHYSICAL_TEXT)};
  return types;
}

Row plain_row(int64_t id, std::optional<int64_t> amount, std::optional<std::string> text) {
  const mortise_type_t& number = plain_types()[0];
  return {int_value(number, id), amount ? int_value(number, *amount) : null_value(),
          text ? string_value(*text) : null_value()};
}

Store::Store(World& world, const std::vector<mortise_type_t>& types,
             std::vector<uint32_t> key_columns)
    : world_(world),
      api_(static_cast<const mortise_iface_table_engine_t*>(
          world.table(MORTISE_IFACE_TABLE_ENGINE, kTableSlot))),
      columns_(table_columns(types)),
      key_columns_(std::move(key_columns)) {
  REQUIRE(api_ != nullptr);
  Txn txn(world);
  const mortise_table_desc_t wanted = desc();
  require_ok(
      call([&](mortise_error_t* e) { return api_->create(txn.get(), &wanted, &segment_, e); }));
  require_ok(txn.commit());
  open();
}

Store::Store(const Store& other, std::vector<mortise_table_column_t> columns)
    : world_(other.world_),
      api_(other.api_),
      columns_(std::move(columns)),
      key_columns_(other.key_columns_),
      segment_(other.segment_) {
  open();
}

Store::~Store() {
  close();
}

mortise_table_desc_t Store::desc() const {
  mortise_table_desc_t desc{};
  desc.struct_size_bytes = sizeof(desc);
  desc.columns_count = static_cast<uint32_t>(columns_.size());
  desc.columns = columns_.data();
  desc.object = 16'600;
  desc.segment = segment_;
  desc.has_key_columns = key_columns_.empty() ? 0 : 1;
  desc.key_columns = key_columns_.data();
  desc.key_columns_count = static_cast<uint32_t>(key_columns_.size());
  return desc;
}

void Store::open() {
  const mortise_table_desc_t wanted = desc();
  require_ok(call([&](mortise_error_t* e) { return api_->open(&wanted, &handle_, e); }));
}

void Store::close() {
  if (handle_ != nullptr) api_->close(handle_);
  handle_ = nullptr;
}

std::vector<uint32_t> Store::all_columns() const {
  std::vector<uint32_t> columns;
  for (uint32_t c = 0; c < columns_.size(); ++c) {
    if (columns_[c].is_dropped == 0) columns.push_back(c);
  }
  return columns;
}

std::vector<mortise_type_t> Store::types(const std::vector<uint32_t>& columns) const {
  std::vector<mortise_type_t> types;
  for (const uint32_t c : columns) types.push_back(columns_.at(c).type);
  return types;
}

Status Store::try_insert(Txn& txn, const Rows& rows, RowIds& ids, RandomBits* decoys) {
  const RowsBatch batch(types(all_columns()), rows, {}, decoys);
  ids.assign(rows.size(), 0);
  return call([&](mortise_error_t* e) {
    return api_->insert(handle_, txn.get(), &batch.batch(), ids.data(), e);
  });
}

RowIds Store::insert(Txn& txn, const Rows& rows, RandomBits* decoys) {
  RowIds ids;
  require_ok(try_insert(txn, rows, ids, decoys));
  for (const mortise_row_id_t id : ids) REQUIRE(id != 0);
  return ids;
}

RowIds Store::insert(const Rows& rows, RandomBits* decoys) {
  Txn txn(world_);
  RowIds ids = insert(txn, rows, decoys);
  require_ok(txn.commit());
  return ids;
}

Status Store::try_update(Txn& txn, const std::vector<uint32_t>& columns, const RowIds& ids,
                         const Rows& rows, uint32_t wait, Outcomes& outcomes, RandomBits* decoys) {
  const RowsBatch batch(types(columns), rows, ids, decoys);
  outcomes.assign(rows.size(), 0xFF);
  return call([&](mortise_error_t* e) {
    return api_->update(handle_, txn.get(), txn.view(), columns.data(), &batch.batch(), wait,
                        outcomes.data(), e);
  });
}

Outcomes Store::update(Txn& txn, const std::vector<uint32_t>& columns, const RowIds& ids,
                       const Rows& rows, uint32_t wait, RandomBits* decoys) {
  Outcomes outcomes;
  require_ok(try_update(txn, columns, ids, rows, wait, outcomes, decoys));
  return outcomes;
}

Status Store::try_erase(Txn& txn, const RowIds& ids, uint32_t wait, Outcomes& outcomes) {
  outcomes.assign(ids.size(), 0xFF);
  return call([&](mortise_error_t* e) {
    return api_->erase(handle_, txn.get(), txn.view(), ids.data(),
                       static_cast<uint32_t>(ids.size()), wait, outcomes.data(), e);
  });
}

Outcomes Store::erase(Txn& txn, const RowIds& ids, uint32_t wait) {
  Outcomes outcomes;
  require_ok(try_erase(txn, ids, wait, outcomes));
  return outcomes;
}

Status Store::try_lock(Txn& txn, const RowIds& ids, uint32_t strength, uint32_t wait,
                       Outcomes& outcomes) {
  outcomes.assign(ids.size(), 0xFF);
  return call([&](mortise_error_t* e) {
    return api_->lock(handle_, txn.get(), txn.view(), ids.data(), static_cast<uint32_t>(ids.size()),
                      strength, wait, outcomes.data(), e);
  });
}

Outcomes Store::lock(Txn& txn, const RowIds& ids, uint32_t strength, uint32_t wait) {
  Outcomes outcomes;
  require_ok(try_lock(txn, ids, strength, wait, outcomes));
  return outcomes;
}

std::vector<uint8_t> Store::probe(Txn& txn, const std::vector<uint32_t>& columns, const RowIds& ids,
                                  const Rows& keys, bool nulls_are_equal) {
  const RowsBatch batch(types(columns), keys, ids);
  std::vector<uint8_t> is_alive(keys.size(), 0xFF);
  require_ok(call([&](mortise_error_t* e) {
    return api_->probe(handle_, txn.get(), columns.data(), nulls_are_equal ? 1 : 0, &batch.batch(),
                       MORTISE_WAIT, is_alive.data(), e);
  }));
  return is_alive;
}

Status Store::try_scan(mortise_txn_t* txn, const mortise_read_view_t& view, const ScanWish& wish,
                       Contents& contents) {
  const std::vector<uint32_t> columns = wish.columns.value_or(all_columns());
  mortise_scan_options_t options{};
  options.struct_size_bytes = sizeof(options);
  options.columns = columns.data();
  options.columns_count = static_cast<uint32_t>(columns.size());
  options.filters = wish.filters.data();
  options.filters_count = static_cast<uint32_t>(wish.filters.size());
  options.wants_row_ids = 1;
  options.part_index = wish.part_index;
  options.parts_count = wish.parts_count;
  options.batch_rows_max = wish.batch_rows_max;
  mortise_table_scan_t* scan = nullptr;
  MORTISE_TRY(call([&](mortise_error_t* e) {
    return api_->scan_open(handle_, txn, &view, &options, &scan, e);
  }));
  Status status;
  for (;;) {
    mortise_batch_t batch{};
    ErrorSlot slot;
    const mortise_status_t answer = api_->scan_next(scan, &batch, slot.get());
    status = slot.status(answer);
    if (!status || answer == MORTISE_END) break;
    REQUIRE(batch.selected_count > 0);
    REQUIRE(batch.row_ids != nullptr);
    REQUIRE(batch.columns_count == columns.size());
    if (wish.batch_rows_max != 0) REQUIRE(batch.rows_count <= wish.batch_rows_max);
    for_each_selected(batch.rows_count, batch.selection, batch.selected_count, [&](uint32_t row) {
      const bool is_new = contents.emplace(batch.row_ids[row], row_at(batch, row)).second;
      INFO("H2: a row came twice");
      REQUIRE(is_new);
    });
  }
  api_->scan_close(scan);
  return status;
}

Contents Store::scan(Txn& txn, const ScanWish& wish) {
  Contents contents;
  require_ok(try_scan(txn.get(), *txn.view(), wish, contents));
  return contents;
}

Contents Store::scan_now(const ScanWish& wish) {
  return scan_as_of(0, wish);
}

Contents Store::scan_as_of(mortise_scn_t scn, const ScanWish& wish) {
  Contents contents;
  require_ok(try_scan_as_of(scn, wish, contents));
  return contents;
}

Status Store::try_scan_as_of(mortise_scn_t scn, const ScanWish& wish, Contents& contents) {
  mortise_read_view_t view{};
  MORTISE_TRY(call([&](mortise_error_t* e) { return world_.txns().read_open(scn, &view, e); }));
  const Status status = try_scan(nullptr, view, wish, contents);
  world_.txns().read_close(&view);
  return status;
}

std::vector<std::optional<Row>> Store::fetch(Txn& txn, const RowIds& ids,
                                             const std::vector<uint32_t>& columns) {
  mortise_table_scan_t* reader = nullptr;
  require_ok(call([&](mortise_error_t* e) {
    return api_->fetch_open(handle_, txn.get(), txn.view(), columns.data(),
                            static_cast<uint32_t>(columns.size()), &reader, e);
  }));
  std::vector<std::optional<Row>> rows(ids.size());
  for (size_t begin = 0; begin < ids.size(); begin += 1000) {
    const auto count = static_cast<uint32_t>(std::min<size_t>(1000, ids.size() - begin));
    mortise_batch_t batch{};
    require_ok(call([&](mortise_error_t* e) {
      return api_->fetch(reader, ids.data() + begin, count, &batch, e);
    }));
    REQUIRE(batch.rows_count == count);
    for_each_selected(batch.rows_count, batch.selection, batch.selected_count,
                      [&](uint32_t row) { rows[begin + row] = row_at(batch, row); });
  }
  api_->scan_close(reader);
  return rows;
}

mortise_table_stats_t Store::stats() {
  mortise_table_stats_t stats{};
  stats.struct_size_bytes = sizeof(stats);
  require_ok(call([&](mortise_error_t* e) { return api_->stats(handle_, &stats, e); }));
  return stats;
}

std::string Store::verify() {
  return findings_of([&](auto report, void* context, mortise_error_t* error) {
    return api_->verify(handle_, report, context, error);
  });
}

}  // namespace mortise::conformance
