// SPDX-License-Identifier: Apache-2.0
//
// Arrays: making them of columns, taking them apart, and computing something for every element.
//
// "For every element" (ANY, ALL, casts) works on pairs of a row and an element, gathered into
// batches of their own, over which a small program runs: functions see columns, as everywhere.

#include <algorithm>

#include "execute/expression/nodes.hpp"
#include "mortise/cpp/array.hpp"

namespace mortise::sql_engine {

namespace {

std::string_view array_bytes(const mortise_column_t& column, uint32_t row) {
  return Strings(column)[row];
}

bool is_valid(const mortise_column_t& column, uint32_t row) {
  return column.validity == nullptr || get_bit(column.validity, is_constant(column) ? 0 : row);
}

// Puts a finished value into a row; its bytes move to the evaluation's arena.
Status put(Evaluation& evaluation, ColumnBuffer& buffer, uint32_t row, std::string_view bytes) {
  bool ok = true;
  buffer.data<mortise_view_t>()[row] = evaluation.arena().copy(view_to(bytes), &ok);
  return ok ? Status() : evaluation.arena().failure();
}

Status evaluate_all(Evaluation& evaluation, const Node& node, const Children& children,
                    const Batch& batch, Selection rows) {
  std::vector<mortise_column_t>& columns = evaluation.columns(node);
  columns.resize(children.size());
  for (size_t i = 0; i < children.size(); ++i) {
    MORTISE_TRY(evaluation.evaluate(*children[i], batch, rows, &columns[i]));
  }
  return {};
}

// ARRAY[a, b, ...] of elements, or of arrays, which become the first dimension.
class ArrayNode final : public Node {
 public:
  ArrayNode(Children children, bool is_nested, const mortise_type_t& element)
      : children_(std::move(children)), is_nested_(is_nested), element_(element) {}

  Status evaluate(Evaluation& evaluation, const Batch& batch, Selection rows,
                  mortise_column_t* result) const override {
    MORTISE_TRY_ASSIGN(ColumnBuffer * buffer, evaluation.buffer(*this));
    buffer->reset();
    MORTISE_TRY(evaluate_all(evaluation, *this, children_, batch, rows));
    const std::vector<mortise_column_t>& columns = evaluation.columns(*this);
    ArrayBuilder builder(element_.sql_type, element_.physical);
    for (uint32_t i = 0; i < rows.count; ++i) {
      const uint32_t row = rows.row(i);
      if (is_nested_) {
        MORTISE_TRY_ASSIGN(const std::string value, stack(columns, row, builder));
        MORTISE_TRY(put(evaluation, *buffer, row, value));
        continue;
      }
      for (const mortise_column_t& column : columns) builder.add(column, row);
      MORTISE_TRY(put(evaluation, *buffer, row, builder.finish()));
    }
    *result = buffer->column(batch.rows_count);
    return {};
  }

 private:
  static Result<std::string> stack(const std::vector<mortise_column_t>& columns, uint32_t row,
                                   ArrayBuilder& builder) {
    std::vector<ArrayDimension> inner;
    int32_t count = 0;
    for (const mortise_column_t& column : columns) {
      std::vector<ArrayDimension> dimensions;
      if (is_valid(column, row)) {
        MORTISE_TRY_ASSIGN(const ArrayView array, ArrayView::open(array_bytes(column, row)));
        dimensions.assign(array.dimensions().begin(), array.dimensions().end());
        for (uint32_t e = 0; e < array.count(); ++e) builder.add(array, e);
      }
      if (count > 0 && dimensions != inner) {
        return Status(Code::invalid, "2202E",
                      "multidimensional arrays must have array expressions with matching "
                      "dimensions");
      }
      inner = std::move(dimensions);
      ++count;
    }
    if (inner.size() + 1 > kArrayDimensionsMax) {
      return Status(Code::limit, "54000",
                    "number of array dimensions (" + std::to_string(inner.size() + 1) +
                        ") exceeds the maximum allowed (" + std::to_string(kArrayDimensionsMax) +
                        ")");
    }
    inner.insert(inner.begin(), ArrayDimension{count, 1});
    return builder.finish(inner);
  }

  Children children_;
  bool is_nested_;
  mortise_type_t element_;
};

// a[i][j]: null outside of the bounds and for another number of subscripts.
class SubscriptNode final : public Node {
 public:
  explicit SubscriptNode(Children children) : children_(std::move(children)) {}

  Status evaluate(Evaluation& evaluation, const Batch& batch, Selection rows,
                  mortise_column_t* result) const override {
    MORTISE_TRY_ASSIGN(ColumnBuffer * buffer, evaluation.buffer(*this));
    buffer->reset();
    MORTISE_TRY(evaluate_all(evaluation, *this, children_, batch, rows));
    const std::vector<mortise_column_t>& columns = evaluation.columns(*this);
    mortise_column_out_t out{buffer->validity(), buffer->data<uint8_t>(), 0, 0};
    for (uint32_t i = 0; i < rows.count; ++i) {
      const uint32_t row = rows.row(i);
      MORTISE_TRY_ASSIGN(const bool found, element(columns, row, out));
      if (!found) buffer->set_null(row);
    }
    *result = buffer->column(batch.rows_count);
    return {};
  }

 private:
  Result<bool> element(const std::vector<mortise_column_t>& columns, uint32_t row,
                       mortise_column_out_t& out) const {
    for (const mortise_column_t& column : columns) {
      if (!is_valid(column, row)) return false;
    }
    MORTISE_TRY_ASSIGN(const ArrayView array, ArrayView::open(array_bytes(columns[0], row)));
    if (array.element_physical() != type.physical) return internal("an array of another type");
    const auto dimensions = array.dimensions();
    if (dimensions.size() != columns.size() - 1) return false;
    int64_t place = 0;
    for (size_t d = 0; d < dimensions.size(); ++d) {
      const int64_t at =
          int64_t{mortise::Values<int32_t>(columns[d + 1])[row]} - dimensions[d].lower;
      if (at < 0 || at >= dimensions[d].length) return false;
      place = place * dimensions[d].length + at;
    }
    const auto index = static_cast<uint32_t>(place);
    if (array.is_null(index)) return false;
    array.read(index, out, row);  // borrows the child's bytes, which live as long (G2)
    return true;
  }

  Children children_;
};

// a[l:u][l:u]...: the part within the bounds, counted from 1.
class SliceNode final : public Node {
 public:
  SliceNode(Children children, const mortise_type_t& element)
      : children_(std::move(children)), element_(element) {}

  Status evaluate(Evaluation& evaluation, const Batch& batch, Selection rows,
                  mortise_column_t* result) const override {
    MORTISE_TRY_ASSIGN(ColumnBuffer * buffer, evaluation.buffer(*this));
    buffer->reset();
    MORTISE_TRY(evaluate_all(evaluation, *this, children_, batch, rows));
    const std::vector<mortise_column_t>& columns = evaluation.columns(*this);
    ArrayBuilder builder(element_.sql_type, element_.physical);
    for (uint32_t i = 0; i < rows.count; ++i) {
      const uint32_t row = rows.row(i);
      const bool has_all = std::all_of(columns.begin(), columns.end(),
                                       [&](const auto& c) { return is_valid(c, row); });
      if (!has_all) {
        buffer->set_null(row);
        continue;
      }
      MORTISE_TRY_ASSIGN(const ArrayView array, ArrayView::open(array_bytes(columns[0], row)));
      MORTISE_TRY(put(evaluation, *buffer, row, slice(array, columns, row, builder)));
    }
    *result = buffer->column(batch.rows_count);
    return {};
  }

 private:
  struct Range {
    int64_t begin = 0;  // from the dimension's first
    int64_t end = 0;
  };

  static std::string slice(const ArrayView& array, const std::vector<mortise_column_t>& columns,
                           uint32_t row, ArrayBuilder& builder) {
    const auto dimensions = array.dimensions();
    const size_t given = (columns.size() - 1) / 2;
    if (given > dimensions.size()) return builder.finish({});
    std::vector<Range> ranges;
    std::vector<ArrayDimension> result;
    for (size_t d = 0; d < dimensions.size(); ++d) {
      Range range{0, dimensions[d].length};
      if (d < given) {
        const int64_t lower = mortise::Values<int32_t>(columns[1 + 2 * d])[row];
        const int64_t upper = mortise::Values<int32_t>(columns[2 + 2 * d])[row];
        range.begin = std::max<int64_t>(range.begin, lower - dimensions[d].lower);
        range.end = std::min<int64_t>(range.end, upper - dimensions[d].lower + 1);
      }
      if (range.begin >= range.end) return builder.finish({});
      ranges.push_back(range);
      result.push_back({static_cast<int32_t>(range.end - range.begin), 1});
    }
    add(array, ranges, 0, 0, builder);
    return builder.finish(result);
  }
  // `base`: the number of the sub-array at dimension `d`.
  static void add(const ArrayView& array, const std::vector<Range>& ranges, size_t d, int64_t base,
                  ArrayBuilder& builder) {
    if (d == ranges.size()) return builder.add(array, static_cast<uint32_t>(base));
    for (int64_t i = ranges[d].begin; i < ranges[d].end; ++i) {
      add(array, ranges, d + 1, base * array.dimensions()[d].length + i, builder);
    }
  }

  Children children_;
  mortise_type_t element_;
};

// Batches of (element, value of the row) pairs, over which the element program runs.
class Pairs {
 public:
  Pairs(Evaluation& outer, const Program& program, const mortise_type_t& element,
        const mortise_type_t* beside)
      : inner_(outer.run(), program), has_beside_(beside != nullptr), element_type_(element) {
    if (has_beside_) beside_type_ = *beside;
  }

  Status open(const Memory& memory) {
    if (elements_.is_open()) return {};
    MORTISE_TRY(elements_.open(memory, element_type_));
    return has_beside_ ? beside_.open(memory, beside_type_) : Status();
  }
  void clear() {
    count_ = 0;
    elements_.reset();
    if (has_beside_) beside_.reset();
  }
  bool is_full() const { return count_ == kBatchRows; }
  uint32_t count() const { return count_; }
  void add(const ArrayView& array, uint32_t index, const mortise_column_t* beside, uint32_t row) {
    mortise_column_out_t out{elements_.validity(), elements_.data<uint8_t>(), 0, 0};
    if (array.is_null(index)) {
      elements_.set_null(count_);
    } else {
      array.read(index, out, count_);
    }
    if (beside != nullptr) {
      const auto from = static_cast<uint16_t>(row);
      gather(*beside, &from, 1, beside_, count_);
    }
    ++count_;
  }
  Status run(mortise_column_t* result) {
    batch_.columns.assign(1, elements_.column(count_));
    if (has_beside_) batch_.columns.push_back(beside_.column(count_));
    batch_.row_ids = nullptr;
    batch_.select_all(count_);
    inner_.begin();
    return inner_.evaluate(0, batch_, result);
  }

 private:
  Evaluation inner_;
  bool has_beside_;
  mortise_type_t element_type_;
  mortise_type_t beside_type_{};
  ColumnBuffer elements_;
  ColumnBuffer beside_;
  Batch batch_;
  uint32_t count_ = 0;
};

// x op ANY (array) and x op ALL (array): [array, x?].
class AnyElementNode final : public Node {
 public:
  AnyElementNode(std::shared_ptr<const Program> program, bool is_all, Children children,
                 const mortise_type_t& element)
      : program_(std::move(program)),
        is_all_(is_all),
        children_(std::move(children)),
        element_(element) {}

  Status evaluate(Evaluation& evaluation, const Batch& batch, Selection rows,
                  mortise_column_t* result) const override {
    MORTISE_TRY_ASSIGN(ColumnBuffer * buffer, evaluation.buffer(*this));
    buffer->reset();
    MORTISE_TRY(evaluate_all(evaluation, *this, children_, batch, rows));
    const std::vector<mortise_column_t> columns = evaluation.columns(*this);
    const mortise_column_t* beside = columns.size() > 1 ? &columns[1] : nullptr;
    auto& memory = evaluation.memory_of(*this);
    if (memory == nullptr) {
      memory = std::make_shared<Pairs>(evaluation, *program_, element_,
                                       beside == nullptr ? nullptr : &children_[1]->type);
    }
    auto& pairs = *static_cast<Pairs*>(memory.get());
    MORTISE_TRY(pairs.open(evaluation.run().memory()));
    pairs.clear();
    decide_empty(rows, *buffer);
    std::vector<uint16_t> owners;
    for (uint32_t i = 0; i < rows.count; ++i) {
      const uint32_t row = rows.row(i);
      if (!is_valid(columns[0], row)) {
        buffer->set_null(row);
        continue;
      }
      MORTISE_TRY_ASSIGN(const ArrayView array, ArrayView::open(array_bytes(columns[0], row)));
      if (array.element_physical() != element_.physical)
        return internal("an array of another type");
      for (uint32_t e = 0; e < array.count(); ++e) {
        pairs.add(array, e, beside, row);
        owners.push_back(static_cast<uint16_t>(row));
        if (pairs.is_full()) MORTISE_TRY(settle(pairs, owners, *buffer));
      }
    }
    if (pairs.count() != 0) MORTISE_TRY(settle(pairs, owners, *buffer));
    *result = buffer->column(batch.rows_count);
    return {};
  }

 private:
  // No element at all: false for ANY, true for ALL.
  void decide_empty(Selection rows, ColumnBuffer& buffer) const {
    for (uint32_t i = 0; i < rows.count; ++i) {
      assign_bit(buffer.data<uint64_t>(), rows.row(i), is_all_);
    }
  }
  // An element that decides does so for good; an unknown one leaves null unless another decides.
  Status settle(Pairs& pairs, std::vector<uint16_t>& owners, ColumnBuffer& buffer) const {
    mortise_column_t tests{};
    MORTISE_TRY(pairs.run(&tests));
    const Booleans answers(tests);
    const bool decider = !is_all_;
    for (uint32_t i = 0; i < owners.size(); ++i) {
      const uint16_t row = owners[i];
      auto* values = buffer.data<uint64_t>();
      if (get_bit(values, row) == decider) continue;
      if (!answers.is_valid(i)) {
        buffer.set_null(row);
      } else if (answers[i] == decider) {
        assign_bit(values, row, decider);
        set_bit(buffer.validity(), row);
      }
    }
    owners.clear();
    pairs.clear();
    return {};
  }

  std::shared_ptr<const Program> program_;
  bool is_all_;
  Children children_;
  mortise_type_t element_;
};

// A cast of every element: [array].
class MapElementsNode final : public Node {
 public:
  MapElementsNode(std::shared_ptr<const Program> program, Children children,
                  const mortise_type_t& from)
      : program_(std::move(program)), children_(std::move(children)), from_(from) {}

  Status evaluate(Evaluation& evaluation, const Batch& batch, Selection rows,
                  mortise_column_t* result) const override {
    MORTISE_TRY_ASSIGN(ColumnBuffer * buffer, evaluation.buffer(*this));
    buffer->reset();
    MORTISE_TRY(evaluate_all(evaluation, *this, children_, batch, rows));
    const mortise_column_t arrays = evaluation.columns(*this)[0];
    auto& memory = evaluation.memory_of(*this);
    if (memory == nullptr) {
      memory = std::make_shared<Pairs>(evaluation, *program_, from_, nullptr);
    }
    auto& pairs = *static_cast<Pairs*>(memory.get());
    MORTISE_TRY(pairs.open(evaluation.run().memory()));
    const mortise_type_t& to = program_->type(0);
    ArrayBuilder builder(to.sql_type, to.physical);
    for (uint32_t i = 0; i < rows.count; ++i) {
      const uint32_t row = rows.row(i);
      if (!is_valid(arrays, row)) {
        buffer->set_null(row);
        continue;
      }
      MORTISE_TRY_ASSIGN(const ArrayView array, ArrayView::open(array_bytes(arrays, row)));
      if (array.element_physical() != from_.physical) return internal("an array of another type");
      pairs.clear();
      for (uint32_t e = 0; e < array.count(); ++e) {
        pairs.add(array, e, nullptr, 0);
        if (pairs.is_full()) MORTISE_TRY(take(pairs, builder));
      }
      if (pairs.count() != 0) MORTISE_TRY(take(pairs, builder));
      MORTISE_TRY(put(evaluation, *buffer, row, builder.finish(array.dimensions())));
    }
    *result = buffer->column(batch.rows_count);
    return {};
  }

 private:
  static Status take(Pairs& pairs, ArrayBuilder& builder) {
    mortise_column_t values{};
    MORTISE_TRY(pairs.run(&values));
    for (uint32_t i = 0; i < pairs.count(); ++i) builder.add(values, i);
    pairs.clear();
    return {};
  }

  std::shared_ptr<const Program> program_;
  Children children_;
  mortise_type_t from_;
};

}  // namespace

NodePtr make_array_node(const Expression& expression, Children children) {
  return std::make_unique<ArrayNode>(std::move(children), expression.is_all,
                                     expression.element_type);
}

NodePtr make_subscript_node(const Expression& expression, Children children) {
  if (expression.is_all) {
    return std::make_unique<SliceNode>(std::move(children), expression.element_type);
  }
  return std::make_unique<SubscriptNode>(std::move(children));
}

NodePtr make_elements_node(const Expression& expression, std::shared_ptr<const Program> program,
                           Children children) {
  if (expression.kind == ExpressionKind::map_elements) {
    return std::make_unique<MapElementsNode>(std::move(program), std::move(children),
                                             expression.element_type);
  }
  return std::make_unique<AnyElementNode>(std::move(program), expression.is_all,
                                          std::move(children), expression.element_type);
}

}  // namespace mortise::sql_engine
