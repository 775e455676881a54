// SPDX-License-Identifier: Apache-2.0
//
// Set-returning functions that take the arrays of catalog columns apart.
#include "function/lists.hpp"
#include "function/rows_function.hpp"
#include "text/words.hpp"
#include "types/array_value.hpp"

namespace mortise::sql_catalog {
namespace {

Status expand_array(Call&, const mortise_arguments_t& arguments, Rows& rows) {
  MORTISE_TRY_ASSIGN(const auto elements, elements_of_value(Strings(arguments.columns[0])[0]));
  int32_t position = 0;
  for (const auto& element : elements) {
    std::optional<int64_t> value;
    if (element) value = number<int64_t>(*element);
    rows.add(value, ++position);
  }
  return {};
}

Status options_to_table(Call&, const mortise_arguments_t& arguments, Rows& rows) {
  MORTISE_TRY_ASSIGN(const auto elements, elements_of_value(Strings(arguments.columns[0])[0]));
  for (const auto& element : elements) {
    if (!element) continue;
    const size_t equals = element->find('=');
    std::optional<std::string> value;
    if (equals != std::string::npos) value = element->substr(equals + 1);
    rows.add(element->substr(0, equals), value);
  }
  return {};
}

constexpr mortise_sysview_column_t kExpanded[] = {{literal("x"), MORTISE_SQL_INT2, 0},
                                                  {literal("n"), MORTISE_SQL_INT4, 0}};
constexpr mortise_sysview_column_t kExpandedOid[] = {{literal("x"), MORTISE_SQL_OID, 0},
                                                     {literal("n"), MORTISE_SQL_INT4, 0}};
constexpr mortise_sysview_column_t kOptions[] = {{literal("option_name"), MORTISE_SQL_TEXT, 0},
                                                 {literal("option_value"), MORTISE_SQL_TEXT, 0}};

constexpr Traits kImmutable = {.volatility = MORTISE_VOLATILITY_IMMUTABLE};

// PostgreSQL has one polymorphic function where there is one per type here, numbered by us.
constexpr mortise_function_t kTable[] = {
    rows_function<"int2vector:record", &expand_array, kExpanded>(10'111'100, "_pg_expandarray",
                                                                 kImmutable),
    rows_function<"_int2:record", &expand_array, kExpanded>(10'111'101, "_pg_expandarray",
                                                            kImmutable),
    rows_function<"oidvector:record", &expand_array, kExpandedOid>(10'111'102, "_pg_expandarray",
                                                                   kImmutable),
    rows_function<"_text:record", &options_to_table, kOptions>(2289, "pg_options_to_table"),
};

}  // namespace

const FunctionList kArrayFunctions = kTable;

}  // namespace mortise::sql_catalog
