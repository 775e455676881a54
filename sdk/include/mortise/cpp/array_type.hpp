// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a provider of types get the array types of its types?
//
//   constexpr mortise_type_info_t kTable[] = {...};             // each names its array_type
//   constexpr auto kTypes = with_array_types<kTable>();          // std::array: kTable, then arrays
//
// Text and binary forms are those of PostgreSQL's array_in, array_out, array_recv and array_send,
// made of the element type's own forms.  They work by batch: the elements of all rows become one
// column, which goes through the element type in one call.  An array's modifier is its elements'.
//
// Invariants
//   AY1  Elements of numeric stand as NUMERIC bytes whatever the modifier, so that all arrays of a
//        type have one element form (`array_element_type`).
//
// Threads: constants; conversions are [worker, concurrent].

#include <array>

#include "mortise/cpp/array_wire.hpp"

namespace mortise {

// One array type: the constants that its entry points at, and its functions.
template <const auto& Table, size_t Index>
struct ArrayTypeOf {
  static constexpr const mortise_type_info_t& kElement = Table[Index];

  template <size_t Size>
  static constexpr std::array<char, Size> joined(std::string_view a, std::string_view b) {
    std::array<char, Size> out{};
    std::copy(b.begin(), b.end(), std::copy(a.begin(), a.end(), out.begin()));
    return out;
  }
  static constexpr std::string_view kElementName{kElement.name.data, kElement.name.size_bytes};
  static constexpr std::string_view kElementDisplay{kElement.display.data,
                                                    kElement.display.size_bytes};
  static constexpr auto kName = joined<kElementName.size() + 1>("_", kElementName);
  static constexpr auto kDisplay = joined<kElementDisplay.size() + 2>(kElementDisplay, "[]");

  static mortise_status_t MORTISE_CALL resolve(int32_t modifier, mortise_type_t* type,
                                               mortise_error_t* error) {
    mortise_type_t element{};
    const mortise_status_t status = kElement.resolve(modifier, &element, error);
    *type = {kElement.array_type, modifier, MORTISE_PHYSICAL_ORDERED, 0, 0, element.collation};
    return status;
  }
  template <auto Convert>
  static mortise_status_t MORTISE_CALL convert(const mortise_evaluation_t* evaluation,
                                               const mortise_type_t* type,
                                               const mortise_arguments_t* arguments,
                                               mortise_column_out_t* result,
                                               mortise_error_t* error) {
    return guard(error, [&]() -> Status {
      return Convert(ArrayConversion{kElement, *type, evaluation}, *arguments, *result);
    });
  }

  static constexpr mortise_type_info_t info() {
    mortise_type_info_t info{};
    info.sql_type = kElement.array_type;
    info.name = {kName.data(), kName.size()};
    info.display = {kDisplay.data(), kDisplay.size()};
    info.length_bytes = -1;
    info.category = kElement.category == 'P' ? 'P' : 'A';  // record[] is a pseudo type too
    info.takes_modifier = kElement.takes_modifier;
    info.modifier_in = kElement.modifier_in;
    info.modifier_out = kElement.modifier_out;
    info.resolve = &resolve;
    info.text_in = &convert<&array_text_in>;
    info.text_out = &convert<&array_text_out>;
    info.binary_in = &convert<&array_binary_in>;
    info.binary_out = &convert<&array_binary_out>;
    info.element_type = kElement.sql_type;
    return info;
  }
};

template <const auto& Table>
constexpr size_t array_types_count() {
  size_t count = 0;
  for (const mortise_type_info_t& info : Table) count += info.array_type != 0 ? 1 : 0;
  return count;
}

// The types of a constant table, and behind them their array types.
template <const auto& Table>
constexpr auto with_array_types() {
  constexpr size_t kCount = std::size(Table);
  std::array<mortise_type_info_t, kCount + array_types_count<Table>()> all{};
  std::copy(std::begin(Table), std::end(Table), all.begin());
  size_t at = kCount;
  const auto add = [&]<size_t Index>() {
    if constexpr (Table[Index].array_type != 0) all[at++] = ArrayTypeOf<Table, Index>::info();
  };
  [&]<size_t... I>(std::index_sequence<I...>) {
    (add.template operator()<I>(), ...);
  }
  (std::make_index_sequence<kCount>());
  return all;
}

}  // namespace mortise
