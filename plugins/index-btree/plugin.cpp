// SPDX-License-Identifier: Apache-2.0
//
// The door of index-btree: translates the tables of mortise.index/1 into calls of BTree and Scan.

#include "mortise/cpp/plugin.hpp"

#include <cstring>
#include <memory>

#include "btree.hpp"
#include "mortise/cpp/batch.hpp"
#include "scan.hpp"
#include "sorted_entries.hpp"

namespace mortise::index_btree {
namespace {

Environment g_environment{};  // set once by start

struct Index {
  std::unique_ptr<BTree> tree;
};

Index& index_of(mortise_index_t* index) {
  return *reinterpret_cast<Index*>(index);
}
Scan& scan_of(mortise_index_scan_t* scan) {
  return *reinterpret_cast<Scan*>(scan);
}

Status check_batch(const BTree& tree, const mortise_batch_t& batch, bool needs_all) {
  const auto columns = tree.key_columns();
  if (batch.columns_count > columns.size() || (needs_all && batch.columns_count < columns.size())) {
    return invalid("wrong number of key columns");
  }
  for (uint32_t i = 0; i < batch.columns_count; ++i) {
    if (batch.types[i].physical != columns[i].type.physical) {
      return invalid("key column has another physical type than the index");
    }
  }
  return {};
}

Status check_size(const std::string& key) {
  if (key.size() <= kKeyBytesMax) return {};
  return Status(Code::limit, "54000",
                "index row size " + std::to_string(key.size()) + " exceeds btree maximum " +
                    std::to_string(kKeyBytesMax))
      .with(MORTISE_ERROR_FIELD_HINT,
            "Values larger than that cannot be indexed. Consider a hash of the value.");
}

mortise_status_t MORTISE_CALL door_create(mortise_txn_t* txn, const mortise_index_desc_t* desc,
                                          mortise_segment_id_t* segment, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    MORTISE_TRY_ASSIGN(*segment, BTree::create(g_environment, txn, *desc));
    return {};
  });
}

mortise_status_t MORTISE_CALL door_drop(mortise_txn_t* txn, mortise_segment_id_t segment,
                                        mortise_error_t* error) {
  return g_environment.pages->segment_drop(txn, segment, error);
}

mortise_status_t MORTISE_CALL door_open(const mortise_index_desc_t* desc, mortise_index_t** index,
                                        mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    auto opened = std::make_unique<Index>();
    MORTISE_TRY_ASSIGN(opened->tree, BTree::open(g_environment, *desc));
    *index = reinterpret_cast<mortise_index_t*>(opened.release());
    return {};
  });
}

void MORTISE_CALL door_close(mortise_index_t* index) {
  delete &index_of(index);
}

// Inserts first, looks for equals after: of two concurrent inserts of a key, the one that looks
// later sees the other (I4).
Status insert_one(BTree& tree, mortise_txn_t* txn, const std::string& key, mortise_row_id_t row_id,
                  uint32_t row_index, bool must_report, mortise_index_on_conflict_t on_conflict,
                  void* context) {
  MORTISE_TRY(check_size(key));
  std::string entry = key;
  append_row_id(row_id, entry);
  MORTISE_TRY(tree.insert(txn, entry));
  if (!must_report) return {};
  std::vector<mortise_row_id_t> equal;
  MORTISE_TRY(tree.collect(key, equal));
  for (const mortise_row_id_t other : equal) {
    if (other == row_id) continue;
    const mortise_index_conflict_t conflict{row_index, 0, other};
    on_conflict(context, &conflict, 1);
  }
  return {};
}

mortise_status_t MORTISE_CALL door_insert(mortise_index_t* index, mortise_txn_t* txn,
                                          const mortise_batch_t* rows, uint32_t nulls_are_equal,
                                          mortise_index_on_conflict_t on_conflict, void* context,
                                          mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    BTree& tree = *index_of(index).tree;
    MORTISE_TRY(check_batch(tree, *rows, true));
    Status status;
    uint32_t row_index = 0;
    std::string key;
    for_each_selected(rows->rows_count, rows->selection, rows->selected_count, [&](uint32_t row) {
      if (!status.is_ok()) return;
      key.clear();
      encode_key(tree.key_columns(), *rows, rows->columns_count, row, key);
      const bool must_report = on_conflict != nullptr &&
                               (nulls_are_equal != 0 || !has_null(*rows, rows->columns_count, row));
      status = insert_one(tree, txn, key, rows->row_ids[row], row_index, must_report, on_conflict,
                          context);
      ++row_index;
    });
    return status;
  });
}

mortise_status_t MORTISE_CALL door_erase(mortise_index_t* index, const mortise_batch_t* rows,
                                         mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    BTree& tree = *index_of(index).tree;
    MORTISE_TRY(check_batch(tree, *rows, true));
    Status status;
    for_each_selected(rows->rows_count, rows->selection, rows->selected_count, [&](uint32_t row) {
      if (!status.is_ok()) return;
      std::string entry;
      encode_key(tree.key_columns(), *rows, rows->columns_count, row, entry);
      append_row_id(rows->row_ids[row], entry);
      status = tree.erase(entry);
    });
    return status;
  });
}

using NextBatch = mortise_status_t(MORTISE_CALL*)(void* source, mortise_batch_t* batch,
                                                  mortise_error_t* error);

Status read_entries(BTree& tree, NextBatch next, void* source, SortedEntries& entries) {
  std::string entry;
  while (true) {
    mortise_batch_t batch{};
    batch.struct_size_bytes = sizeof batch;
    ErrorSlot error;
    const mortise_status_t answer = next(source, &batch, error.get());
    MORTISE_TRY(error.status(answer));
    if (answer == MORTISE_END) return {};
    MORTISE_TRY(check_batch(tree, batch, true));
    Status status;
    for_each_selected(batch.rows_count, batch.selection, batch.selected_count, [&](uint32_t row) {
      if (!status.is_ok()) return;
      entry.clear();
      encode_key(tree.key_columns(), batch, batch.columns_count, row, entry);
      status = check_size(entry);
      append_row_id(batch.row_ids[row], entry);
      entries.add(entry);
    });
    MORTISE_TRY(status);
  }
}

mortise_status_t MORTISE_CALL door_build(mortise_index_t* index, mortise_txn_t* txn, NextBatch next,
                                         void* source, mortise_index_on_conflict_t on_conflict,
                                         void* context, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    BTree& tree = *index_of(index).tree;
    SortedEntries entries;
    MORTISE_TRY(read_entries(tree, next, source, entries));
    entries.sort();
    if (on_conflict != nullptr) {
      entries.each_equal_pair([&](std::string_view a, std::string_view b) {
        const mortise_index_conflict_t pair[] = {{0, 0, row_id_of(a)}, {1, 0, row_id_of(b)}};
        on_conflict(context, pair, 2);
      });
    }
    return tree.build(txn, entries, 0);
  });
}

// The entries between two bounds.  All entries with the bound's values as a prefix are equal to it,
// so an inclusive upper bound ends, and an exclusive lower one begins, behind all of them.
Result<Range> range_of(const BTree& tree, const mortise_index_bound_t* lower,
                       const mortise_index_bound_t* upper) {
  Range range;
  std::string key;
  if (lower != nullptr && lower->values != nullptr) {
    MORTISE_TRY(check_batch(tree, *lower->values, false));
    encode_key(tree.key_columns(), *lower->values, lower->values->columns_count, 0, key);
    range.begin = lower->is_inclusive != 0 ? key : prefix_successor(key);
    key.clear();
  }
  if (upper != nullptr && upper->values != nullptr) {
    MORTISE_TRY(check_batch(tree, *upper->values, false));
    encode_key(tree.key_columns(), *upper->values, upper->values->columns_count, 0, key);
    if (upper->is_inclusive != 0) key = prefix_successor(key);
    if (!key.empty()) range.end = std::move(key);
  }
  return range;
}

mortise_status_t MORTISE_CALL door_scan_open(mortise_index_t* index,
                                             const mortise_index_bound_t* lower,
                                             const mortise_index_bound_t* upper,
                                             uint32_t is_backward, mortise_index_scan_t** scan,
                                             mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    const BTree& tree = *index_of(index).tree;
    MORTISE_TRY_ASSIGN(Range range, range_of(tree, lower, upper));
    *scan =
        reinterpret_cast<mortise_index_scan_t*>(new Scan(tree, std::move(range), is_backward != 0));
    return {};
  });
}

mortise_status_t MORTISE_CALL door_scan_next(mortise_index_scan_t* scan, uint32_t rows_max,
                                             mortise_batch_t* batch, mortise_error_t* error) {
  return guard(error, [&]() -> mortise_status_t {
    Result<bool> has_rows = scan_of(scan).next(rows_max, batch);
    if (!has_rows) return report(has_rows.error(), error);
    return *has_rows ? MORTISE_OK : MORTISE_END;
  });
}

void MORTISE_CALL door_scan_close(mortise_index_scan_t* scan) {
  delete &scan_of(scan);
}

using LookupVisit = mortise_status_t(MORTISE_CALL*)(void* context, const uint32_t* key_indexes,
                                                    const mortise_row_id_t* row_ids, uint32_t count,
                                                    mortise_error_t* error);

mortise_status_t MORTISE_CALL door_lookup(mortise_index_t* index, const mortise_batch_t* keys,
                                          LookupVisit visit, void* context,
                                          mortise_error_t* error) {
  constexpr size_t kChunkPairs = 1024;
  return guard(error, [&]() -> Status {
    const BTree& tree = *index_of(index).tree;
    MORTISE_TRY(check_batch(tree, *keys, false));
    std::vector<uint32_t> positions;
    std::vector<mortise_row_id_t> row_ids;
    Status status;
    const auto flush = [&]() -> Status {
      if (row_ids.empty()) return {};
      ErrorSlot slot;
      MORTISE_TRY(slot.status(visit(context, positions.data(), row_ids.data(),
                                    static_cast<uint32_t>(row_ids.size()), slot.get())));
      positions.clear();
      row_ids.clear();
      return {};
    };
    uint32_t position = 0;
    std::string key;
    for_each_selected(keys->rows_count, keys->selection, keys->selected_count, [&](uint32_t row) {
      const uint32_t own = position++;
      if (!status.is_ok() || has_null(*keys, keys->columns_count, row)) return;
      key.clear();
      encode_key(tree.key_columns(), *keys, keys->columns_count, row, key);
      status = tree.collect(key, row_ids);
      positions.resize(row_ids.size(), own);
      if (status.is_ok() && row_ids.size() >= kChunkPairs) status = flush();
    });
    MORTISE_TRY(status);
    return flush();
  });
}

mortise_status_t MORTISE_CALL door_encode_keys(mortise_index_t* index, const mortise_batch_t* keys,
                                               void*(MORTISE_CALL* allocate)(void* context,
                                                                             uint64_t size_bytes),
                                               void* context, mortise_view_t* out,
                                               mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    const BTree& tree = *index_of(index).tree;
    MORTISE_TRY(check_batch(tree, *keys, true));
    Status status;
    std::string key;
    for_each_selected(keys->rows_count, keys->selection, keys->selected_count, [&](uint32_t row) {
      if (!status.is_ok()) return;
      key.clear();
      encode_key(tree.key_columns(), *keys, keys->columns_count, row, key);
      if (key.size() <= MORTISE_VIEW_INLINE_BYTES_MAX) {
        out[row] = view_to(key);
        return;
      }
      auto* place = static_cast<char*>(allocate(context, key.size()));
      if (place == nullptr) {
        status = no_memory("out of memory while encoding index keys");
        return;
      }
      std::memcpy(place, key.data(), key.size());
      out[row] = view_to({place, key.size()});
    });
    return status;
  });
}

mortise_status_t MORTISE_CALL door_estimate(mortise_index_t* index,
                                            const mortise_index_bound_t* lower,
                                            const mortise_index_bound_t* upper, double* entries,
                                            mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    const BTree& tree = *index_of(index).tree;
    MORTISE_TRY_ASSIGN(const Range range, range_of(tree, lower, upper));
    MORTISE_TRY_ASSIGN(const mortise_index_stats_t stats, tree.stats());
    MORTISE_TRY_ASSIGN(const double begin, tree.fraction_below(range.begin));
    double end = 1;
    if (range.end.has_value()) {
      MORTISE_TRY_ASSIGN(end, tree.fraction_below(*range.end));
    }
    *entries = end > begin ? (end - begin) * static_cast<double>(stats.entries_estimate) : 0;
    return {};
  });
}

mortise_status_t MORTISE_CALL door_stats(mortise_index_t* index, mortise_index_stats_t* stats,
                                         mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    MORTISE_TRY_ASSIGN(*stats, index_of(index).tree->stats());
    return {};
  });
}

mortise_status_t MORTISE_CALL door_verify(mortise_index_t* index,
                                          void(MORTISE_CALL* report_finding)(void* context,
                                                                             mortise_str_t finding),
                                          void* context, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    return index_of(index).tree->verify(
        [&](std::string_view finding) { report_finding(context, str_of(finding)); });
  });
}

constexpr mortise_iface_index_t kIndex = {
    header_of<mortise_iface_index_t>(0, MORTISE_INDEX_ORDERED | MORTISE_INDEX_UNIQUE),
    door_create,
    door_drop,
    door_open,
    door_close,
    door_insert,
    door_erase,
    door_build,
    door_scan_open,
    door_scan_next,
    door_scan_close,
    door_lookup,
    door_encode_keys,
    door_estimate,
    door_stats,
    door_verify,
};
constexpr mortise_need_t kNeeds[] = {need(MORTISE_IFACE_PAGE)};
constexpr mortise_offer_t kOffers[] = {offer(MORTISE_IFACE_INDEX, "btree", &kIndex)};

mortise_status_t MORTISE_CALL start(const mortise_host_t* host, void** instance,
                                    mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    *instance = nullptr;
    MORTISE_TRY_ASSIGN(g_environment.pages,
                       Host(host).need<mortise_iface_page_t>(MORTISE_IFACE_PAGE));
    ErrorSlot slot;
    return slot.status(g_environment.pages->type_register(str_of("index-btree/node"), 1,
                                                          &g_environment.page_type, slot.get()));
  });
}

void MORTISE_CALL stop(void*) {}

}  // namespace
}  // namespace mortise::index_btree

MORTISE_PLUGIN("index-btree", "0.1.0", mortise::index_btree::kNeeds, mortise::index_btree::kOffers,
               mortise::index_btree::start, nullptr, mortise::index_btree::stop)
