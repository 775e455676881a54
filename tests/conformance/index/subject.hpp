// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what is the index that the suite tests, and what should be in it?
//
// Subject is one index of the provider that is linked with this file; Model is a std::set in the
// order that iface/draft/index.h and types.h word.
//
// Threads: Subject as the interface; Model by one thread.

#include <set>
#include <string>
#include <vector>

#include "mortise/iface/draft/index.h"
#include "tests/conformance/values.hpp"
#include "tests/conformance/world.hpp"

namespace mortise::conformance {

struct Entry {
  Row key;
  mortise_row_id_t row_id = 0;
  friend bool operator==(const Entry&, const Entry&) = default;
};

// A world whose provider is the plugin that is linked with the suite.
WorldOptions index_world(uint64_t seed);

struct EntryOrder {
  std::vector<mortise_index_column_t> columns;
  // Of the first `count` columns.
  int compare_keys(const Row& a, const Row& b, size_t count) const;
  bool operator()(const Entry& a, const Entry& b) const;
};
using Model = std::set<Entry, EntryOrder>;

std::vector<mortise_index_column_t> columns_of(const std::vector<mortise_type_t>& types,
                                               uint32_t flags = 0);

struct Bound {
  Row values;  // empty: open
  bool is_inclusive = false;
};

// An entry as a scan gives it: the encoded key.
struct Found {
  std::string key;
  mortise_row_id_t row_id;
  friend bool operator==(const Found&, const Found&) = default;
};

struct Conflict {
  uint32_t row_index;
  mortise_row_id_t row_id;
  friend auto operator<=>(const Conflict&, const Conflict&) = default;
};

class Subject {
 public:
  Subject(World& world, std::vector<mortise_index_column_t> columns);
  ~Subject();
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;

  const mortise_iface_index_t& api() const { return *api_; }
  mortise_index_t* handle() const { return handle_; }
  mortise_segment_id_t segment() const { return segment_; }
  bool is_ordered() const { return (api_->header.capabilities & MORTISE_INDEX_ORDERED) != 0; }
  Model empty_model() const { return Model(EntryOrder{columns_}); }
  mortise_index_desc_t desc() const;

  void open();
  void close();
  // The instance has crashed under it.
  void forget() { handle_ = nullptr; }

  Status try_insert(Txn& txn, const std::vector<Entry>& entries, std::vector<Conflict>* conflicts,
                    bool nulls_are_equal, RandomBits* decoys);
  void insert(const std::vector<Entry>& entries, RandomBits* decoys = nullptr);
  std::vector<Conflict> insert_unique(const std::vector<Entry>& entries, bool nulls_are_equal,
                                      RandomBits* decoys = nullptr);
  Status try_erase(const std::vector<Entry>& entries, RandomBits* decoys = nullptr);
  // Pulls the entries in batches; gives the row ids that met an equal key, in pairs.
  std::vector<mortise_row_id_t> build(const std::vector<Entry>& entries, bool wants_conflicts);
  std::vector<Found> scan(const Bound& lower = {}, const Bound& upper = {},
                          bool is_backward = false, uint32_t rows_max = 2048);
  // Row ids per key, sorted.
  std::vector<std::vector<mortise_row_id_t>> lookup(const std::vector<Row>& keys,
                                                    RandomBits* decoys = nullptr);
  std::vector<std::string> encode(const std::vector<Row>& keys);
  double estimate(const Bound& lower, const Bound& upper);
  mortise_index_stats_t stats();
  std::string verify();

  // The model as a forward scan should give it.
  std::vector<Found> expected(const Model& model);
  // The model's entries between two bounds, one by one.
  std::vector<Found> expected(const Model& model, const Bound& lower, const Bound& upper);

 private:
  std::vector<mortise_type_t> types(size_t count) const;

  World& world_;
  const mortise_iface_index_t* api_;
  std::vector<mortise_index_column_t> columns_;
  mortise_segment_id_t segment_ = 0;
  mortise_index_t* handle_ = nullptr;
};

// Reads a scan's next batch into `found`; false at its end.
bool read_some(Subject& subject, mortise_index_scan_t* scan, uint32_t rows_max,
               std::vector<Found>& found);

}  // namespace mortise::conformance
