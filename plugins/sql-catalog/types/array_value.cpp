// SPDX-License-Identifier: Apache-2.0
#include "types/array_value.hpp"

#include <cstring>

#include "mortise/cpp/array.hpp"
#include "mortise/cpp/assert.hpp"
#include "text/array.hpp"
#include "text/words.hpp"

namespace mortise::sql_catalog {
namespace {

bool is_vector(uint32_t sql_type) {
  return sql_type == kSqlInt2Vector || sql_type == kSqlOidVector;
}

// "_int2" is of "int2", "int2vector" too.
const TypeWord& element_word(uint32_t sql_type) {
  std::string_view name;
  for (const TypeWord& w : kTypeWords) {
    if (w.sql_type == sql_type) name = w.name;
  }
  if (name.starts_with('_')) name.remove_prefix(1);
  if (name.ends_with("vector")) name.remove_suffix(6);
  for (const TypeWord& w : kTypeWords) {
    if (w.name == name) return w;
  }
  MORTISE_UNREACHABLE();
}

// One value where a column has its first.
struct Slot {
  alignas(16) uint8_t data[16] = {};

  mortise_column_t column() const {
    mortise_column_t column{};
    column.data = data;
    return column;
  }
  template <typename T>
  void set(T value) {
    std::memcpy(data, &value, sizeof(value));
  }
};

void put(const TypeWord& element, std::string_view text, Slot& slot) {
  const int64_t whole = number<int64_t>(text);
  switch (element.physical) {
    case MORTISE_PHYSICAL_BOOL:
      return slot.set<uint64_t>(text == "t" ? 1 : 0);
    case MORTISE_PHYSICAL_INT16:
      return slot.set(static_cast<int16_t>(whole));
    case MORTISE_PHYSICAL_INT32:
      return slot.set(static_cast<int32_t>(whole));
    case MORTISE_PHYSICAL_INT64:
      return slot.set(whole);
    default:
      MORTISE_ASSERT(is_view(element.physical));
      return slot.set(view_to(text));
  }
}

}  // namespace

std::string array_value(uint32_t sql_type, std::string_view text) {
  const TypeWord& element = element_word(sql_type);
  const auto elements = array_elements(text);
  MORTISE_ASSERT(elements.has_value());
  ArrayBuilder builder(element.sql_type, element.physical);
  for (const auto& written : *elements) {
    if (!written) {
      builder.add_null();
      continue;
    }
    Slot slot;
    put(element, *written, slot);
    builder.add(slot.column(), 0);
  }
  const ArrayDimension dimension{static_cast<int32_t>(builder.count()),
                                 is_vector(sql_type) ? 0 : 1};
  return builder.finish({&dimension, 1});
}

Result<std::vector<std::optional<std::string>>> elements_of_value(std::string_view value) {
  MORTISE_TRY_ASSIGN(const ArrayView array, ArrayView::open(value));
  std::vector<std::optional<std::string>> elements;
  const auto whole = [&](uint32_t index) {
    int64_t number = 0;
    const std::string_view bytes = array.bytes(index);
    const bool is_negative = (static_cast<unsigned char>(bytes.back()) & 0x80) != 0;
    if (is_negative) number = -1;
    std::memcpy(&number, bytes.data(), bytes.size());
    return std::to_string(number);
  };
  for (uint32_t i = 0; i < array.count(); ++i) {
    if (array.is_null(i)) {
      elements.emplace_back();
    } else if (is_view(array.element_physical())) {
      elements.emplace_back(array.bytes(i));
    } else if (array.element_physical() == MORTISE_PHYSICAL_BOOL) {
      elements.emplace_back(array.bytes(i)[0] != 0 ? "t" : "f");
    } else {
      elements.emplace_back(whole(i));
    }
  }
  return elements;
}

}  // namespace mortise::sql_catalog
