// SPDX-License-Identifier: Apache-2.0
//
// Estimates without column statistics: row counts of tables are known, all else is rule of thumb.
// Selectivities are PostgreSQL's defaults where it has one.
#include <algorithm>
#include <cmath>

#include "mortise/cpp/boundary.hpp"
#include "plan/optimizer.hpp"

namespace mortise::sql_engine {

namespace {

constexpr double kEqualSelectivity = 0.02;
constexpr double kRangeSelectivity = 0.33;
constexpr double kLikeSelectivity = 0.05;
constexpr double kUnknownSelectivity = 0.33;
constexpr double kRowsUnknown = 1000;
constexpr double kFunctionRows = 1000;

double call_selectivity(const Expression& e) {
  const std::string_view symbol = view_of(e.function->operator_symbol);
  if (symbol == "=") return kEqualSelectivity;
  if (symbol == "<>") return 1 - kEqualSelectivity;
  if (symbol == "<" || symbol == "<=" || symbol == ">" || symbol == ">=") {
    return kRangeSelectivity;
  }
  if (symbol == "~~" || symbol == "~~*" || symbol == "~") return kLikeSelectivity;
  if (symbol == "!~~" || symbol == "!~~*") return 1 - kLikeSelectivity;
  return kUnknownSelectivity;
}

bool is_unique_equality(const Scan& scan, const Expression& e) {
  if (e.kind != ExpressionKind::call || e.children.size() != 2) return false;
  if (view_of(e.function->operator_symbol) != "=") return false;
  for (int side = 0; side < 2; ++side) {
    const Expression& c = e.child(static_cast<size_t>(side));
    if (c.kind != ExpressionKind::column) continue;
    for (size_t i = 0; i < scan.columns.size(); ++i) {
      if (scan.outputs[i] != c.column) continue;
      for (const IndexInfo& index : scan.relation->indexes) {
        if (index.is_unique() && index.keys_count() == 1 && index.columns()[0] == scan.columns[i]) {
          return true;
        }
      }
    }
  }
  return false;
}

double scan_rows(const Scan& scan) {
  const double all = table_rows(*scan.relation);
  double rows = all;
  for (const ExpressionPtr& filter : scan.filters) {
    if (is_unique_equality(scan, *filter)) return 1;
    rows *= selectivity(*filter);
  }
  return std::max(rows, 1.0);
}

// The scan below filters, semi and anti joins, or null.
const Scan* scan_below(const LogicalNode& node) {
  if (node.kind == LogicalKind::scan) return &static_cast<const Scan&>(node);
  const auto* join = as<Join>(&node);
  const bool only_drops =
      join != nullptr && (join->type == JoinType::semi || join->type == JoinType::anti ||
                          join->type == JoinType::anti_nulls);
  if (node.kind != LogicalKind::filter && !only_drops) return nullptr;
  return scan_below(*node.inputs[0]);
}

// The part of the left rows that a semi join keeps: where it asks for a unique column, there cannot
// be more matches than rows on the right.
double matched_share(const Join& join, double right_rows) {
  constexpr double kUnknownShare = 0.5;
  const Scan* scan = scan_below(*join.inputs[0]);
  if (scan == nullptr || join.condition == nullptr) return kUnknownShare;
  double share = kUnknownShare;
  walk(*join.condition, [&](const Expression& e) {
    if (!is_unique_equality(*scan, e)) return;
    share = std::min(share, right_rows / std::max(1.0, table_rows(*scan->relation)));
  });
  return share;
}

double join_rows(const Join& join) {
  const double left = estimate_rows(*join.inputs[0]);
  const double right = estimate_rows(*join.inputs[1]);
  switch (join.type) {
    case JoinType::semi:
      return std::max(left * matched_share(join, right), 1.0);
    case JoinType::anti:
    case JoinType::anti_nulls:
      return std::max(left * 0.5, 1.0);
    case JoinType::mark:
    case JoinType::single:
    case JoinType::left:
      return left;
    case JoinType::cross:
      return left * right;
    default:
      return join.condition == nullptr ? left * right : std::max(left, right);
  }
}

}  // namespace

double table_rows(const Relation& relation) {
  if (relation.engine == nullptr || relation.table == nullptr) return kRowsUnknown;
  mortise_table_stats_t stats{};
  stats.struct_size_bytes = sizeof(stats);
  ErrorSlot error;
  if (relation.engine->stats(relation.table, &stats, error.get()) < 0) return kRowsUnknown;
  return std::max(static_cast<double>(stats.rows_estimate), 1.0);
}

double selectivity(const Expression& e) {
  double product = 1;
  switch (e.kind) {
    case ExpressionKind::conjunction:
      for (const ExpressionPtr& child : e.children) product *= selectivity(*child);
      return product;
    case ExpressionKind::disjunction:
      for (const ExpressionPtr& child : e.children) product *= 1 - selectivity(*child);
      return 1 - product;
    case ExpressionKind::negation:
      return 1 - selectivity(e.child(0));
    case ExpressionKind::is_null:
      return e.is_negated ? 0.99 : 0.01;
    case ExpressionKind::in_list: {
      const double in =
          std::min(1.0, kEqualSelectivity * static_cast<double>(e.children.size() - 1));
      return e.is_negated ? 1 - in : in;
    }
    case ExpressionKind::call:
      return call_selectivity(e);
    case ExpressionKind::constant:
      return !e.constant.is_null() && e.constant.as_bool() ? 1 : 0.0001;
    default:
      return kUnknownSelectivity;
  }
}

double estimate_rows(const LogicalNode& node) {
  if (node.rows_estimate >= 0) return node.rows_estimate;
  switch (node.kind) {
    case LogicalKind::scan:
      return scan_rows(static_cast<const Scan&>(node));
    case LogicalKind::system_scan:
      return kRowsUnknown;
    case LogicalKind::table_function:
      return kFunctionRows;
    case LogicalKind::values:
      return std::max(1.0, static_cast<double>(static_cast<const Values&>(node).rows.size()));
    case LogicalKind::filter:
      return std::max(1.0, estimate_rows(*node.inputs[0]) *
                               selectivity(*static_cast<const Filter&>(node).condition));
    case LogicalKind::join:
      return join_rows(static_cast<const Join&>(node));
    case LogicalKind::aggregate: {
      const auto& aggregate = static_cast<const Aggregate&>(node);
      if (aggregate.groups.empty()) return 1;
      return std::max(1.0, std::pow(estimate_rows(*node.inputs[0]), 0.75));
    }
    case LogicalKind::limit: {
      const auto& limit = static_cast<const Limit&>(node);
      const double rows = estimate_rows(*node.inputs[0]);
      if (limit.limit == nullptr || limit.limit->kind != ExpressionKind::constant ||
          limit.limit->constant.is_null()) {
        return rows;
      }
      return std::min(rows, static_cast<double>(limit.limit->constant.as_integer()));
    }
    case LogicalKind::set_operation:
      return estimate_rows(*node.inputs[0]) + estimate_rows(*node.inputs[1]);
    case LogicalKind::common_table:
      return estimate_rows(*node.inputs[1]);
    default:
      return node.inputs.empty() ? kRowsUnknown : estimate_rows(*node.inputs[0]);
  }
}

}  // namespace mortise::sql_engine
