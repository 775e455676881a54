// SPDX-License-Identifier: Apache-2.0

// float4 and float8: the shortest text that reads back the same, laid out as PostgreSQL does
// (plain from 1e-4 to 1e15, or 1e6 for float4), or a fixed number of digits when
// extra_float_digits is 0.

#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include "types/lists.hpp"

namespace mortise::sql_functions {
namespace {

template <typename T>
constexpr const char* kFloatName = sizeof(T) == 4 ? "real" : "double precision";

bool matches(std::string_view text, std::string_view lower_word) {
  if (text.size() != lower_word.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != lower_word[i]) {
      return false;
    }
  }
  return true;
}

template <typename T>
std::optional<T> special_value(std::string_view text) {
  bool is_negative = false;
  std::string_view word = text;
  if (!word.empty() && (word[0] == '+' || word[0] == '-')) {
    is_negative = word[0] == '-';
    word.remove_prefix(1);
  }
  if (matches(word, "infinity") || matches(word, "inf")) {
    const T infinity = std::numeric_limits<T>::infinity();
    return is_negative ? -infinity : infinity;
  }
  if (matches(word, "nan")) return std::numeric_limits<T>::quiet_NaN();
  return std::nullopt;
}

// Whether the digits stand exactly between the value and a neighbour.  They read back as the value
// all the same (its last bit is even then), but PostgreSQL does not lean on the reader's rounding.
template <typename T>
bool is_halfway(T value, const char* digits) {
  using Wide = std::conditional_t<sizeof(T) == 4, double, long double>;
  const auto shown = static_cast<Wide>(std::strtold(digits, nullptr));
  const auto exact = static_cast<Wide>(value);
  if (shown == exact) return false;
  const T infinity = std::numeric_limits<T>::infinity();
  const T neighbour = std::nextafter(value, shown > exact ? infinity : -infinity);
  return shown - exact == (static_cast<Wide>(neighbour) - exact) / 2;
}

// The fewest digits that read back the same, as "d.ddde+xx".
template <typename T>
std::string_view shortest_digits(T value, char* buffer, size_t capacity) {
  char* end =
      std::to_chars(buffer, buffer + capacity - 1, value, std::chars_format::scientific).ptr;
  *end = '\0';
  if (is_halfway(value, buffer)) {
    int digits = 0;
    for (const char* p = buffer; *p != 'e'; ++p) digits += *p >= '0' && *p <= '9' ? 1 : 0;
    for (; digits < std::numeric_limits<T>::max_digits10 && is_halfway(value, buffer); ++digits) {
      end =
          std::to_chars(buffer, buffer + capacity - 1, value, std::chars_format::scientific, digits)
              .ptr;
      *end = '\0';
    }
  }
  return {buffer, static_cast<size_t>(end - buffer)};
}

// Shortest digits, then the point where PostgreSQL puts it.
template <typename T>
void append_shortest(T value, std::string& out) {
  char buffer[64];
  std::string_view text = shortest_digits(value, buffer, sizeof(buffer));
  if (text[0] == '-') {
    out.push_back('-');
    text.remove_prefix(1);
  }
  const size_t mark = text.find('e');
  int exponent = 0;
  const char* digits_of_exponent = text.data() + mark + (text[mark + 1] == '+' ? 2 : 1);
  std::from_chars(digits_of_exponent, text.data() + text.size(), exponent);
  std::string digits(1, text[0]);
  if (mark > 2) digits.append(text.substr(2, mark - 2));
  constexpr int kPlainEnd = sizeof(T) == 4 ? 6 : 15;
  if (value != 0 && (exponent < -4 || exponent >= kPlainEnd)) {
    out.push_back(digits[0]);
    if (digits.size() > 1) out.append(".").append(digits, 1);
    out.append(exponent < 0 ? "e-" : "e+");
    const int magnitude = exponent < 0 ? -exponent : exponent;
    if (magnitude < 10) out.push_back('0');
    out.append(std::to_string(magnitude));
    return;
  }
  if (exponent < 0) {
    out.append("0.").append(static_cast<size_t>(-exponent - 1), '0').append(digits);
    return;
  }
  const auto whole = static_cast<size_t>(exponent) + 1;
  if (digits.size() <= whole) {
    out.append(digits).append(whole - digits.size(), '0');
  } else {
    out.append(digits, 0, whole).append(".").append(digits, whole);
  }
}

template <typename T>
void append_any(T value, uint32_t extra_digits, std::string& out) {
  if (std::isnan(value)) {
    out.append("NaN");
  } else if (std::isinf(value)) {
    out.append(value > 0 ? "Infinity" : "-Infinity");
  } else if (extra_digits > 0) {
    append_shortest(value, out);
  } else {
    char buffer[64];
    const int size = std::snprintf(buffer, sizeof(buffer), "%.*g", std::numeric_limits<T>::digits10,
                                   static_cast<double>(value));
    out.append(buffer, static_cast<size_t>(size));
  }
}

template <typename T>
std::string float_out(Call& call, T value) {
  std::string out;
  append_any(value, call.session() == nullptr ? 1 : call.session()->extra_float_digits, out);
  return out;
}

template <typename T, uint32_t kSqlType, uint16_t kPhysical>
constexpr mortise_type_info_t float_type(const TypeNames& names) {
  return describe_type(names, &resolve_fixed<kSqlType, kPhysical>, convert<&parse_float<T>>,
                       convert<&float_out<T>>, convert<&read_fixed<T>>, convert<&write_fixed<T>>);
}
constexpr mortise_type_info_t kTable[] = {
    float_type<float, MORTISE_SQL_FLOAT4, MORTISE_PHYSICAL_FLOAT32>(
        {MORTISE_SQL_FLOAT4, 1021, "float4", "real", 4, 'N', false}),
    float_type<double, MORTISE_SQL_FLOAT8, MORTISE_PHYSICAL_FLOAT64>(
        {MORTISE_SQL_FLOAT8, 1022, "float8", "double precision", 8, 'N', true}),
};

constexpr auto kAll = with_array_types<kTable>();

}  // namespace

template <typename T>
Result<T> parse_float(std::string_view text) {
  const std::string_view digits = without_spaces(text);
  if (const std::optional<T> special = special_value<T>(digits)) return *special;
  const char* begin = digits.data();
  const char* end = begin + digits.size();
  if (digits.size() > 1 && *begin == '+' && begin[1] != '-') ++begin;
  const bool has_sign = begin != end && *begin == '-';
  const std::string_view unsigned_digits(begin + has_sign, end);
  if (unsigned_digits.starts_with("0x") || unsigned_digits.starts_with("0X")) {
    T value = 0;
    const char* first = unsigned_digits.data() + 2;
    const auto [rest, failure] = std::from_chars(first, end, value, std::chars_format::hex);
    if (failure != std::errc() || rest != end) return bad_syntax(kFloatName<T>, text);
    return has_sign ? -value : value;
  }
  const bool is_plain =
      begin != end && digits.find_first_not_of("+-.0123456789eE") == std::string_view::npos;
  if (!is_plain) return bad_syntax(kFloatName<T>, text);
  T value = 0;
  const auto [rest, failure] = std::from_chars(begin, end, value);
  if (rest != end || failure == std::errc::invalid_argument) {
    return bad_syntax(kFloatName<T>, text);
  }
  if (failure != std::errc()) {
    return Status(Code::invalid, "22003",
                  "\"" + std::string(text) + "\" is out of range for type " + kFloatName<T>);
  }
  return value;
}
template Result<float> parse_float<float>(std::string_view);
template Result<double> parse_float<double>(std::string_view);

void append_float(double value, uint32_t extra_digits, std::string& out) {
  append_any(value, extra_digits, out);
}
void append_float(float value, uint32_t extra_digits, std::string& out) {
  append_any(value, extra_digits, out);
}

const TypeList kFloatTypes = kAll;

}  // namespace mortise::sql_functions
