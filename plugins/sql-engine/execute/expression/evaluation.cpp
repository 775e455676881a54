// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "execute/expression/nodes.hpp"
#include "execute/vector/value_order.hpp"

namespace mortise::sql_engine {

Evaluation::Evaluation(Run& run, const Program& program)
    : run_(run), program_(program), arena_(run.memory()), slots_(program.slots_count()) {
  abi_.struct_size_bytes = sizeof(abi_);
  abi_.session = run.context().session;
  abi_.view = &run.context().view;
  abi_.arena = &arena_;
  abi_.allocate = Arena::allocate_for_function;
}

void Evaluation::begin() {
  arena_.reset();
  generation_ += 1;
}

Result<ColumnBuffer*> Evaluation::buffer(const Node& node) {
  ColumnBuffer& buffer = slots_[node.slot].buffer;
  if (!buffer.is_open()) MORTISE_TRY(buffer.open(run_.memory(), node.type));
  return &buffer;
}

Status Evaluation::evaluate(uint32_t index, const Batch& batch, mortise_column_t* result) {
  whole_ = selection_of(batch);
  MORTISE_DEBUG_ASSERT(whole_.count != 0);
  return evaluate(program_.root(index), batch, whole_, result);
}

Status Evaluation::evaluate(const Node& node, const Batch& batch, Selection rows,
                            mortise_column_t* result) {
  if (!node.is_shared) return node.evaluate(*this, batch, rows, result);
  Slot& slot = slots_[node.slot];
  if (slot.generation == generation_) {  // G3
    *result = slot.result;
    return {};
  }
  MORTISE_TRY(node.evaluate(*this, batch, rows, result));
  if (rows.rows == whole_.rows && rows.count == whole_.count) {
    slot.result = *result;
    slot.generation = generation_;
  }
  return {};
}

Status Evaluation::filter(uint32_t index, Batch& batch, uint16_t* selection) {
  whole_ = selection_of(batch);
  uint32_t count = 0;
  MORTISE_TRY(program_.root(index).select(*this, batch, whole_, selection, &count));
  if (count == batch.rows_count) {
    batch.selection = nullptr;
  } else {
    batch.selection = selection;
  }
  batch.selected_count = count;
  return {};
}

Status Node::select(Evaluation& evaluation, const Batch& batch, Selection rows, uint16_t* out,
                    uint32_t* count) const {
  mortise_column_t column{};
  MORTISE_TRY(evaluation.evaluate(*this, batch, rows, &column));
  *count = rows_where(column, rows, true, out);
  return {};
}

namespace {

template <typename T>
void copy_values(const mortise_column_t& source, Selection rows, T* to) {
  const auto* data = static_cast<const T*>(source.data);
  if (is_constant(source)) {
    for (uint32_t i = 0; i < rows.count; ++i) to[rows.row(i)] = data[0];
  } else if (rows.rows == nullptr) {
    std::memcpy(to, data, rows.count * sizeof(T));
  } else {
    for (uint32_t i = 0; i < rows.count; ++i) to[rows.rows[i]] = data[rows.rows[i]];
  }
}

}  // namespace

void copy_rows(const mortise_column_t& source, Selection rows, ColumnBuffer& target) {
  switch (width_bytes(target.type().physical)) {
    case 0: {
      const Booleans bits(source);
      for (uint32_t i = 0; i < rows.count; ++i) {
        assign_bit(target.data<uint64_t>(), rows.row(i), bits[rows.row(i)]);
      }
      break;
    }
    case 2:
      copy_values(source, rows, target.data<uint16_t>());
      break;
    case 4:
      copy_values(source, rows, target.data<uint32_t>());
      break;
    case 8:
      copy_values(source, rows, target.data<uint64_t>());
      break;
    default:
      copy_values(source, rows, target.data<mortise_view_t>());
      break;
  }
  const uint64_t mask = is_constant(source) ? 0 : ~uint64_t{0};
  for (uint32_t i = 0; i < rows.count; ++i) {
    const uint32_t row = rows.row(i);
    const bool is_valid = source.validity == nullptr || get_bit(source.validity, row & mask);
    assign_bit(target.validity(), row, is_valid);
  }
}

namespace {

// Families within which PostgreSQL's comparison is that of the physical form.  bpchar is one
// because its values stand without trailing blanks in columns; constants are trimmed where they are
// pushed down (plan/conditions.cpp).
uint32_t comparison_family(const mortise_type_t& type) {
  switch (type.sql_type) {
    case MORTISE_SQL_BOOL:
      return 1;
    case MORTISE_SQL_INT2:
    case MORTISE_SQL_INT4:
    case MORTISE_SQL_INT8:
      return 2;
    case MORTISE_SQL_OID:
    case MORTISE_SQL_REGCLASS:
    case MORTISE_SQL_REGTYPE:
    case MORTISE_SQL_REGPROC:
      return 3;
    case MORTISE_SQL_FLOAT4:
    case MORTISE_SQL_FLOAT8:
      return 4;
    case MORTISE_SQL_NUMERIC:
      return 5;
    case MORTISE_SQL_TEXT:
    case MORTISE_SQL_VARCHAR:
    case MORTISE_SQL_NAME:
      return type.collation == 0 ? 6 : 0;
    case MORTISE_SQL_BYTEA:
      return 7;
    case MORTISE_SQL_DATE:
      return 8;
    case MORTISE_SQL_TIME:
      return 9;
    case MORTISE_SQL_TIMESTAMP:
      return 10;
    case MORTISE_SQL_TIMESTAMPTZ:
      return 11;
    case MORTISE_SQL_INTERVAL:
      return 12;
    case MORTISE_SQL_UUID:
      return 13;
    case MORTISE_SQL_BPCHAR:
      return type.collation == 0 ? 14 : 0;
    default:
      return 0;
  }
}

}  // namespace

bool common_form(const mortise_function_t& function, const mortise_type_t& left,
                 const mortise_type_t& right, mortise_type_t* form) {
  const std::string_view symbol = view_of(function.operator_symbol);
  if (symbol != "=" && symbol != "<>" && symbol != "<" && symbol != "<=" && symbol != ">" &&
      symbol != ">=") {
    return false;
  }
  if (function.return_type != MORTISE_SQL_BOOL || function.arguments_count != 2) return false;
  const uint32_t family = comparison_family(left);
  if (family == 0 || family != comparison_family(right)) return false;
  *form = left;
  if (left.physical == right.physical && left.scale == right.scale) return true;
  const auto is_decimal = [](const mortise_type_t& type) {
    return type.physical == MORTISE_PHYSICAL_DECIMAL64 ||
           type.physical == MORTISE_PHYSICAL_DECIMAL128;
  };
  if (is_decimal(left) && is_decimal(right)) {
    // Digits before the point plus the longer fraction must fit in 38 digits.
    const int whole = std::max(left.precision - left.scale, right.precision - right.scale);
    const int scale = std::max(left.scale, right.scale);
    if (left.precision == 0 || right.precision == 0 || whole + scale > 38) return false;
    form->physical = MORTISE_PHYSICAL_DECIMAL128;
    form->scale = static_cast<uint8_t>(scale);
    form->precision = static_cast<uint8_t>(whole + scale);
    return true;
  }
  const auto is_integer = [](const mortise_type_t& type) {
    return type.physical >= MORTISE_PHYSICAL_INT16 && type.physical <= MORTISE_PHYSICAL_INT64;
  };
  if (is_integer(left) && is_integer(right)) {
    form->physical = MORTISE_PHYSICAL_INT64;
    return true;
  }
  if (family == 4) {
    form->physical = MORTISE_PHYSICAL_FLOAT64;
    return true;
  }
  return false;
}

bool is_physical_comparison(const mortise_function_t& function, const mortise_type_t& left,
                            const mortise_type_t& right) {
  mortise_type_t form{};
  return left.physical == right.physical && left.scale == right.scale &&
         common_form(function, left, right, &form);
}

}  // namespace mortise::sql_engine
