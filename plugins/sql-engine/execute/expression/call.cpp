// SPDX-License-Identifier: Apache-2.0
//
// Calls of scalar functions and casts: the place where F3 of functions.h is kept.

#include <algorithm>
#include <cstring>

#include "execute/expression/nodes.hpp"

namespace mortise::sql_engine {

namespace {

const mortise_type_t kNoType{};

// What an evaluation by the provider needs beside columns.
struct Callee {
  const mortise_function_t* function = nullptr;
  const mortise_cast_t* cast = nullptr;
  const mortise_type_info_t* text_type = nullptr;
  CastMethod method = CastMethod::function;
  const mortise_type_t* type = &kNoType;         // the result's
  const mortise_type_t* source_type = &kNoType;  // text_out: the argument's
  const void* bound = nullptr;

  mortise_status_t operator()(const mortise_evaluation_t* abi, const mortise_arguments_t* arguments,
                              mortise_column_out_t* out, mortise_error_t* error) const {
    if (function != nullptr) return function->evaluate(abi, bound, arguments, out, error);
    if (method == CastMethod::text_in) {
      return text_type->text_in(abi, type, arguments, out, error);
    }
    if (method == CastMethod::text_out) {
      return text_type->text_out(abi, source_type, arguments, out, error);
    }
    return cast->evaluate(abi, bound, arguments, out, error);
  }
};

// Keeps rows where no argument is null.  True if there may be fewer than before.
bool without_nulls(std::span<const mortise_column_t> arguments, Selection rows, uint16_t* out,
                   uint32_t* count) {
  uint32_t kept = rows.count;
  const uint16_t* from = rows.rows;
  bool is_narrowed = false;
  for (const mortise_column_t& argument : arguments) {
    if (argument.validity == nullptr || is_constant(argument)) continue;
    uint32_t next = 0;
    for (uint32_t i = 0; i < kept; ++i) {
      const uint32_t row = from == nullptr ? i : from[i];
      out[next] = static_cast<uint16_t>(row);
      next += get_bit(argument.validity, row) ? 1 : 0;
    }
    kept = next;
    from = out;
    is_narrowed = true;
  }
  *count = kept;
  return is_narrowed;
}

void clear_where_null(std::span<const mortise_column_t> arguments, uint32_t rows_count,
                      uint64_t* validity) {
  const uint32_t words = (rows_count + 63) / 64;
  for (const mortise_column_t& argument : arguments) {
    if (argument.validity == nullptr || is_constant(argument)) continue;
    for (uint32_t w = 0; w < words; ++w) validity[w] &= argument.validity[w];
  }
}

bool has_null_constant(std::span<const mortise_column_t> arguments) {
  for (const mortise_column_t& argument : arguments) {
    if (is_constant(argument) && argument.validity != nullptr && !get_bit(argument.validity, 0)) {
      return true;
    }
  }
  return false;
}

Status call(Evaluation& evaluation, const Callee& callee, bool is_strict,
            std::span<const mortise_column_t> arguments, const mortise_type_t* types,
            uint32_t rows_count, Selection rows, ColumnBuffer& buffer, uint32_t* flags) {
  mortise_column_out_t out = buffer.out();
  if (is_strict && has_null_constant(arguments)) {
    buffer.set_null(0);
    *flags = MORTISE_COLUMN_CONSTANT;
    return {};
  }
  Evaluation::Lease lease(evaluation);
  uint32_t count = rows.count;
  const bool is_narrowed = is_strict && without_nulls(arguments, rows, lease.get(), &count);
  const uint16_t* selected = is_narrowed ? lease.get() : rows.rows;
  if (count == rows_count) selected = nullptr;
  if (count != 0) {
    const mortise_arguments_t packed = {arguments.data(),
                                        types,
                                        static_cast<uint32_t>(arguments.size()),
                                        rows_count,
                                        selected,
                                        count,
                                        0};
    ErrorSlot error;
    MORTISE_TRY(error.status(callee(&evaluation.abi(), &packed, &out, error.get())));
  }
  if (is_narrowed) clear_where_null(arguments, rows_count, buffer.validity());
  // A constant answer speaks for the rows it was asked for only.
  *flags = is_narrowed ? 0 : out.flags & MORTISE_COLUMN_CONSTANT;
  if (is_narrowed && (out.flags & MORTISE_COLUMN_CONSTANT) != 0 && count != 0) {
    return internal("a strict function answered a constant for rows with nulls");
  }
  return {};
}

class CallNode final : public Node {
 public:
  CallNode(const Expression& expression, Children children) : children_(std::move(children)) {
    if (expression.kind == ExpressionKind::cast) {
      callee_.cast = expression.cast_function;
      callee_.text_type = expression.text_type;
      callee_.method = expression.cast_method;
      is_strict_ = true;
    } else {
      callee_.function = expression.function;
      is_strict_ = expression.function->is_strict != 0;
      is_volatile_ = expression.function->volatility == MORTISE_VOLATILITY_VOLATILE;
    }
    state_ = expression.state;
    callee_.bound = expression.bound();
    for (const Node* child : children_) types_.push_back(child->type);
    type_ = expression.type;
  }

  Status evaluate(Evaluation& evaluation, const Batch& batch, Selection rows,
                  mortise_column_t* result) const override {
    MORTISE_TRY_ASSIGN(ColumnBuffer * buffer, evaluation.buffer(*this));
    std::vector<mortise_column_t>& arguments = evaluation.columns(*this);
    arguments.resize(children_.size());
    bool is_all_constant = !is_volatile_;
    for (size_t i = 0; i < children_.size(); ++i) {
      MORTISE_TRY(evaluation.evaluate(*children_[i], batch, rows, &arguments[i]));
      is_all_constant = is_all_constant && is_constant(arguments[i]);
    }
    Callee callee = callee_;
    callee.type = &type_;
    callee.source_type = types_.empty() ? &kNoType : types_.data();
    uint32_t flags = 0;
    const Selection one{nullptr, 1};
    MORTISE_TRY(call(evaluation, callee, is_strict_, arguments, types_.data(),
                     is_all_constant ? 1 : batch.rows_count, is_all_constant ? one : rows, *buffer,
                     &flags));
    if (is_all_constant) flags = MORTISE_COLUMN_CONSTANT;
    *result = buffer->column(batch.rows_count, flags);
    return {};
  }

 private:
  Children children_;
  Callee callee_;
  std::shared_ptr<const BoundState> state_;
  std::vector<mortise_type_t> types_;
  mortise_type_t type_{};
  bool is_strict_ = false;
  bool is_volatile_ = false;
};

class SameBytesNode final : public Node {
 public:
  explicit SameBytesNode(Children children) : children_(std::move(children)) {}
  Status evaluate(Evaluation& evaluation, const Batch& batch, Selection rows,
                  mortise_column_t* result) const override {
    return evaluation.evaluate(*children_[0], batch, rows, result);
  }

 private:
  Children children_;
};

}  // namespace

NodePtr make_call_node(const Expression& expression, Children children) {
  return std::make_unique<CallNode>(expression, std::move(children));
}

NodePtr make_cast_node(const Expression& expression, Children children) {
  const bool is_same = expression.cast_method == CastMethod::same_bytes ||
                       (expression.cast_method == CastMethod::function &&
                        expression.cast_function->is_binary_same != 0);
  if (is_same) return std::make_unique<SameBytesNode>(std::move(children));
  return std::make_unique<CallNode>(expression, std::move(children));
}

Status call_equals(Evaluation& evaluation, const Expression& expression, const Batch& batch,
                   Selection rows, const mortise_column_t* arguments, const mortise_type_t* types,
                   ColumnBuffer& result) {
  Callee callee;
  callee.function = expression.function;
  callee.bound = expression.bound();
  uint32_t flags = 0;
  const bool is_one = is_constant(arguments[0]) && is_constant(arguments[1]);
  MORTISE_TRY(call(evaluation, callee, true, {arguments, 2}, types, is_one ? 1 : batch.rows_count,
                   is_one ? Selection{nullptr, 1} : rows, result, &flags));
  if (is_one || flags != 0) {
    const bool value = get_bit(result.data<uint64_t>(), 0);
    const bool is_valid = get_bit(result.validity(), 0);
    for (uint32_t i = 0; i < rows.count; ++i) {
      assign_bit(result.data<uint64_t>(), rows.row(i), value);
      assign_bit(result.validity(), rows.row(i), is_valid);
    }
  }
  return {};
}

}  // namespace mortise::sql_engine
