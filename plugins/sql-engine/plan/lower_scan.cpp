// SPDX-License-Identifier: Apache-2.0
//
// Scans: which conditions the table engine tests, and whether an index is the better way in.
#include <algorithm>
#include <iterator>

#include "execute/project.hpp"
#include "execute/scan.hpp"
#include "execute/sources_of_rows.hpp"
#include "mortise/cpp/boundary.hpp"
#include "plan/physical.hpp"

namespace mortise::sql_engine {

namespace {

// Fetching a row through an index costs about as much as scanning this many.
constexpr double kFetchCostRows = 30;

IdSet made_by(const Scan& scan) {
  IdSet made;
  for (size_t i = 0; i < scan.columns.size(); ++i) made.add(scan.outputs[i]);
  return made;
}

uint32_t table_column_of(const Scan& scan, ColumnId id) {
  for (size_t i = 0; i < scan.columns.size(); ++i) {
    if (scan.outputs[i] == id) return scan.columns[i];
  }
  return UINT32_MAX;
}

}  // namespace

void Lowering::choose_filters(const Scan& scan, std::vector<PushedFilter>& pushed,
                              std::vector<ExpressionPtr>& values, std::vector<std::string>& texts,
                              std::vector<const Expression*>& rest) const {
  const IdSet made = made_by(scan);
  for (const ExpressionPtr& condition : scan.filters) {
    SimpleCondition simple;
    if (!simplify(*condition, made, columns_, &simple)) {
      rest.push_back(condition.get());
      continue;
    }
    PushedFilter filter;
    filter.column = table_column_of(scan, simple.column);
    filter.operation = simple.operation;
    filter.type = columns_[simple.column].type;
    filter.values_begin = static_cast<uint32_t>(values.size());
    filter.values_count = static_cast<uint32_t>(simple.values.size());
    for (ExpressionPtr& value : simple.values) values.push_back(std::move(value));
    pushed.push_back(filter);
    texts.push_back(text_of_expression(*condition));
    if (!simple.is_exact) rest.push_back(condition.get());
  }
}

Result<OperatorPtr> Lowering::lower_scan(const Scan& scan, const IdSet& needed) {
  if (scan.sample_percent >= 0) return unsupported("TABLESAMPLE cannot be carried out yet");
  if (scan.relation->table == nullptr) {
    return internal("a relation without storage is scanned: " + scan.relation->name());
  }
  MORTISE_TRY_ASSIGN(OperatorPtr by_index, try_index_scan(scan, needed));
  if (by_index != nullptr) return by_index;
  auto op = std::make_unique<TableScan>();
  op->relation = scan.relation;
  op->alias = scan.alias;
  std::vector<ExpressionPtr> values;
  std::vector<const Expression*> rest;
  choose_filters(scan, op->filters, values, op->filter_texts, rest);
  std::vector<const Expression*> roots;
  for (const ExpressionPtr& value : values) roots.push_back(value.get());
  MORTISE_TRY_ASSIGN(op->values, compile(roots, scope_of({})));
  if (!op->filter_texts.empty()) {
    std::string text = "Filter: ";
    for (size_t i = 0; i < op->filter_texts.size(); ++i) {
      text += (i == 0 ? "" : " AND ") + op->filter_texts[i];
    }
    op->filter_texts = {text};
  }
  IdSet wanted = needed;
  for (const Expression* e : rest) wanted.add(*e);
  Ids ids;
  for (size_t i = 0; i < scan.columns.size(); ++i) {
    if (!wanted.has(scan.outputs[i])) continue;
    op->columns.push_back(scan.columns[i]);
    ids.push_back(scan.outputs[i]);
  }
  if (scan.row_id != kNoColumn && wanted.has(scan.row_id)) {
    op->has_row_id = true;
    ids.push_back(scan.row_id);
  }
  OperatorPtr sealed = seal(std::move(op), std::move(ids), estimate_rows(scan));
  return filtered(std::move(sealed), rest);
}

Result<OperatorPtr> Lowering::filtered(OperatorPtr input,
                                       const std::vector<const Expression*>& conditions) {
  if (conditions.empty()) return input;
  auto filter = std::make_unique<FilterOperator>();
  std::vector<ExpressionPtr> parts;
  for (const Expression* e : conditions) parts.push_back(clone(*e));
  const ExpressionPtr condition = make_conjunction(std::move(parts));
  MORTISE_TRY_ASSIGN(filter->condition, compile(*condition, scope_of(input->ids)));
  filter->text = text_of_all(conditions, " AND ");
  Ids ids = input->ids;
  const double rows = input->rows_estimate * selectivity(*condition);
  filter->inputs.push_back(std::move(input));
  return seal(std::move(filter), std::move(ids), std::max(rows, 1.0));
}

namespace {

// How conditions use an index: which of them give the equalities and the range.
struct IndexUse {
  uint32_t position = 0;
  std::vector<size_t> equal;  // conditions
  int64_t lower = -1;
  int64_t upper = -1;
  bool is_lower_inclusive = true;
  bool is_upper_inclusive = true;
  double rows = 0;
};

struct Candidate {
  SimpleCondition simple;
  uint32_t table_column = 0;
  const Expression* condition = nullptr;
};

IndexUse match_index(const IndexInfo& index, const std::vector<Candidate>& candidates) {
  IndexUse use;
  for (uint32_t k = 0; k < index.keys_count(); ++k) {
    int64_t found = -1;
    for (size_t i = 0; i < candidates.size(); ++i) {
      if (candidates[i].table_column == index.columns()[k] &&
          candidates[i].simple.operation == MORTISE_FILTER_EQ) {
        found = static_cast<int64_t>(i);
      }
    }
    if (found >= 0) {
      use.equal.push_back(static_cast<size_t>(found));
      continue;
    }
    for (size_t i = 0; i < candidates.size(); ++i) {
      if (candidates[i].table_column != index.columns()[k]) continue;
      const uint32_t operation = candidates[i].simple.operation;
      const auto at = static_cast<int64_t>(i);
      if (operation == MORTISE_FILTER_GT || operation == MORTISE_FILTER_GE) {
        use.lower = at;
        use.is_lower_inclusive = operation == MORTISE_FILTER_GE;
      } else if (operation == MORTISE_FILTER_LT || operation == MORTISE_FILTER_LE) {
        use.upper = at;
        use.is_upper_inclusive = operation == MORTISE_FILTER_LE;
      }
    }
    break;
  }
  return use;
}

bool is_readable(const IndexInfo& index, const Scan& scan) {
  if (index.definition.complete_from > scan.oldest_snapshot) return false;
  if (index.handle == nullptr || !index.is_ordered() || !index.definition.is_valid) return false;
  if (!index.definition.predicate.empty()) return false;
  return std::find(index.columns().begin(), index.columns().end(), kExpressionColumn) ==
         index.columns().end();
}

bool is_descending(const IndexInfo& index, uint32_t key) {
  return key < index.definition.flags.size() &&
         (index.definition.flags[key] & MORTISE_INDEX_DESCENDING) != 0;
}

double expected_rows(const IndexInfo& index, const IndexUse& use, double table_rows_count) {
  if (index.is_unique() && use.equal.size() == index.keys_count()) return 1;
  double rows = table_rows_count;
  for (size_t i = 0; i < use.equal.size(); ++i) rows *= 0.01;
  if (use.lower >= 0 && use.upper >= 0) {
    rows *= 0.02;
  } else if (use.lower >= 0 || use.upper >= 0) {
    rows *= 0.33;
  }
  return std::max(rows, 1.0);
}

bool is_worth(const IndexUse& use, double all_rows) {
  return use.rows >= 0 && (use.rows <= 1 || use.rows * kFetchCostRows < all_rows);
}

// The use that promises the fewest rows; `rows` < 0: there is none.
IndexUse best_use(const Scan& scan, const std::vector<Candidate>& candidates,
                  double all_rows_count) {
  IndexUse best;
  best.rows = -1;
  for (uint32_t i = 0; i < scan.relation->indexes.size(); ++i) {
    const IndexInfo& index = scan.relation->indexes[i];
    if (!is_readable(index, scan)) continue;
    IndexUse use = match_index(index, candidates);
    if (use.equal.empty() && use.lower < 0 && use.upper < 0) continue;
    use.position = i;
    use.rows = expected_rows(index, use, all_rows_count);
    if (best.rows < 0 || use.rows < best.rows) best = std::move(use);
  }
  return best;
}

}  // namespace

Result<OperatorPtr> Lowering::try_index_scan(const Scan& scan, const IdSet& needed) {
  const IdSet made = made_by(scan);
  std::vector<Candidate> candidates;
  for (const ExpressionPtr& condition : scan.filters) {
    Candidate candidate;
    if (!simplify(*condition, made, columns_, &candidate.simple)) continue;
    if (candidate.simple.values.size() != 1) continue;
    candidate.table_column = table_column_of(scan, candidate.simple.column);
    candidate.condition = condition.get();
    candidates.push_back(std::move(candidate));
  }
  if (candidates.empty()) return OperatorPtr();
  const double all_rows = table_rows(*scan.relation);
  const IndexUse best = best_use(scan, candidates, all_rows);
  if (!is_worth(best, all_rows)) return OperatorPtr();

  auto op = std::make_unique<IndexScan>();
  op->relation = scan.relation;
  op->alias = scan.alias;
  op->index_position = best.position;
  const IndexInfo& index = scan.relation->indexes[best.position];
  std::vector<const Expression*> roots;
  for (const size_t at : best.equal) roots.push_back(candidates[at].simple.values[0].get());
  op->range.equal_count = static_cast<uint32_t>(best.equal.size());
  // Bounds are in key order: of a descending column the upper value comes first.
  const bool is_swapped = is_descending(index, op->range.equal_count);
  const auto add_bound = [&](int64_t candidate) -> int32_t {
    if (candidate < 0) return -1;
    roots.push_back(candidates[static_cast<size_t>(candidate)].simple.values[0].get());
    return static_cast<int32_t>(roots.size() - 1);
  };
  const int32_t least = add_bound(best.lower);
  const int32_t greatest = add_bound(best.upper);
  op->range.lower = is_swapped ? greatest : least;
  op->range.upper = is_swapped ? least : greatest;
  op->range.is_lower_inclusive = is_swapped ? best.is_upper_inclusive : best.is_lower_inclusive;
  op->range.is_upper_inclusive = is_swapped ? best.is_lower_inclusive : best.is_upper_inclusive;
  MORTISE_TRY_ASSIGN(op->values, compile(roots, scope_of({})));
  // All conditions are tested again: they are few rows, and a range may hold nulls.
  std::vector<const Expression*> rest;
  std::vector<const Expression*> answered;
  std::vector<const Expression*> others;
  for (const ExpressionPtr& condition : scan.filters) rest.push_back(condition.get());
  for (const size_t at : best.equal) answered.push_back(candidates[at].condition);
  for (const int64_t at : {best.lower, best.upper}) {
    if (at >= 0) answered.push_back(candidates[static_cast<size_t>(at)].condition);
  }
  std::copy_if(rest.begin(), rest.end(), std::back_inserter(others), [&](const Expression* e) {
    return std::find(answered.begin(), answered.end(), e) == answered.end();
  });
  op->condition_texts = {"Index Cond: " + text_of_all(answered, " AND ")};
  IdSet wanted = needed;
  for (const Expression* e : rest) wanted.add(*e);
  Ids ids;
  for (size_t i = 0; i < scan.columns.size(); ++i) {
    if (!wanted.has(scan.outputs[i])) continue;
    op->columns.push_back(scan.columns[i]);
    ids.push_back(scan.outputs[i]);
  }
  if (scan.row_id != kNoColumn && wanted.has(scan.row_id)) {
    op->has_row_id = true;
    ids.push_back(scan.row_id);
  }
  OperatorPtr sealed = seal(std::move(op), std::move(ids), best.rows);
  MORTISE_TRY_ASSIGN(OperatorPtr tested, filtered(std::move(sealed), rest));
  auto& filter = static_cast<FilterOperator&>(*tested);
  filter.is_shown = !others.empty();
  if (filter.is_shown) filter.text = text_of_all(others, " AND ");
  return tested;
}

Result<OperatorPtr> Lowering::lower_system_scan(const SystemScan& scan, const IdSet& needed) {
  auto op = std::make_unique<SystemViewScan>();
  op->view = scan.view;
  op->alias = scan.alias;
  IdSet made;
  made.add(scan.outputs);
  std::vector<const Expression*> rest;
  std::vector<ExpressionPtr> values;
  IdSet wanted = needed;
  for (const ExpressionPtr& condition : scan.filters) {
    rest.push_back(condition.get());
    wanted.add(*condition);
    SimpleCondition simple;
    if (!simplify(*condition, made, columns_, &simple)) continue;
    if (simple.operation != MORTISE_FILTER_EQ) continue;
    op->hints.push_back(scan.columns[static_cast<size_t>(place_of(scan.outputs, simple.column))]);
    values.push_back(std::move(simple.values[0]));
  }
  std::vector<const Expression*> roots;
  for (const ExpressionPtr& value : values) roots.push_back(value.get());
  MORTISE_TRY_ASSIGN(op->values, compile(roots, scope_of({})));
  Ids ids;
  for (size_t i = 0; i < scan.columns.size(); ++i) {
    if (!wanted.has(scan.outputs[i])) continue;
    op->columns.push_back(scan.columns[i]);
    ids.push_back(scan.outputs[i]);
  }
  OperatorPtr sealed = seal(std::move(op), std::move(ids), estimate_rows(scan));
  return filtered(std::move(sealed), rest);
}

}  // namespace mortise::sql_engine
