// SPDX-License-Identifier: Apache-2.0
//
// AND, OR, NOT, IS NULL, IS TRUE: three-valued, and lazy by selection (program.hpp).

#include <algorithm>
#include <cstring>

#include "execute/expression/nodes.hpp"

namespace mortise::sql_engine {

uint32_t rows_where(const mortise_column_t& column, Selection rows, bool wanted, uint16_t* out) {
  const auto* bits = static_cast<const uint64_t*>(column.data);
  if (is_constant(column)) {
    const bool is_valid = column.validity == nullptr || get_bit(column.validity, 0);
    if (!is_valid || get_bit(bits, 0) != wanted) return 0;
    for (uint32_t i = 0; i < rows.count; ++i) out[i] = static_cast<uint16_t>(rows.row(i));
    return rows.count;
  }
  const uint64_t flip = wanted ? 0 : ~uint64_t{0};
  uint32_t count = 0;
  if (rows.rows == nullptr) {
    for (uint32_t base = 0; base < rows.count; base += 64) {
      uint64_t word = bits[base / 64] ^ flip;
      if (column.validity != nullptr) word &= column.validity[base / 64];
      if (rows.count - base < 64) word &= (uint64_t{1} << (rows.count - base)) - 1;
      while (word != 0) {
        out[count++] = static_cast<uint16_t>(base + static_cast<uint32_t>(std::countr_zero(word)));
        word &= word - 1;
      }
    }
    return count;
  }
  for (uint32_t i = 0; i < rows.count; ++i) {
    const uint16_t row = rows.rows[i];
    uint64_t word = bits[row / 64] ^ flip;
    if (column.validity != nullptr) word &= column.validity[row / 64];
    out[count] = row;
    count += (word >> (row % 64) & 1) != 0 ? 1 : 0;
  }
  return count;
}

namespace {

// Removes from `rows` those in `gone`; both ascending.
uint32_t subtract(Selection rows, const uint16_t* gone, uint32_t gone_count, uint16_t* out) {
  uint32_t count = 0;
  uint32_t g = 0;
  for (uint32_t i = 0; i < rows.count; ++i) {
    const auto row = static_cast<uint16_t>(rows.row(i));
    if (g < gone_count && gone[g] == row) {
      ++g;
    } else {
      out[count++] = row;
    }
  }
  return count;
}

class JunctionNode final : public Node {
 public:
  JunctionNode(bool is_or, Children children) : is_or_(is_or), children_(std::move(children)) {}

  // A row is decided when an operand says so: false for AND, true for OR.
  Status evaluate(Evaluation& evaluation, const Batch& batch, Selection rows,
                  mortise_column_t* result) const override {
    MORTISE_TRY_ASSIGN(ColumnBuffer * buffer, evaluation.buffer(*this));
    buffer->reset();
    std::memset(buffer->data<uint64_t>(), is_or_ ? 0 : 0xFF, bitmap_size_bytes(kBatchRows));
    Evaluation::Lease open_lease(evaluation);
    uint16_t* open = open_lease.get();
    Selection undecided = rows;
    for (const Node* child : children_) {
      mortise_column_t column{};
      MORTISE_TRY(evaluation.evaluate(*child, batch, undecided, &column));
      const Booleans values(column);
      uint32_t count = 0;
      for (uint32_t i = 0; i < undecided.count; ++i) {
        const auto row = static_cast<uint16_t>(undecided.row(i));
        const bool is_valid = values.is_valid(row);
        const bool is_decided = is_valid && values[row] == is_or_;
        if (is_decided) {
          assign_bit(buffer->data<uint64_t>(), row, is_or_);
          set_bit(buffer->validity(), row);
        } else if (!is_valid) {
          clear_bit(buffer->validity(), row);
        }
        open[count] = row;
        count += is_decided ? 0 : 1;
      }
      undecided = {open, count};
      if (count == 0) break;
    }
    *result = buffer->column(batch.rows_count);
    return {};
  }

  Status select(Evaluation& evaluation, const Batch& batch, Selection rows, uint16_t* out,
                uint32_t* count) const override {
    return is_or_ ? select_any(evaluation, batch, rows, out, count)
                  : select_all(evaluation, batch, rows, out, count);
  }

 private:
  Status select_all(Evaluation& evaluation, const Batch& batch, Selection rows, uint16_t* out,
                    uint32_t* count) const {
    for (const Node* child : children_) {
      MORTISE_TRY(child->select(evaluation, batch, rows, out, count));
      rows = {out, *count};
      if (*count == 0) break;
    }
    return {};
  }

  Status select_any(Evaluation& evaluation, const Batch& batch, Selection rows, uint16_t* out,
                    uint32_t* count) const {
    Evaluation::Lease left_lease(evaluation);
    Evaluation::Lease true_lease(evaluation);
    uint64_t is_true[kBatchRows / 64] = {};
    Selection left = rows;
    for (const Node* child : children_) {
      uint32_t true_count = 0;
      MORTISE_TRY(child->select(evaluation, batch, left, true_lease.get(), &true_count));
      for (uint32_t i = 0; i < true_count; ++i) set_bit(is_true, true_lease.get()[i]);
      left = {left_lease.get(), subtract(left, true_lease.get(), true_count, left_lease.get())};
      if (left.count == 0) break;
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < rows.count; ++i) {
      const uint32_t row = rows.row(i);
      out[kept] = static_cast<uint16_t>(row);
      kept += get_bit(is_true, row) ? 1 : 0;
    }
    *count = kept;
    return {};
  }

  bool is_or_;
  Children children_;
};

class NegationNode final : public Node {
 public:
  explicit NegationNode(Children children) : children_(std::move(children)) {}

  Status evaluate(Evaluation& evaluation, const Batch& batch, Selection rows,
                  mortise_column_t* result) const override {
    MORTISE_TRY_ASSIGN(ColumnBuffer * buffer, evaluation.buffer(*this));
    mortise_column_t column{};
    MORTISE_TRY(evaluation.evaluate(*children_[0], batch, rows, &column));
    const uint32_t words = is_constant(column) ? 1 : (batch.rows_count + 63) / 64;
    const auto* bits = static_cast<const uint64_t*>(column.data);
    for (uint32_t w = 0; w < words; ++w) buffer->data<uint64_t>()[w] = ~bits[w];
    *result = {column.validity, buffer->data<uint64_t>(), column.flags, 0};
    return {};
  }

  Status select(Evaluation& evaluation, const Batch& batch, Selection rows, uint16_t* out,
                uint32_t* count) const override {
    mortise_column_t column{};
    MORTISE_TRY(evaluation.evaluate(*children_[0], batch, rows, &column));
    *count = rows_where(column, rows, false, out);
    return {};
  }

 private:
  Children children_;
};

class IsNullNode final : public Node {
 public:
  IsNullNode(bool is_negated, Children children)
      : is_negated_(is_negated), children_(std::move(children)) {}

  Status evaluate(Evaluation& evaluation, const Batch& batch, Selection rows,
                  mortise_column_t* result) const override {
    MORTISE_TRY_ASSIGN(ColumnBuffer * buffer, evaluation.buffer(*this));
    mortise_column_t column{};
    MORTISE_TRY(evaluation.evaluate(*children_[0], batch, rows, &column));
    const uint32_t words = is_constant(column) ? 1 : (batch.rows_count + 63) / 64;
    const uint64_t flip = is_negated_ ? 0 : ~uint64_t{0};
    for (uint32_t w = 0; w < words; ++w) {
      const uint64_t valid = column.validity == nullptr ? ~uint64_t{0} : column.validity[w];
      buffer->data<uint64_t>()[w] = valid ^ flip;
    }
    *result = {nullptr, buffer->data<uint64_t>(), column.flags, 0};
    return {};
  }

 private:
  bool is_negated_;
  Children children_;
};

class IsBooleanNode final : public Node {
 public:
  IsBooleanNode(Truth truth, bool is_negated, Children children)
      : truth_(truth), is_negated_(is_negated), children_(std::move(children)) {}

  Status evaluate(Evaluation& evaluation, const Batch& batch, Selection rows,
                  mortise_column_t* result) const override {
    MORTISE_TRY_ASSIGN(ColumnBuffer * buffer, evaluation.buffer(*this));
    mortise_column_t column{};
    MORTISE_TRY(evaluation.evaluate(*children_[0], batch, rows, &column));
    const uint32_t words = is_constant(column) ? 1 : (batch.rows_count + 63) / 64;
    const auto* bits = static_cast<const uint64_t*>(column.data);
    for (uint32_t w = 0; w < words; ++w) {
      const uint64_t valid = column.validity == nullptr ? ~uint64_t{0} : column.validity[w];
      uint64_t answer = ~valid;
      if (truth_ == Truth::is_true) answer = valid & bits[w];
      if (truth_ == Truth::is_false) answer = valid & ~bits[w];
      buffer->data<uint64_t>()[w] = is_negated_ ? ~answer : answer;
    }
    *result = {nullptr, buffer->data<uint64_t>(), column.flags, 0};
    return {};
  }

 private:
  Truth truth_;
  bool is_negated_;
  Children children_;
};

}  // namespace

NodePtr make_junction_node(bool is_or, Children children) {
  return std::make_unique<JunctionNode>(is_or, std::move(children));
}
NodePtr make_negation_node(Children children) {
  return std::make_unique<NegationNode>(std::move(children));
}
NodePtr make_is_null_node(bool is_negated, Children children) {
  return std::make_unique<IsNullNode>(is_negated, std::move(children));
}
NodePtr make_is_boolean_node(Truth truth, bool is_negated, Children children) {
  return std::make_unique<IsBooleanNode>(truth, is_negated, std::move(children));
}

}  // namespace mortise::sql_engine
