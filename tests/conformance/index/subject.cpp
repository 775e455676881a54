// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/index/subject.hpp"

#include <algorithm>
#include <deque>
#include <memory>

#include "mortise/cpp/batch.hpp"

// Of the plugin that this file is linked with.
extern "C" const mortise_plugin_t* MORTISE_CALL mortise_plugin_query_v1(uint32_t host_abi_minor);

namespace mortise::conformance {
namespace {

// A bound with the memory it needs.
class BoundBatch {
 public:
  BoundBatch(const std::vector<mortise_type_t>& types, const Bound& bound) {
    bound_.is_inclusive = bound.is_inclusive ? 1 : 0;
    if (bound.values.empty()) return;
    const std::vector<mortise_type_t> leading(
        types.begin(), types.begin() + static_cast<std::ptrdiff_t>(bound.values.size()));
    batch_ = std::make_unique<RowsBatch>(leading, std::vector<Row>{bound.values});
    bound_.values = &batch_->batch();
  }
  const mortise_index_bound_t* get() const { return &bound_; }

 private:
  std::unique_ptr<RowsBatch> batch_;
  mortise_index_bound_t bound_{};
};

std::vector<Row> keys_of(const std::vector<Entry>& entries) {
  std::vector<Row> keys;
  for (const Entry& entry : entries) keys.push_back(entry.key);
  return keys;
}

std::vector<mortise_row_id_t> row_ids_of(const std::vector<Entry>& entries) {
  std::vector<mortise_row_id_t> row_ids;
  for (const Entry& entry : entries) row_ids.push_back(entry.row_id);
  return row_ids;
}

// Gives entries in batches of different sizes, as a table's scan does.
struct Source {
  std::vector<mortise_type_t> types;
  const std::vector<Entry>* entries;
  size_t at = 0;
  size_t rounds = 0;
  std::unique_ptr<RowsBatch> current;

  static mortise_status_t MORTISE_CALL next(void* source, mortise_batch_t* batch,
                                            mortise_error_t*) {
    Source& self = *static_cast<Source*>(source);
    if (self.at == self.entries->size()) return MORTISE_END;
    const size_t wanted = ++self.rounds % 5 == 0 ? 1 : 700;
    const size_t end = std::min(self.entries->size(), self.at + wanted);
    const std::vector<Entry> some(self.entries->begin() + static_cast<std::ptrdiff_t>(self.at),
                                  self.entries->begin() + static_cast<std::ptrdiff_t>(end));
    self.at = end;
    self.current = std::make_unique<RowsBatch>(self.types, keys_of(some), row_ids_of(some));
    *batch = self.current->batch();
    return MORTISE_OK;
  }
};

}  // namespace

WorldOptions index_world(uint64_t seed) {
  WorldOptions options;
  options.seed = seed;
  options.plugin = mortise_plugin_query_v1(1);
  REQUIRE(options.plugin != nullptr);
  return options;
}

int EntryOrder::compare_keys(const Row& a, const Row& b, size_t count) const {
  for (size_t i = 0; i < count; ++i) {
    const uint32_t flags = columns[i].flags;
    int result = 0;
    if (a[i].is_null || b[i].is_null) {
      result = static_cast<int>(a[i].is_null) - static_cast<int>(b[i].is_null);
      if ((flags & MORTISE_INDEX_NULLS_FIRST) != 0) result = -result;
    } else {
      result = compare(columns[i].type, a[i], b[i]);
      if ((flags & MORTISE_INDEX_DESCENDING) != 0) result = -result;
    }
    if (result != 0) return result;
  }
  return 0;
}

bool EntryOrder::operator()(const Entry& a, const Entry& b) const {
  const int keys = compare_keys(a.key, b.key, columns.size());
  return keys != 0 ? keys < 0 : a.row_id < b.row_id;
}

std::vector<mortise_index_column_t> columns_of(const std::vector<mortise_type_t>& types,
                                               uint32_t flags) {
  std::vector<mortise_index_column_t> columns;
  for (const mortise_type_t& type : types) columns.push_back({type, flags, 0});
  return columns;
}

Subject::Subject(World& world, std::vector<mortise_index_column_t> columns)
    : world_(world),
      api_(static_cast<const mortise_iface_index_t*>(world.table(MORTISE_IFACE_INDEX, ""))),
      columns_(std::move(columns)) {
  REQUIRE(api_ != nullptr);
  Txn txn(world);
  const mortise_index_desc_t wanted = desc();
  require_ok(
      call([&](mortise_error_t* e) { return api_->create(txn.get(), &wanted, &segment_, e); }));
  require_ok(txn.commit());
  open();
}

Subject::~Subject() {
  close();
}

mortise_index_desc_t Subject::desc() const {
  mortise_index_desc_t desc{};
  desc.struct_size_bytes = sizeof(desc);
  desc.columns_count = static_cast<uint32_t>(columns_.size());
  desc.columns = columns_.data();
  desc.object = 16'500;
  desc.segment = segment_;
  return desc;
}

void Subject::open() {
  const mortise_index_desc_t wanted = desc();
  require_ok(call([&](mortise_error_t* e) { return api_->open(&wanted, &handle_, e); }));
}

void Subject::close() {
  if (handle_ != nullptr) api_->close(handle_);
  handle_ = nullptr;
}

std::vector<mortise_type_t> Subject::types(size_t count) const {
  std::vector<mortise_type_t> result;
  for (size_t i = 0; i < count; ++i) result.push_back(columns_[i].type);
  return result;
}

Status Subject::try_insert(Txn& txn, const std::vector<Entry>& entries,
                           std::vector<Conflict>* conflicts, bool nulls_are_equal,
                           RandomBits* decoys) {
  const RowsBatch rows(types(columns_.size()), keys_of(entries), row_ids_of(entries), decoys);
  const mortise_index_on_conflict_t collect = [](void* context, const mortise_index_conflict_t* c,
                                                 uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) {
      static_cast<std::vector<Conflict>*>(context)->push_back({c[i].row_index, c[i].row_id});
    }
  };
  return call([&](mortise_error_t* e) {
    return api_->insert(handle_, txn.get(), &rows.batch(), nulls_are_equal ? 1 : 0,
                        conflicts == nullptr ? nullptr : collect, conflicts, e);
  });
}

void Subject::insert(const std::vector<Entry>& entries, RandomBits* decoys) {
  Txn txn(world_);
  require_ok(try_insert(txn, entries, nullptr, false, decoys));
  require_ok(txn.commit());
}

std::vector<Conflict> Subject::insert_unique(const std::vector<Entry>& entries,
                                             bool nulls_are_equal, RandomBits* decoys) {
  Txn txn(world_);
  std::vector<Conflict> conflicts;
  require_ok(try_insert(txn, entries, &conflicts, nulls_are_equal, decoys));
  require_ok(txn.commit());
  std::sort(conflicts.begin(), conflicts.end());
  return conflicts;
}

Status Subject::try_erase(const std::vector<Entry>& entries, RandomBits* decoys) {
  const RowsBatch rows(types(columns_.size()), keys_of(entries), row_ids_of(entries), decoys);
  return call([&](mortise_error_t* e) { return api_->erase(handle_, &rows.batch(), e); });
}

std::vector<mortise_row_id_t> Subject::build(const std::vector<Entry>& entries,
                                             bool wants_conflicts) {
  Txn txn(world_);
  Source source{types(columns_.size()), &entries, 0, 0, nullptr};
  std::vector<mortise_row_id_t> equal;
  const mortise_index_on_conflict_t collect = [](void* context, const mortise_index_conflict_t* c,
                                                 uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) {
      static_cast<std::vector<mortise_row_id_t>*>(context)->push_back(c[i].row_id);
    }
  };
  require_ok(call([&](mortise_error_t* e) {
    return api_->build(handle_, txn.get(), Source::next, &source,
                       wants_conflicts ? collect : nullptr, &equal, e);
  }));
  require_ok(txn.commit());
  return equal;
}

bool read_some(Subject& subject, mortise_index_scan_t* scan, uint32_t rows_max,
               std::vector<Found>& found) {
  mortise_batch_t batch{};
  ErrorSlot slot;
  const mortise_status_t status = subject.api().scan_next(scan, rows_max, &batch, slot.get());
  require_ok(slot.status(status));
  if (status == MORTISE_END) return false;
  REQUIRE(batch.columns_count == 1);
  REQUIRE(batch.types[0].physical == MORTISE_PHYSICAL_BYTES);
  REQUIRE(batch.row_ids != nullptr);
  REQUIRE(batch.selected_count > 0);
  REQUIRE(batch.selected_count <= rows_max);
  for_each_selected(batch.rows_count, batch.selection, batch.selected_count, [&](uint32_t row) {
    found.push_back({value_at(batch.types[0], batch.columns[0], row).bytes, batch.row_ids[row]});
  });
  return true;
}

std::vector<Found> Subject::scan(const Bound& lower, const Bound& upper, bool is_backward,
                                 uint32_t rows_max) {
  const BoundBatch from(types(columns_.size()), lower);
  const BoundBatch to(types(columns_.size()), upper);
  mortise_index_scan_t* scan = nullptr;
  require_ok(call([&](mortise_error_t* e) {
    return api_->scan_open(handle_, from.get(), to.get(), is_backward ? 1 : 0, &scan, e);
  }));
  std::vector<Found> found;
  while (read_some(*this, scan, rows_max, found)) {
  }
  api_->scan_close(scan);
  return found;
}

std::vector<std::vector<mortise_row_id_t>> Subject::lookup(const std::vector<Row>& keys,
                                                           RandomBits* decoys) {
  const RowsBatch batch(types(keys.at(0).size()), keys, {}, decoys);
  std::vector<std::vector<mortise_row_id_t>> found(keys.size());
  require_ok(call([&](mortise_error_t* error) {
    return api_->lookup(
        handle_, &batch.batch(),
        [](void* context, const uint32_t* key_indexes, const mortise_row_id_t* row_ids,
           uint32_t count, mortise_error_t*) -> mortise_status_t {
          auto& into = *static_cast<std::vector<std::vector<mortise_row_id_t>>*>(context);
          for (uint32_t i = 0; i < count; ++i) into.at(key_indexes[i]).push_back(row_ids[i]);
          return MORTISE_OK;
        },
        &found, error);
  }));
  for (auto& row_ids : found) std::sort(row_ids.begin(), row_ids.end());
  return found;
}

std::vector<std::string> Subject::encode(const std::vector<Row>& keys) {
  if (keys.empty()) return {};
  const RowsBatch batch(types(columns_.size()), keys);
  std::vector<mortise_view_t> views(keys.size());
  std::deque<std::string> memory;
  require_ok(call([&](mortise_error_t* error) {
    return api_->encode_keys(
        handle_, &batch.batch(),
        [](void* context, uint64_t size_bytes) -> void* {
          return static_cast<std::deque<std::string>*>(context)
              ->emplace_back(size_bytes, '\0')
              .data();
        },
        &memory, views.data(), error);
  }));
  std::vector<std::string> encoded;
  for (const mortise_view_t& view : views) encoded.emplace_back(text_of(view));
  return encoded;
}

double Subject::estimate(const Bound& lower, const Bound& upper) {
  const BoundBatch from(types(columns_.size()), lower);
  const BoundBatch to(types(columns_.size()), upper);
  double entries = -1;
  require_ok(call([&](mortise_error_t* e) {
    return api_->estimate(handle_, from.get(), to.get(), &entries, e);
  }));
  return entries;
}

mortise_index_stats_t Subject::stats() {
  mortise_index_stats_t stats{};
  stats.struct_size_bytes = sizeof(stats);
  require_ok(call([&](mortise_error_t* e) { return api_->stats(handle_, &stats, e); }));
  return stats;
}

std::string Subject::verify() {
  return findings_of([&](auto report, void* context, mortise_error_t* error) {
    return api_->verify(handle_, report, context, error);
  });
}

std::vector<Found> Subject::expected(const Model& model) {
  return expected(model, {}, {});
}

std::vector<Found> Subject::expected(const Model& model, const Bound& lower, const Bound& upper) {
  const EntryOrder order{columns_};
  std::vector<Entry> inside;
  for (const Entry& entry : model) {
    const int above = order.compare_keys(entry.key, lower.values, lower.values.size());
    const int below = order.compare_keys(upper.values, entry.key, upper.values.size());
    const bool is_after = lower.values.empty() || above > 0 || (above == 0 && lower.is_inclusive);
    const bool is_before = upper.values.empty() || below > 0 || (below == 0 && upper.is_inclusive);
    if (is_after && is_before) inside.push_back(entry);
  }
  const std::vector<std::string> keys = encode(keys_of(inside));
  std::vector<Found> found;
  for (size_t i = 0; i < inside.size(); ++i) found.push_back({keys[i], inside[i].row_id});
  return found;
}

}  // namespace mortise::conformance
