// SPDX-License-Identifier: Apache-2.0

// int2vector and oidvector: arrays of one dimension from 0 without nulls, written "1 2".

#include <charconv>

#include "types/lists.hpp"

namespace mortise::sql_functions {
namespace {

constexpr uint32_t kSqlInt2Vector = 22;
constexpr uint32_t kSqlOidVector = 30;
constexpr size_t kElementsMax = 100;  // as many as a function may have arguments

template <typename T>
constexpr const char* kElementName = sizeof(T) == 2 ? "smallint" : "oid";
template <typename T>
constexpr uint32_t kElementType = sizeof(T) == 2 ? MORTISE_SQL_INT2 : MORTISE_SQL_OID;
template <typename T>
constexpr uint16_t kElementForm = sizeof(T) == 2 ? MORTISE_PHYSICAL_INT16 : MORTISE_PHYSICAL_INT64;
template <typename T>
constexpr const char* kVectorName = sizeof(T) == 2 ? "int2vector" : "oidvector";

// The number at the front of `rest`, which begins with no blank.
template <typename T>
Result<T> take_number(std::string_view& rest) {
  const char* begin = rest.data();
  const char* end = begin + rest.size();
  if (rest.size() > 1 && *begin == '+' && begin[1] != '-') ++begin;
  int64_t value = 0;
  const auto [stop, failure] = std::from_chars(begin, end, value);
  if (failure == std::errc::invalid_argument) return bad_syntax(kElementName<T>, rest);
  bool fits = failure == std::errc();
  if constexpr (sizeof(T) == 2) {
    fits = fits && value == static_cast<T>(value);
  } else {
    fits = fits && value <= std::numeric_limits<uint32_t>::max() &&
           value >= std::numeric_limits<int32_t>::min();
    value = static_cast<uint32_t>(value);
  }
  if (!fits) return value_out_of_range(rest, kElementName<T>);
  if (stop != end && *stop != ' ' && (sizeof(T) == 2 || !is_array_space(*stop))) {
    // PostgreSQL shows what stands behind an oid, but all from a smallint on.
    return bad_syntax(kElementName<T>, sizeof(T) == 2 ? rest : std::string_view(stop, end));
  }
  rest.remove_prefix(static_cast<size_t>(stop - rest.data()));
  return static_cast<T>(value);
}

std::string_view skip_blanks(std::string_view text) {
  while (!text.empty() && is_array_space(text.front())) text.remove_prefix(1);
  return text;
}

template <typename T>
std::string vector_of(std::span<const T> values) {
  ArrayBuilder builder(kElementType<T>, kElementForm<T>);
  for (uint32_t i = 0; i < values.size(); ++i) builder.add({nullptr, values.data(), 0, 0}, i);
  const ArrayDimension dimension{static_cast<int32_t>(values.size()), 0};
  return builder.finish({&dimension, 1});
}

template <typename T>
Result<std::string> vector_in(std::string_view text) {
  std::vector<T> values;
  for (std::string_view rest = skip_blanks(text); !rest.empty(); rest = skip_blanks(rest)) {
    if (values.size() == kElementsMax) {
      return Status(Code::invalid, "22023", std::string(kVectorName<T>) + " has too many elements");
    }
    MORTISE_TRY_ASSIGN(const T value, take_number<T>(rest));
    values.push_back(value);
  }
  return vector_of<T>(values);
}

template <typename T>
Result<std::string> vector_out(std::string_view bytes) {
  MORTISE_TRY_ASSIGN(const ArrayView array, ArrayView::open(bytes));
  if (array.element_physical() != kElementForm<T>) return corrupt("vector of another type");
  std::string out;
  char digits[24];
  for (uint32_t i = 0; i < array.count(); ++i) {
    T value = 0;
    std::memcpy(&value, array.bytes(i).data(), sizeof(T));
    if (i != 0) out.push_back(' ');
    out.append(digits, std::to_chars(digits, digits + sizeof(digits), value).ptr);
  }
  return out;
}

// The wire form is that of an array; only what a vector can be is taken.
template <typename T>
ArrayConversion conversion_of(const Call& call) {
  return {*find_type(kElementType<T>), *call.state<mortise_type_t>(), call.evaluation()};
}
template <typename T>
Status vector_receive(Call& call) {
  MORTISE_TRY(array_binary_in(conversion_of<T>(call), call.arguments(), call.out()));
  const Strings made({call.out().validity, call.out().data, 0, 0});
  return call.each([&](uint32_t row) -> Status {
    if (!made.is_valid(row)) return {};
    MORTISE_TRY_ASSIGN(const ArrayView array, ArrayView::open(made[row]));
    const auto dimensions = array.dimensions();
    if (dimensions.empty() ||
        (dimensions.size() == 1 && dimensions[0].lower == 0 && !array.has_nulls())) {
      return {};
    }
    return {Code::invalid, "22P03", std::string("invalid ") + kVectorName<T> + " data"};
  });
}
template <typename T>
Status vector_send(Call& call) {
  return array_binary_out(conversion_of<T>(call), call.arguments(), call.out());
}

template <typename T, uint32_t kSqlType>
constexpr mortise_type_info_t vector_type(uint32_t array_type) {
  mortise_type_info_t info = describe_type(
      {kSqlType, array_type, kVectorName<T>, kVectorName<T>, -1, 'A', false},
      &resolve_fixed<kSqlType, MORTISE_PHYSICAL_ORDERED>, convert<&vector_in<T>>,
      convert<&vector_out<T>>, &convert_batch<&vector_receive<T>>, &convert_batch<&vector_send<T>>);
  info.element_type = kElementType<T>;
  return info;
}

constexpr mortise_type_info_t kTable[] = {
    vector_type<int16_t, kSqlInt2Vector>(1006),
    vector_type<int64_t, kSqlOidVector>(1013),
};
constexpr auto kAll = with_array_types<kTable>();

}  // namespace

const TypeList kVectorTypes = kAll;

}  // namespace mortise::sql_functions
