// SPDX-License-Identifier: Apache-2.0
//
// Key columns of two sides in one physical form (common_form): integers as INT64, floats as
// FLOAT64, decimals as DECIMAL128 of the larger scale.

#include <algorithm>

#include "execute/expression/nodes.hpp"
#include "execute/vector/value_order.hpp"

namespace mortise::sql_engine {

namespace {

template <typename From, typename To>
void widen_values(const mortise_column_t& source, Selection rows, To* to) {
  const mortise::Values<From> values(source);
  if (is_constant(source)) {
    to[0] = static_cast<To>(values[0]);
    return;
  }
  for (uint32_t i = 0; i < rows.count; ++i) {
    to[rows.row(i)] = static_cast<To>(values[rows.row(i)]);
  }
}

template <typename From>
void rescale_values(const mortise_column_t& source, Selection rows, From nan, Int128 factor,
                    Int128* to) {
  const mortise::Values<From> values(source);
  const uint32_t count = is_constant(source) ? 1 : rows.count;
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t row = is_constant(source) ? 0 : rows.row(i);
    if (!values.is_valid(row)) continue;
    to[row] = values[row] == nan ? kDecimal128Nan : static_cast<Int128>(values[row]) * factor;
  }
}

class WidenNode final : public Node {
 public:
  explicit WidenNode(Children children) : children_(std::move(children)) {}

  Status evaluate(Evaluation& evaluation, const Batch& batch, Selection rows,
                  mortise_column_t* result) const override {
    MORTISE_TRY_ASSIGN(ColumnBuffer * buffer, evaluation.buffer(*this));
    mortise_column_t source{};
    MORTISE_TRY(evaluation.evaluate(*children_[0], batch, rows, &source));
    const mortise_type_t& from = children_[0]->type;
    switch (from.physical) {
      case MORTISE_PHYSICAL_INT16:
        widen_values<int16_t>(source, rows, buffer->data<int64_t>());
        break;
      case MORTISE_PHYSICAL_INT32:
        widen_values<int32_t>(source, rows, buffer->data<int64_t>());
        break;
      case MORTISE_PHYSICAL_FLOAT32:
        widen_values<float>(source, rows, buffer->data<double>());
        break;
      default: {
        Int128 factor = 1;
        for (int i = from.scale; i < type.scale; ++i) factor *= 10;
        if (from.physical == MORTISE_PHYSICAL_DECIMAL64) {
          rescale_values<int64_t>(source, rows, kDecimal64Nan, factor, buffer->data<Int128>());
        } else {
          rescale_values<Int128>(source, rows, kDecimal128Nan, factor, buffer->data<Int128>());
        }
        break;
      }
    }
    *result = {source.validity, buffer->data<void*>(), source.flags, 0};
    return {};
  }

 private:
  Children children_;
};

}  // namespace

NodePtr make_widen_node(Children children) {
  return std::make_unique<WidenNode>(std::move(children));
}

}  // namespace mortise::sql_engine
