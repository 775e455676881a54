// SPDX-License-Identifier: Apache-2.0
//
// CASE, COALESCE, NULLIF, GREATEST, LEAST, IS DISTINCT FROM.

#include <algorithm>
#include <cstring>

#include "execute/expression/nodes.hpp"
#include "execute/vector/value_order.hpp"

namespace mortise::sql_engine {

namespace {

// Rows of `rows` whose value is null (or is not).
uint32_t rows_by_null(const mortise_column_t& column, Selection rows, bool wanted, uint16_t* out) {
  const uint64_t mask = is_constant(column) ? 0 : ~uint64_t{0};
  uint32_t count = 0;
  for (uint32_t i = 0; i < rows.count; ++i) {
    const uint32_t row = rows.row(i);
    const bool is_null = column.validity != nullptr && !get_bit(column.validity, row & mask);
    out[count] = static_cast<uint16_t>(row);
    count += is_null == wanted ? 1 : 0;
  }
  return count;
}

class CaseNode final : public Node {
 public:
  explicit CaseNode(Children children) : children_(std::move(children)) {}

  Status evaluate(Evaluation& evaluation, const Batch& batch, Selection rows,
                  mortise_column_t* result) const override {
    MORTISE_TRY_ASSIGN(ColumnBuffer * buffer, evaluation.buffer(*this));
    buffer->reset();
    Evaluation::Lease left_lease(evaluation);
    Evaluation::Lease true_lease(evaluation);
    Selection left = rows;
    for (size_t i = 0; i + 1 < children_.size() && left.count != 0; i += 2) {
      uint32_t count = 0;
      MORTISE_TRY(children_[i]->select(evaluation, batch, left, true_lease.get(), &count));
      if (count == 0) continue;
      const Selection chosen{true_lease.get(), count};
      mortise_column_t column{};
      MORTISE_TRY(evaluation.evaluate(*children_[i + 1], batch, chosen, &column));
      copy_rows(column, chosen, *buffer);
      left = {left_lease.get(), remove(left, chosen, left_lease.get())};
    }
    if (left.count != 0) {
      if (children_.size() % 2 == 1) {
        mortise_column_t column{};
        MORTISE_TRY(evaluation.evaluate(*children_.back(), batch, left, &column));
        copy_rows(column, left, *buffer);
      } else {
        for (uint32_t i = 0; i < left.count; ++i) buffer->set_null(left.row(i));
      }
    }
    *result = buffer->column(batch.rows_count);
    return {};
  }

 private:
  static uint32_t remove(Selection rows, Selection gone, uint16_t* out) {
    uint32_t count = 0;
    uint32_t g = 0;
    for (uint32_t i = 0; i < rows.count; ++i) {
      const auto row = static_cast<uint16_t>(rows.row(i));
      if (g < gone.count && gone.rows[g] == row) {
        ++g;
      } else {
        out[count++] = row;
      }
    }
    return count;
  }

  Children children_;
};

class CoalesceNode final : public Node {
 public:
  explicit CoalesceNode(Children children) : children_(std::move(children)) {}

  Status evaluate(Evaluation& evaluation, const Batch& batch, Selection rows,
                  mortise_column_t* result) const override {
    MORTISE_TRY_ASSIGN(ColumnBuffer * buffer, evaluation.buffer(*this));
    buffer->reset();
    Evaluation::Lease left_lease(evaluation);
    Selection left = rows;
    for (const Node* child : children_) {
      mortise_column_t column{};
      MORTISE_TRY(evaluation.evaluate(*child, batch, left, &column));
      if (column.validity == nullptr && left.count == rows.count) {
        *result = column;
        return {};
      }
      copy_rows(column, left, *buffer);
      left = {left_lease.get(), rows_by_null(column, left, true, left_lease.get())};
      if (left.count == 0) break;
    }
    *result = buffer->column(batch.rows_count);
    return {};
  }

 private:
  Children children_;
};

class NullifNode final : public Node {
 public:
  NullifNode(const Expression& expression, Children children)
      : expression_(expression), children_(std::move(children)) {}

  Status evaluate(Evaluation& evaluation, const Batch& batch, Selection rows,
                  mortise_column_t* result) const override {
    MORTISE_TRY_ASSIGN(ColumnBuffer * buffer, evaluation.buffer(*this));
    mortise_column_t arguments[2] = {};
    const mortise_type_t types[2] = {children_[0]->type, children_[1]->type};
    for (int i = 0; i < 2; ++i) {
      MORTISE_TRY(evaluation.evaluate(*children_[i], batch, rows, &arguments[i]));
    }
    auto& equal = evaluation.memory_of(*this);
    if (equal == nullptr) equal = std::make_shared<ColumnBuffer>();
    auto& equal_buffer = *static_cast<ColumnBuffer*>(equal.get());
    if (!equal_buffer.is_open()) {
      MORTISE_TRY(equal_buffer.open(evaluation.run().memory(), boolean_type()));
    }
    MORTISE_TRY(call_equals(evaluation, expression_, batch, rows, arguments, types, equal_buffer));
    Evaluation::Lease lease(evaluation);
    const uint32_t count = rows_where(equal_buffer.column_with_validity(), rows, true, lease.get());
    mortise_column_t value{};
    MORTISE_TRY(evaluation.evaluate(*children_[2], batch, rows, &value));
    buffer->reset();
    copy_rows(value, rows, *buffer);
    for (uint32_t i = 0; i < count; ++i) buffer->set_null(lease.get()[i]);
    *result = buffer->column(batch.rows_count);
    return {};
  }

 private:
  const Expression& expression_;
  Children children_;
};

class ExtremeNode final : public Node {
 public:
  ExtremeNode(bool is_greatest, Children children)
      : is_greatest_(is_greatest), children_(std::move(children)) {}

  Status evaluate(Evaluation& evaluation, const Batch& batch, Selection rows,
                  mortise_column_t* result) const override {
    MORTISE_TRY_ASSIGN(ColumnBuffer * buffer, evaluation.buffer(*this));
    buffer->reset();
    mortise_column_t column{};
    MORTISE_TRY(evaluation.evaluate(*children_[0], batch, rows, &column));
    copy_rows(column, rows, *buffer);
    Evaluation::Lease lease(evaluation);
    for (size_t c = 1; c < children_.size(); ++c) {
      MORTISE_TRY(evaluation.evaluate(*children_[c], batch, rows, &column));
      const uint32_t count = better_rows(column, *buffer, rows, lease.get());
      copy_rows(column, {lease.get(), count}, *buffer);
    }
    *result = buffer->column(batch.rows_count);
    return {};
  }

 private:
  uint32_t better_rows(const mortise_column_t& column, const ColumnBuffer& best, Selection rows,
                       uint16_t* out) const {
    return visit_physical(best.type().physical, [&](auto order) {
      using Order = decltype(order);
      const OrderedValues<Order> candidates(column);
      const OrderedValues<Order> held(best.column_with_validity());
      uint32_t count = 0;
      for (uint32_t i = 0; i < rows.count; ++i) {
        const uint32_t row = rows.row(i);
        if (!candidates.is_valid(row)) continue;
        const auto& a = is_greatest_ ? held[row] : candidates[row];
        const auto& b = is_greatest_ ? candidates[row] : held[row];
        if (!held.is_valid(row) || Order::less(a, b)) out[count++] = static_cast<uint16_t>(row);
      }
      return count;
    });
  }

  bool is_greatest_;
  Children children_;
};

class DistinctNode final : public Node {
 public:
  DistinctNode(const Expression& expression, Children children)
      : expression_(expression), children_(std::move(children)) {}

  Status evaluate(Evaluation& evaluation, const Batch& batch, Selection rows,
                  mortise_column_t* result) const override {
    MORTISE_TRY_ASSIGN(ColumnBuffer * buffer, evaluation.buffer(*this));
    mortise_column_t arguments[2] = {};
    const mortise_type_t types[2] = {children_[0]->type, children_[1]->type};
    for (int i = 0; i < 2; ++i) {
      MORTISE_TRY(evaluation.evaluate(*children_[i], batch, rows, &arguments[i]));
    }
    MORTISE_TRY(call_equals(evaluation, expression_, batch, rows, arguments, types, *buffer));
    const auto is_valid = [](const mortise_column_t& column, uint32_t row) {
      return column.validity == nullptr || get_bit(column.validity, is_constant(column) ? 0 : row);
    };
    auto* bits = buffer->data<uint64_t>();
    for (uint32_t i = 0; i < rows.count; ++i) {
      const uint32_t row = rows.row(i);
      const bool left = is_valid(arguments[0], row);
      const bool right = is_valid(arguments[1], row);
      const bool is_same =
          left && right ? get_bit(buffer->validity(), row) && get_bit(bits, row) : left == right;
      assign_bit(bits, row, is_same == expression_.is_negated);
      set_bit(buffer->validity(), row);
    }
    *result = {nullptr, bits, 0, 0};
    return {};
  }

 private:
  const Expression& expression_;
  Children children_;
};

}  // namespace

NodePtr make_case_node(Children children) {
  return std::make_unique<CaseNode>(std::move(children));
}
NodePtr make_coalesce_node(Children children) {
  return std::make_unique<CoalesceNode>(std::move(children));
}
NodePtr make_nullif_node(const Expression& expression, Children children) {
  return std::make_unique<NullifNode>(expression, std::move(children));
}
NodePtr make_extreme_node(bool is_greatest, Children children) {
  return std::make_unique<ExtremeNode>(is_greatest, std::move(children));
}
NodePtr make_distinct_node(const Expression& expression, Children children) {
  return std::make_unique<DistinctNode>(expression, std::move(children));
}

}  // namespace mortise::sql_engine
