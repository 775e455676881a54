// SPDX-License-Identifier: Apache-2.0
//
// Goal:   a scan's filters let pass exactly the rows that filter.h words, for every type.
// Method: a second evaluation, one value at a time (values.cpp), on rows that are partly in place,
//         partly changed, partly deleted, some of them too long for a page.

#include <algorithm>
#include <array>

#include "mortise/cpp/batch.hpp"
#include "mortise/iface/simd.h"
#include "tests/conformance/table_engine/store.hpp"

namespace mortise::conformance {
namespace {

// A filter with the memory it needs.
struct Condition {
  uint32_t column;
  uint32_t operation;
  mortise_type_t type;
  std::vector<Value> values;
  std::unique_ptr<RawValues> raw;

  Condition(uint32_t on, uint32_t what, const mortise_type_t& of, std::vector<Value> with)
      : column(on),
        operation(what),
        type(of),
        values(std::move(with)),
        raw(std::make_unique<RawValues>(of, values)) {}

  mortise_filter_t filter() const { return {column, operation, raw->data(), raw->count(), 0}; }

  bool passes(const Row& row) const {
    const Value& x = row[column];
    if (operation == MORTISE_FILTER_IS_NULL) return x.is_null;
    if (x.is_null) return false;
    const auto order = [&](size_t i) { return compare(type, x, values[i]); };
    switch (operation) {
      case MORTISE_FILTER_EQ:
        return order(0) == 0;
      case MORTISE_FILTER_NE:
        return order(0) != 0;
      case MORTISE_FILTER_LT:
        return order(0) < 0;
      case MORTISE_FILTER_LE:
        return order(0) <= 0;
      case MORTISE_FILTER_GT:
        return order(0) > 0;
      case MORTISE_FILTER_GE:
        return order(0) >= 0;
      case MORTISE_FILTER_BETWEEN:
        return order(0) >= 0 && order(1) <= 0;
      case MORTISE_FILTER_PREFIX:
        return x.bytes.starts_with(values[0].bytes);
      case MORTISE_FILTER_IN:
        return std::any_of(values.begin(), values.end(),
                           [&](const Value& v) { return compare(type, x, v) == 0; });
      default:
        return true;  // NOT_NULL
    }
  }
};

bool is_string(const mortise_type_t& type) {
  return type.physical == MORTISE_PHYSICAL_TEXT || type.physical == MORTISE_PHYSICAL_BYTES;
}

class Filtered {
 public:
  explicit Filtered(uint64_t seed)
      : random_(seed), world_(table_world(seed)), store_(world_, all_types()) {
    for (const Domain domain : {Domain::few, Domain::wide}) {
      const Rows rows = random_rows(all_types(), random_, 900, domain);
      model_.merge(contents_of(store_.insert(rows), rows));
    }
    Txn txn(world_);
    for (const auto& [id, row] : Contents(model_)) {
      if (random_() % 10 == 0) {
        CHECK(store_.erase(txn, {id}) == Outcomes{MORTISE_ROW_DONE});
        model_.erase(id);
      } else if (random_() % 5 == 0) {
        change(txn, id);
      }
    }
    require_ok(txn.commit());
    for (const auto& [id, row] : model_) rows_.push_back(row);
  }

  void check(const std::vector<const Condition*>& conditions) {
    ScanWish wish;
    for (const Condition* c : conditions) wish.filters.push_back(c->filter());
    if (random_() % 2 == 0) wish.columns = std::vector<uint32_t>{};
    Contents expected;
    for (const auto& [id, row] : model_) {
      if (std::all_of(conditions.begin(), conditions.end(),
                      [&row = row](const Condition* c) { return c->passes(row); })) {
        expected.emplace(id, wish.columns ? Row{} : row);
      }
    }
    CHECK(store_.scan_now(wish) == expected);
  }

  // A value that the table has, or another one.
  Value some_value(uint32_t column) {
    const Value& present = rows_[random_() % rows_.size()][column];
    if (!present.is_null && random_() % 3 != 0) return present;
    return random_value(all_types()[column], random_, Domain::wide);
  }

  Condition random_condition(uint32_t column) {
    const mortise_type_t& type = all_types()[column];
    for (;;) {
      const auto operation = static_cast<uint32_t>(random_() % MORTISE_FILTER_NOT_NULL + 1);
      std::vector<Value> values;
      switch (operation) {
        case MORTISE_FILTER_IS_NULL:
        case MORTISE_FILTER_NOT_NULL:
          break;
        case MORTISE_FILTER_PREFIX:
          if (!is_string(type)) continue;
          values.push_back(some_value(column));
          values[0].bytes.resize(std::min<size_t>(values[0].bytes.size(), random_() % 20));
          break;
        case MORTISE_FILTER_BETWEEN:
          values = {some_value(column), some_value(column)};
          break;
        case MORTISE_FILTER_IN:
          for (uint64_t i = 0; i < random_() % 24; ++i) values.push_back(some_value(column));
          values.push_back(some_value(column));
          break;
        default:
          values.push_back(some_value(column));
      }
      return Condition(column, operation, type, std::move(values));
    }
  }

  RandomBits& random() { return random_; }
  World& world() { return world_; }
  Store& store() { return store_; }
  const Contents& model() const { return model_; }

 private:
  void change(Txn& txn, mortise_row_id_t id) {
    const auto column = static_cast<uint32_t>(random_() % all_types().size());
    Value value = random_nullable(all_types()[column], random_, Domain::wide);
    if (is_string(all_types()[column]) && random_() % 2 == 0) {
      value = string_value("long" + std::string(random_() % 15'000, 'g'));
    }
    CHECK(store_.update(txn, {column}, {id}, {{value}}) == Outcomes{MORTISE_ROW_DONE});
    model_[id][column] = value;
  }

  RandomBits random_;
  World world_;
  Store store_;
  Contents model_;
  Rows rows_;
};

TEST_CASE("table: every filter on every type passes what a comparison of single values passes") {
  MESSAGE("seed ", seed());
  Filtered table(seed());
  for (uint32_t column = 0; column < all_types().size(); ++column) {
    CAPTURE(name_of(all_types()[column]));
    for (uint32_t operation = MORTISE_FILTER_EQ; operation <= MORTISE_FILTER_NOT_NULL;
         ++operation) {
      CAPTURE(operation);
      for (int i = 0; i < 6; ++i) {
        Condition condition = table.random_condition(column);
        while (condition.operation != operation &&
               (operation != MORTISE_FILTER_PREFIX || is_string(all_types()[column]))) {
          condition = table.random_condition(column);
        }
        table.check({&condition});
      }
    }
  }
}

TEST_CASE("table: filters on several columns are a conjunction") {
  MESSAGE("seed ", seed());
  Filtered table(seed() + 1);
  table.check({});
  for (int i = 0; i < 150; ++i) {
    std::vector<Condition> conditions;
    for (uint64_t n = table.random()() % 3 + 2; n > 0; --n) {
      conditions.push_back(
          table.random_condition(static_cast<uint32_t>(table.random()() % all_types().size())));
    }
    std::vector<const Condition*> pointers;
    for (const Condition& c : conditions) pointers.push_back(&c);
    table.check(pointers);
  }
}

TEST_CASE("table: a Bloom filter passes every row whose value is in it and few others") {
  MESSAGE("seed ", seed());
  Filtered table(seed() + 2);
  const auto& simd =
      *static_cast<const mortise_iface_simd_t*>(World::kernel_service(MORTISE_IFACE_SIMD));
  for (uint32_t column = 0; column < all_types().size(); ++column) {
    const mortise_type_t& type = all_types()[column];
    CAPTURE(name_of(type));
    std::vector<Row> wanted;
    for (int i = 0; i < 20; ++i) {
      Value value = table.some_value(column);
      wanted.push_back({value});
    }
    const RowsBatch batch({type}, wanted);
    std::vector<uint64_t> hashes(wanted.size() + 8);
    simd.hash(type.physical, batch.batch().columns[0].data, nullptr,
              static_cast<uint32_t>(wanted.size()), 0, 0, hashes.data());
    AlignedBytes words(1024 * sizeof(uint64_t));
    const mortise_bloom_t bloom{reinterpret_cast<uint64_t*>(words.data()), 1024};
    simd.bloom_add(&bloom, hashes.data(), static_cast<uint32_t>(wanted.size()));
    ScanWish wish;
    wish.filters = {{column, MORTISE_FILTER_BLOOM, &bloom, 1, 0}};
    const Contents found = table.store().scan_now(wish);
    size_t others = 0;
    for (const auto& [id, row] : table.model()) {
      const bool is_wanted =
          !row[column].is_null && std::any_of(wanted.begin(), wanted.end(), [&](const Row& w) {
            return compare(type, w[0], row[column]) == 0;
          });
      if (is_wanted) CHECK(found.contains(id));
      if (!is_wanted && found.contains(id)) ++others;
      if (row[column].is_null) CHECK_FALSE(found.contains(id));
    }
    CHECK(others < table.model().size() / 20);
  }
}

}  // namespace
}  // namespace mortise::conformance
