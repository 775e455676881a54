// SPDX-License-Identifier: Apache-2.0
//
// Order of inner joins: dynamic programming over connected subsets, bushy trees allowed, up to
// kJoinsExact inputs; beyond that the cheapest pair is joined until one tree is left.  The number
// of distinct values of a join column is known where a unique index covers it, or where it is
// equal, through other conditions, to a column that one covers (a foreign key has no more values
// than the key it points to).
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>

#include "mortise/cpp/boundary.hpp"
#include "plan/optimizer.hpp"

namespace mortise::sql_engine {

namespace {

constexpr size_t kJoinsExact = 10;
constexpr size_t kLeavesMax = 64;

struct Edge {
  uint64_t leaves = 0;  // bit per leaf that the condition reads
  double selectivity = 1;
  bool is_equality = false;
};

struct ColumnFacts {
  size_t leaf = 0;
  const Scan* scan = nullptr;
  uint32_t table_column = 0;
};

class Orderer {
 public:
  Orderer(std::vector<LogicalPtr> leaves, std::vector<ExpressionPtr> conditions)
      : leaves_(std::move(leaves)), conditions_(std::move(conditions)) {}

  LogicalPtr order() {
    for (const LogicalPtr& leaf : leaves_) {
      IdSet made;
      made.add(leaf->outputs);
      made_.push_back(std::move(made));
      rows_.push_back(estimate_rows(*leaf));
    }
    find_classes();
    for (const ExpressionPtr& condition : conditions_) edges_.push_back(edge_of(*condition));
    apply_composite_keys();
    is_used_.assign(conditions_.size(), false);
    LogicalPtr tree = leaves_.size() <= kJoinsExact ? order_exactly() : order_greedily();
    std::vector<ExpressionPtr> rest;
    for (size_t i = 0; i < conditions_.size(); ++i) {
      if (!is_used_[i]) rest.push_back(std::move(conditions_[i]));
    }
    return make_filter(std::move(tree), std::move(rest));
  }

 private:
  struct Choice {
    double cost = -1;
    double rows = 0;
    uint64_t left = 0;
    uint64_t right = 0;
  };

  uint64_t leaves_of(const Expression& e) const {
    uint64_t mask = 0;
    for (size_t i = 0; i < leaves_.size(); ++i) {
      if (reads_any(e, made_[i])) mask |= uint64_t{1} << i;
    }
    return mask;
  }

  std::optional<ColumnFacts> facts_of(const Expression& e) const {
    if (e.kind != ExpressionKind::column) return std::nullopt;
    for (size_t l = 0; l < leaves_.size(); ++l) {
      if (!made_[l].has(e.column)) continue;
      const LogicalNode* node = leaves_[l].get();
      while (node->kind == LogicalKind::filter) node = node->inputs[0].get();
      const auto* scan = as<Scan>(node);
      if (scan == nullptr) return ColumnFacts{l, nullptr, 0};
      for (size_t i = 0; i < scan->columns.size(); ++i) {
        if (scan->outputs[i] == e.column) return ColumnFacts{l, scan, scan->columns[i]};
      }
      return ColumnFacts{l, nullptr, 0};
    }
    return std::nullopt;
  }

  static bool is_equality(const Expression& e) {
    return e.kind == ExpressionKind::call && e.children.size() == 2 &&
           view_of(e.function->operator_symbol) == "=";
  }

  // Distinct values by a unique index of one column; below 0 = unknown.
  static double unique_values(const Expression& column, const ColumnFacts& facts) {
    static_cast<void>(column);
    if (facts.scan == nullptr) return -1;
    for (const IndexInfo& index : facts.scan->relation->indexes) {
      if (index.is_unique() && index.keys_count() == 1 &&
          index.columns()[0] == facts.table_column) {
        return table_rows(*facts.scan->relation);
      }
    }
    return -1;
  }

  // Classes of columns that conditions make equal, with the fewest distinct values known of any.
  void find_classes() {
    for (const ExpressionPtr& condition : conditions_) {
      if (!is_equality(*condition)) continue;
      const auto a = facts_of(condition->child(0));
      const auto b = facts_of(condition->child(1));
      if (!a || !b) continue;
      const size_t into = class_of(condition->child(0).column);
      const size_t from = class_of(condition->child(1).column);
      for (auto& [id, number] : classes_) {
        if (number == from) number = into;
      }
      double least = -1;
      for (const double known :
           {values_[into], values_[from], unique_values(condition->child(0), *a),
            unique_values(condition->child(1), *b)}) {
        if (known >= 0 && (least < 0 || known < least)) least = known;
      }
      values_[into] = values_[from] = least;
    }
  }

  size_t class_of(ColumnId id) {
    for (const auto& [known, number] : classes_) {
      if (known == id) return number;
    }
    classes_.emplace_back(id, values_.size());
    values_.push_back(-1);
    return values_.size() - 1;
  }

  double values_of(const Expression& e) {
    const auto facts = facts_of(e);
    if (!facts) return 10;
    const double base =
        facts->scan != nullptr ? table_rows(*facts->scan->relation) : rows_[facts->leaf];
    for (const auto& [known, number] : classes_) {
      if (known == e.column && values_[number] >= 0) return std::min(values_[number], base);
    }
    return std::max(1.0, std::pow(base, 0.75));
  }

  Edge edge_of(const Expression& e) {
    Edge edge;
    edge.leaves = leaves_of(e);
    if (is_equality(e)) {
      edge.is_equality = std::popcount(edge.leaves) == 2;
      edge.selectivity = 1 / std::max(1.0, std::max(values_of(e.child(0)), values_of(e.child(1))));
    } else {
      edge.selectivity = selectivity(e);
    }
    return edge;
  }

  // Equalities between two leaves that together cover a unique index of one of them match at most
  // one row of it per row of the other.
  void apply_composite_keys() {
    for (size_t l = 0; l < leaves_.size(); ++l) {
      const LogicalNode* node = leaves_[l].get();
      while (node->kind == LogicalKind::filter) node = node->inputs[0].get();
      const auto* scan = as<Scan>(node);
      if (scan == nullptr) continue;
      for (const IndexInfo& index : scan->relation->indexes) {
        if (!index.is_unique() || index.keys_count() < 2) continue;
        for (size_t other = 0; other < leaves_.size(); ++other) {
          if (other != l) apply_composite_key(*scan, index, l, other);
        }
      }
    }
  }

  void apply_composite_key(const Scan& scan, const IndexInfo& index, size_t leaf, size_t other) {
    const uint64_t pair = uint64_t{1} << leaf | uint64_t{1} << other;
    std::vector<size_t> covering;
    for (uint32_t k = 0; k < index.keys_count(); ++k) {
      bool is_covered = false;
      for (size_t i = 0; i < edges_.size() && !is_covered; ++i) {
        if (!edges_[i].is_equality || edges_[i].leaves != pair) continue;
        for (const ExpressionPtr& side : conditions_[i]->children) {
          const auto facts = facts_of(*side);
          if (facts && facts->leaf == leaf && facts->table_column == index.columns()[k]) {
            covering.push_back(i);
            is_covered = true;
            break;
          }
        }
      }
      if (!is_covered) return;
    }
    for (size_t i = 0; i < covering.size(); ++i) {
      edges_[covering[i]].selectivity = i == 0 ? 1 / table_rows(*scan.relation) : 1;
    }
  }

  double selectivity_between(uint64_t a, uint64_t b, bool* is_connected) const {
    double product = 1;
    *is_connected = false;
    for (const Edge& edge : edges_) {
      const bool is_across =
          (edge.leaves & a) != 0 && (edge.leaves & b) != 0 && (edge.leaves & ~(a | b)) == 0;
      if (!is_across) continue;
      product *= edge.selectivity;
      *is_connected = *is_connected || edge.is_equality;
    }
    return product;
  }

  // Building a hash table costs about as much as probing with twice the rows; a join that has to
  // compare every pair costs every pair.
  static double join_cost(double left, double right, double out, bool is_connected) {
    if (!is_connected) return left * right + out;
    return std::min(left, right) * 2 + std::max(left, right) + out;
  }

  // Reading a leaf: a table is read whole.
  double read_cost(size_t leaf) const {
    const LogicalNode* node = leaves_[leaf].get();
    while (node->kind == LogicalKind::filter) node = node->inputs[0].get();
    const auto* scan = as<Scan>(node);
    return scan != nullptr ? table_rows(*scan->relation) : rows_[leaf];
  }

  // Joining `from` to the one leaf `to` through an index of its table, which is not read then; see
  // Lowering::try_index_join.
  double lookup_cost(const Choice& choice, uint64_t from, uint64_t to, double out) const {
    constexpr double kNever = std::numeric_limits<double>::infinity();
    if (std::popcount(to) != 1) return kNever;
    const auto leaf = static_cast<size_t>(std::countr_zero(to));
    const auto* scan = as<Scan>(leaves_[leaf].get());
    if (scan == nullptr) return kNever;
    double rows = 0;
    for (const IndexInfo& index : scan->relation->indexes) {
      uint32_t matched = 0;
      while (matched < index.keys_count() && is_equated(leaf, index.columns()[matched], from)) {
        ++matched;
      }
      if (matched == 0) continue;
      const bool is_single = index.is_unique() && matched == index.keys_count();
      const double each = is_single ? 1 : kRowsPerKey;
      rows = rows == 0 ? each : std::min(rows, each);
    }
    if (rows == 0) return kNever;
    return choice.cost + choice.rows * rows * kLookupCostRows + out;
  }

  // True if a condition equates the leaf's table column with something of `from`.
  bool is_equated(size_t leaf, uint32_t table_column, uint64_t from) const {
    const uint64_t own = uint64_t{1} << leaf;
    for (size_t i = 0; i < edges_.size(); ++i) {
      if (!edges_[i].is_equality || (edges_[i].leaves & own) == 0) continue;
      if ((edges_[i].leaves & ~own & ~from) != 0) continue;
      for (const ExpressionPtr& side : conditions_[i]->children) {
        const auto facts = facts_of(*side);
        if (facts && facts->leaf == leaf && facts->table_column == table_column &&
            facts->scan != nullptr) {
          return true;
        }
      }
    }
    return false;
  }

  LogicalPtr order_exactly() {
    const size_t count = leaves_.size();
    std::vector<Choice> best(uint64_t{1} << count);
    for (size_t i = 0; i < count; ++i) best[uint64_t{1} << i] = {read_cost(i), rows_[i], 0, 0};
    for (uint64_t set = 1; set < best.size(); ++set) {
      if (std::popcount(set) < 2) continue;
      for (const bool allow_cross : {false, true}) {
        if (allow_cross && best[set].cost >= 0) break;
        for (uint64_t left = (set - 1) & set; left != 0; left = (left - 1) & set) {
          const uint64_t right = set & ~left;
          if (left < right) continue;  // each split once
          if (best[left].cost < 0 || best[right].cost < 0) continue;
          bool is_connected = false;
          const double part = selectivity_between(left, right, &is_connected);
          if (!is_connected && !allow_cross) continue;
          const double rows = std::max(1.0, best[left].rows * best[right].rows * part);
          const double hashed = best[left].cost + best[right].cost +
                                join_cost(best[left].rows, best[right].rows, rows, is_connected);
          const double cost = std::min({hashed, lookup_cost(best[left], left, right, rows),
                                        lookup_cost(best[right], right, left, rows)});
          if (best[set].cost < 0 || cost < best[set].cost) {
            best[set] = {cost, rows, left, right};
          }
        }
      }
    }
    return build(best, best.size() - 1);
  }

  LogicalPtr build(const std::vector<Choice>& best, uint64_t set) {
    const Choice& choice = best[set];
    if (choice.left == 0) return std::move(leaves_[static_cast<size_t>(std::countr_zero(set))]);
    return join(build(best, choice.left), build(best, choice.right), best[choice.left].rows,
                best[choice.right].rows, set, choice.rows);
  }

  // The smaller side goes right: it is the one that is kept.
  LogicalPtr join(LogicalPtr left, LogicalPtr right, double left_rows, double right_rows,
                  uint64_t set, double rows) {
    if (left_rows < right_rows) std::swap(left, right);
    auto made = std::make_unique<Join>();
    std::vector<ExpressionPtr> on;
    for (size_t i = 0; i < conditions_.size(); ++i) {
      if (is_used_[i] || edges_[i].leaves == 0 || (edges_[i].leaves & ~set) != 0) continue;
      is_used_[i] = true;
      on.push_back(std::move(conditions_[i]));
    }
    made->type = on.empty() ? JoinType::cross : JoinType::inner;
    if (!on.empty()) made->condition = make_conjunction(std::move(on));
    made->outputs = left->outputs;
    made->outputs.insert(made->outputs.end(), right->outputs.begin(), right->outputs.end());
    made->rows_estimate = rows;
    made->inputs.push_back(std::move(left));
    made->inputs.push_back(std::move(right));
    return made;
  }

  struct Tree {
    LogicalPtr node;
    uint64_t set;
    double rows;
  };

  LogicalPtr order_greedily() {
    std::vector<Tree> trees;
    for (size_t i = 0; i < leaves_.size(); ++i) {
      trees.push_back({std::move(leaves_[i]), uint64_t{1} << (i % kLeavesMax), rows_[i]});
    }
    while (trees.size() > 1) {
      size_t best_a = 0;
      size_t best_b = 1;
      double best_rows = 0;
      double best_cost = -1;
      for (size_t a = 0; a < trees.size(); ++a) {
        for (size_t b = a + 1; b < trees.size(); ++b) {
          bool is_connected = false;
          const double part = selectivity_between(trees[a].set, trees[b].set, &is_connected);
          const double rows = std::max(1.0, trees[a].rows * trees[b].rows * part);
          const double cost = join_cost(trees[a].rows, trees[b].rows, rows, is_connected);
          if (best_cost >= 0 && cost >= best_cost) continue;
          best_a = a;
          best_b = b;
          best_rows = rows;
          best_cost = cost;
        }
      }
      Tree left = std::move(trees[best_a]);
      Tree right = std::move(trees[best_b]);
      trees.erase(trees.begin() + static_cast<int64_t>(best_b));
      const uint64_t set = left.set | right.set;
      trees[best_a] = {
          join(std::move(left.node), std::move(right.node), left.rows, right.rows, set, best_rows),
          set, best_rows};
    }
    return std::move(trees[0].node);
  }

  std::vector<LogicalPtr> leaves_;
  std::vector<ExpressionPtr> conditions_;
  std::vector<IdSet> made_;
  std::vector<double> rows_;
  std::vector<Edge> edges_;
  std::vector<bool> is_used_;
  std::vector<std::pair<ColumnId, size_t>> classes_;
  std::vector<double> values_;
};

}  // namespace

LogicalPtr order_joins(std::vector<LogicalPtr> leaves, std::vector<ExpressionPtr> conditions) {
  if (leaves.size() == 1) return make_filter(std::move(leaves[0]), std::move(conditions));
  if (leaves.size() > kLeavesMax) {
    // As written: more than the masks can hold.
    LogicalPtr tree = std::move(leaves[0]);
    for (size_t i = 1; i < leaves.size(); ++i) {
      auto join = std::make_unique<Join>();
      join->type = JoinType::cross;
      join->outputs = tree->outputs;
      join->outputs.insert(join->outputs.end(), leaves[i]->outputs.begin(),
                           leaves[i]->outputs.end());
      join->inputs.push_back(std::move(tree));
      join->inputs.push_back(std::move(leaves[i]));
      tree = std::move(join);
    }
    return make_filter(std::move(tree), std::move(conditions));
  }
  return Orderer(std::move(leaves), std::move(conditions)).order();
}

}  // namespace mortise::sql_engine
