// SPDX-License-Identifier: Apache-2.0
//
// Functions over the arrays and vectors of catalog columns, which stand as text: enough to take
// them apart.  One dimension; arrays begin at 1, vectors at 0.
#include "text/array.hpp"
#include "function/lists.hpp"
#include "function/rows_function.hpp"
#include "text/words.hpp"

namespace mortise::sql_catalog {
namespace {

using Text = Result<std::optional<std::string>>;

Text joined(std::string_view array, std::string_view separator,
            std::optional<std::string_view> null_text) {
  MORTISE_TRY_ASSIGN(const auto elements, array_elements(array));
  std::string out;
  bool is_first = true;
  for (const auto& element : elements) {
    if (!element && !null_text) continue;
    if (!is_first) out += separator;
    is_first = false;
    out += element ? std::string_view(*element) : *null_text;
  }
  return std::optional<std::string>(std::move(out));
}
Text to_string(Call&, std::string_view array, std::string_view separator) {
  return joined(array, separator, std::nullopt);
}
Text to_string_with_null(Call&, std::optional<std::string_view> array,
                         std::optional<std::string_view> separator,
                         std::optional<std::string_view> null_text) {
  if (!array || !separator) return std::optional<std::string>();
  return joined(*array, *separator, null_text);
}

using Number = Result<std::optional<int32_t>>;

// Elements of the first dimension; nothing for an empty array or another dimension.
Number count_of(std::string_view array, int32_t dimension) {
  MORTISE_TRY_ASSIGN(const auto elements, array_elements(array));
  if (dimension != 1 || elements.empty()) return std::optional<int32_t>();
  return std::optional<int32_t>(static_cast<int32_t>(elements.size()));
}
int32_t first_of(std::string_view array) {
  return array.starts_with('{') ? 1 : 0;
}

Number length(Call&, std::string_view array, int32_t dimension) {
  return count_of(array, dimension);
}
Number upper(Call&, std::string_view array, int32_t dimension) {
  MORTISE_TRY_ASSIGN(std::optional<int32_t> count, count_of(array, dimension));
  if (count) count = *count + first_of(array) - 1;
  return count;
}
Number lower(Call&, std::string_view array, int32_t dimension) {
  MORTISE_TRY_ASSIGN(std::optional<int32_t> count, count_of(array, dimension));
  if (count) count = first_of(array);
  return count;
}
Result<int32_t> cardinality(Call&, std::string_view array) {
  MORTISE_TRY_ASSIGN(const auto elements, array_elements(array));
  return static_cast<int32_t>(elements.size());
}

// Equal if their elements are: '{1, 2}' is '{1,2}'.
Result<bool> is_equal(Call&, std::string_view a, std::string_view b) {
  MORTISE_TRY_ASSIGN(const auto left, array_elements(a));
  MORTISE_TRY_ASSIGN(const auto right, array_elements(b));
  return left == right;
}
Result<bool> is_not_equal(Call& call, std::string_view a, std::string_view b) {
  MORTISE_TRY_ASSIGN(const bool is_same, is_equal(call, a, b));
  return !is_same;
}

// The one row of arguments.
std::string_view text_argument(const mortise_arguments_t& arguments, uint32_t index) {
  return Strings(arguments.columns[index])[0];
}

Status unnest_numbers(Call&, const mortise_arguments_t& arguments, Rows& rows) {
  MORTISE_TRY_ASSIGN(const auto elements, array_elements(text_argument(arguments, 0)));
  for (const auto& element : elements) {
    std::optional<int64_t> value;
    if (element) value = number<int64_t>(*element);
    rows.add(value);
  }
  return {};
}
Status unnest_texts(Call&, const mortise_arguments_t& arguments, Rows& rows) {
  MORTISE_TRY_ASSIGN(const auto elements, array_elements(text_argument(arguments, 0)));
  for (const auto& element : elements) rows.add(element);
  return {};
}

Status subscripts(const mortise_arguments_t& arguments, bool is_reverse, Rows& rows) {
  const std::string_view array = text_argument(arguments, 0);
  MORTISE_TRY_ASSIGN(const auto elements, array_elements(array));
  if (Values<int32_t>(arguments.columns[1])[0] != 1) return {};
  const auto count = static_cast<int32_t>(elements.size());
  for (int32_t i = 0; i < count; ++i) rows.add((is_reverse ? count - 1 - i : i) + first_of(array));
  return {};
}
Status generate_subscripts(Call&, const mortise_arguments_t& arguments, Rows& rows) {
  return subscripts(arguments, false, rows);
}
Status generate_subscripts_reverse(Call&, const mortise_arguments_t& arguments, Rows& rows) {
  return subscripts(arguments, Booleans(arguments.columns[2])[0], rows);
}

Status expand_array(Call&, const mortise_arguments_t& arguments, Rows& rows) {
  MORTISE_TRY_ASSIGN(const auto elements, array_elements(text_argument(arguments, 0)));
  int32_t position = 0;
  for (const auto& element : elements) {
    std::optional<int64_t> value;
    if (element) value = number<int64_t>(*element);
    rows.add(value, ++position);
  }
  return {};
}

Status options_to_table(Call&, const mortise_arguments_t& arguments, Rows& rows) {
  MORTISE_TRY_ASSIGN(const auto elements, array_elements(text_argument(arguments, 0)));
  for (const auto& element : elements) {
    if (!element) continue;
    const size_t equals = element->find('=');
    std::optional<std::string> value;
    if (equals != std::string::npos) value = element->substr(equals + 1);
    rows.add(element->substr(0, equals), value);
  }
  return {};
}

constexpr mortise_sysview_column_t kOid[] = {{literal("unnest"), MORTISE_SQL_OID, 0}};
constexpr mortise_sysview_column_t kInt2[] = {{literal("unnest"), MORTISE_SQL_INT2, 0}};
constexpr mortise_sysview_column_t kText[] = {{literal("unnest"), MORTISE_SQL_TEXT, 0}};
constexpr mortise_sysview_column_t kName[] = {{literal("unnest"), MORTISE_SQL_NAME, 0}};
constexpr mortise_sysview_column_t kLetter[] = {{literal("unnest"), MORTISE_SQL_CHAR, 0}};
constexpr mortise_sysview_column_t kAcl[] = {{literal("unnest"), kSqlAclItem, 0}};
constexpr mortise_sysview_column_t kSubscript[] = {
    {literal("generate_subscripts"), MORTISE_SQL_INT4, 0}};
constexpr mortise_sysview_column_t kExpanded[] = {{literal("x"), MORTISE_SQL_INT2, 0},
                                                  {literal("n"), MORTISE_SQL_INT4, 0}};
constexpr mortise_sysview_column_t kExpandedOid[] = {{literal("x"), MORTISE_SQL_OID, 0},
                                                     {literal("n"), MORTISE_SQL_INT4, 0}};
constexpr mortise_sysview_column_t kOptions[] = {{literal("option_name"), MORTISE_SQL_TEXT, 0},
                                                 {literal("option_value"), MORTISE_SQL_TEXT, 0}};

constexpr Traits kImmutable = {.volatility = MORTISE_VOLATILITY_IMMUTABLE};
constexpr Traits kEqual = {
    .volatility = MORTISE_VOLATILITY_IMMUTABLE, .symbol = "=", .negator = "<>"};
constexpr Traits kNotEqual = {
    .volatility = MORTISE_VOLATILITY_IMMUTABLE, .symbol = "<>", .negator = "="};

// PostgreSQL has one polymorphic function where there is one per type here; the others are numbered
// by us.
#define MORTISE_ARRAY_FORMS(type, at)                                                             \
  scalar<type ",text:text", &to_string>(10'110'000 + (at), "array_to_string"),                    \
      scalar<type ",text,text:text", &to_string_with_null>(10'110'100 + (at), "array_to_string"), \
      scalar<type ",int4:int4", &length>(10'110'200 + (at), "array_length", kImmutable),          \
      scalar<type ",int4:int4", &upper>(10'110'300 + (at), "array_upper", kImmutable),            \
      scalar<type ",int4:int4", &lower>(10'110'400 + (at), "array_lower", kImmutable),            \
      scalar<type ":int4", &cardinality>(10'110'500 + (at), "cardinality", kImmutable),           \
      scalar<type "," type ":bool", &is_equal>(10'110'600 + (at), "array_eq", kEqual),            \
      scalar<type "," type ":bool", &is_not_equal>(10'110'700 + (at), "array_ne", kNotEqual),     \
      rows_function<type ",int4:int4", &generate_subscripts, kSubscript>(                         \
          10'110'800 + (at), "generate_subscripts", kImmutable),                                  \
      rows_function<type ",int4,bool:int4", &generate_subscripts_reverse, kSubscript>(            \
          10'110'900 + (at), "generate_subscripts", kImmutable)

constexpr mortise_function_t kTable[] = {
    MORTISE_ARRAY_FORMS("_text", 0),
    MORTISE_ARRAY_FORMS("_name", 1),
    MORTISE_ARRAY_FORMS("_oid", 2),
    MORTISE_ARRAY_FORMS("_int2", 3),
    MORTISE_ARRAY_FORMS("_char", 4),
    MORTISE_ARRAY_FORMS("_aclitem", 5),
    MORTISE_ARRAY_FORMS("int2vector", 6),
    MORTISE_ARRAY_FORMS("oidvector", 7),
    MORTISE_ARRAY_FORMS("_int4", 8),
    rows_function<"_text:text", &unnest_texts, kText>(10'111'000, "unnest", kImmutable),
    rows_function<"_name:name", &unnest_texts, kName>(10'111'001, "unnest", kImmutable),
    rows_function<"_oid:oid", &unnest_numbers, kOid>(10'111'002, "unnest", kImmutable),
    rows_function<"_int2:int2", &unnest_numbers, kInt2>(10'111'003, "unnest", kImmutable),
    rows_function<"_char:char", &unnest_texts, kLetter>(10'111'004, "unnest", kImmutable),
    rows_function<"_aclitem:aclitem", &unnest_texts, kAcl>(10'111'005, "unnest", kImmutable),
    rows_function<"int2vector:int2", &unnest_numbers, kInt2>(10'111'006, "unnest", kImmutable),
    rows_function<"oidvector:oid", &unnest_numbers, kOid>(10'111'007, "unnest", kImmutable),
    rows_function<"int2vector:record", &expand_array, kExpanded>(10'111'100, "_pg_expandarray",
                                                                 kImmutable),
    rows_function<"_int2:record", &expand_array, kExpanded>(10'111'101, "_pg_expandarray",
                                                            kImmutable),
    rows_function<"oidvector:record", &expand_array, kExpandedOid>(10'111'102, "_pg_expandarray",
                                                                   kImmutable),
    rows_function<"_text:record", &options_to_table, kOptions>(2289, "pg_options_to_table"),
};
#undef MORTISE_ARRAY_FORMS

}  // namespace

const FunctionList kArrayFunctions = kTable;

}  // namespace mortise::sql_catalog
