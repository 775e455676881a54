// SPDX-License-Identifier: Apache-2.0
//
// Subqueries that the optimizer left in place: run again for every new combination of the outer
// columns' values.  Answers are remembered (up to kAnswersMax of them), so that an uncorrelated
// query runs once per worker and one that is correlated by a column of few values runs few times.

#include <algorithm>
#include <string>
#include <unordered_map>

#include "execute/expression/nodes.hpp"
#include "mortise/cpp/array.hpp"

namespace mortise::sql_engine {

namespace {

constexpr size_t kAnswersMax = 4096;

enum class SubqueryKind : uint8_t { scalar, exists, quantified, array };

struct Remembered {
  std::unique_ptr<Run> run;
  std::unordered_map<std::string, Datum> answers;
};

void append_value(const mortise_column_t& column, uint32_t row, uint16_t physical,
                  std::string& key) {
  const uint64_t at = is_constant(column) ? 0 : row;
  const bool is_valid = column.validity == nullptr || get_bit(column.validity, at);
  key.push_back(is_valid ? '1' : '0');
  if (!is_valid) return;
  const uint32_t width = width_bytes(physical);
  if (width == 0) {
    key.push_back(get_bit(static_cast<const uint64_t*>(column.data), at) ? '1' : '0');
  } else if (is_view(physical)) {
    const std::string_view text = text_of(static_cast<const mortise_view_t*>(column.data)[at]);
    const uint64_t size_bytes = text.size();
    key.append(reinterpret_cast<const char*>(&size_bytes), sizeof(size_bytes));
    key.append(text);
  } else {
    key.append(static_cast<const char*>(column.data) + at * width, width);
  }
}

class SubqueryNode final : public Node {
 public:
  SubqueryNode(SubqueryKind kind, std::shared_ptr<const Fragment> fragment, bool is_all,
               bool is_negated, Children outer)
      : kind_(kind),
        fragment_(std::move(fragment)),
        is_all_(is_all),
        is_negated_(is_negated),
        outer_(std::move(outer)) {}

  // ARRAY(query): what the elements are.
  mortise_type_t element{};

  Status evaluate(Evaluation& evaluation, const Batch& batch, Selection rows,
                  mortise_column_t* result) const override {
    MORTISE_TRY_ASSIGN(ColumnBuffer * buffer, evaluation.buffer(*this));
    buffer->reset();
    std::vector<mortise_column_t>& columns = evaluation.columns(*this);
    columns.resize(outer_.size());
    for (size_t i = 0; i < outer_.size(); ++i) {
      MORTISE_TRY(evaluation.evaluate(*outer_[i], batch, rows, &columns[i]));
    }
    auto& memory = evaluation.memory_of(*this);
    if (memory == nullptr) {
      auto made = std::make_shared<Remembered>();
      made->run = std::make_unique<Run>(evaluation.run().context(), *fragment_, &evaluation.run());
      memory = std::move(made);
    }
    auto& remembered = *static_cast<Remembered*>(memory.get());
    std::string key;
    for (uint32_t i = 0; i < rows.count; ++i) {
      const auto row = static_cast<uint16_t>(rows.row(i));
      key.clear();
      for (size_t o = 0; o < outer_.size(); ++o) {
        append_value(columns[o], row, outer_[o]->type.physical, key);
      }
      auto found = remembered.answers.find(key);
      if (found == remembered.answers.end()) {
        MORTISE_TRY_ASSIGN(Datum answer, run(*remembered.run, columns, row));
        if (remembered.answers.size() >= kAnswersMax) remembered.answers.clear();
        found = remembered.answers.emplace(key, std::move(answer)).first;
      }
      MORTISE_TRY(put(evaluation, found->second, row, *buffer));
    }
    *result = buffer->column(batch.rows_count);
    return {};
  }

 private:
  Status put(Evaluation& evaluation, const Datum& answer, uint16_t row,
             ColumnBuffer& buffer) const {
    if (answer.is_null()) {
      buffer.set_null(row);
      return {};
    }
    copy_rows(answer.column(), {&row, 1}, buffer);
    if (!is_view(type.physical)) return {};
    bool ok = true;
    auto& view = buffer.data<mortise_view_t>()[row];
    view = evaluation.arena().copy(view, &ok);
    return ok ? Status() : evaluation.arena().failure();
  }

  Result<Datum> run(Run& inner, const std::vector<mortise_column_t>& columns, uint16_t row) const {
    for (uint32_t o = 0; o < outer_.size(); ++o) inner.set_outer(o, columns[o], row);
    MORTISE_TRY(inner.check_interrupt());
    MORTISE_TRY(fragment_->root->prepare(inner));
    MORTISE_TRY_ASSIGN(CursorPtr cursor, open_cursor(inner, *fragment_->root));
    if (kind_ == SubqueryKind::scalar) return scalar(*cursor);
    if (kind_ == SubqueryKind::exists) {
      Batch batch;
      MORTISE_TRY_ASSIGN(const bool more, cursor->next(batch));
      return Datum::boolean(more != is_negated_);
    }
    return kind_ == SubqueryKind::array ? array(*cursor) : quantified(*cursor);
  }

  Result<Datum> array(Cursor& cursor) const {
    ArrayBuilder builder(element.sql_type, element.physical);
    Batch batch;
    while (true) {
      MORTISE_TRY_ASSIGN(const bool more, cursor.next(batch));
      if (!more) return Datum::text(type, builder.finish());
      for (uint32_t i = 0; i < batch.selected_count; ++i) {
        builder.add(batch.columns[0], batch.row_at(i));
      }
      if (builder.count() > kArrayElementsMax) {
        return Status(Code::limit, "54000", "array size exceeds the maximum allowed");
      }
    }
  }

  Result<Datum> scalar(Cursor& cursor) const {
    Batch batch;
    MORTISE_TRY_ASSIGN(bool more, cursor.next(batch));
    if (!more) return Datum::null(type);
    bool is_single = batch.selected_count == 1;
    Datum answer =
        Datum::of(type, batch.columns[0], is_constant(batch.columns[0]) ? 0 : batch.row_at(0));
    if (is_single) {
      MORTISE_TRY_ASSIGN(more, cursor.next(batch));
      is_single = !more;
    }
    if (is_single) return answer;
    return Status(Code::invalid, "21000",
                  "more than one row returned by a subquery used as an expression");
  }

  // ANY stops at the first true, ALL at the first false; the stopper is the opposite of the answer
  // for no rows at all.
  Result<Datum> quantified(Cursor& cursor) const {
    const bool stopper = !is_all_;
    bool has_unknown = false;
    Batch batch;
    while (true) {
      MORTISE_TRY_ASSIGN(const bool more, cursor.next(batch));
      if (!more) break;
      const Booleans tests(batch.columns[0]);
      for (uint32_t i = 0; i < batch.selected_count; ++i) {
        const uint32_t row = batch.row_at(i);
        if (!tests.is_valid(row)) {
          has_unknown = true;
        } else if (tests[row] == stopper) {
          return Datum::boolean(stopper != is_negated_);
        }
      }
    }
    if (has_unknown) return Datum::null(boolean_type());
    return Datum::boolean(is_all_ != is_negated_);
  }

  SubqueryKind kind_;
  std::shared_ptr<const Fragment> fragment_;
  bool is_all_;
  bool is_negated_;
  Children outer_;
};

}  // namespace

NodePtr make_scalar_subquery_node(std::shared_ptr<const Fragment> fragment, Children outer) {
  return std::make_unique<SubqueryNode>(SubqueryKind::scalar, std::move(fragment), false, false,
                                        std::move(outer));
}
NodePtr make_array_subquery_node(std::shared_ptr<const Fragment> fragment,
                                 const mortise_type_t& element, Children outer) {
  auto node = std::make_unique<SubqueryNode>(SubqueryKind::array, std::move(fragment), false, false,
                                             std::move(outer));
  node->element = element;
  return node;
}
NodePtr make_exists_node(std::shared_ptr<const Fragment> fragment, bool is_negated,
                         Children outer) {
  return std::make_unique<SubqueryNode>(SubqueryKind::exists, std::move(fragment), false,
                                        is_negated, std::move(outer));
}
NodePtr make_quantified_node(std::shared_ptr<const Fragment> fragment, bool is_all, bool is_negated,
                             Children outer) {
  return std::make_unique<SubqueryNode>(SubqueryKind::quantified, std::move(fragment), is_all,
                                        is_negated, std::move(outer));
}

}  // namespace mortise::sql_engine
