// SPDX-License-Identifier: Apache-2.0
//
// pg_get_function_...: what \df shows of a function.
#include "definition/type_name.hpp"
#include "function/lists.hpp"
#include "function/rows_function.hpp"
#include "mortise/cpp/sql_text.hpp"

namespace mortise::sql_catalog {
namespace {

std::string type_text(Call& call, uint32_t oid) {
  return format_type(call.providers(), oid, std::nullopt);
}

std::string arguments_text(Call& call, const Function& f, bool has_results) {
  std::string text;
  const auto separate = [&] {
    if (!text.empty()) text += ", ";
  };
  for (size_t i = 0; i < f.arguments.size(); ++i) {
    separate();
    if (f.variadic != 0 && i + 1 == f.arguments.size()) text += "VARIADIC ";
    text += type_text(call, f.arguments[i]);
  }
  for (size_t i = 0; has_results && i < f.column_names.size(); ++i) {
    separate();
    text += "OUT " + quote_identifier(f.column_names[i]) + " " + type_text(call, f.column_types[i]);
  }
  return text;
}

std::optional<std::string> function_arguments(Call& call, int64_t oid) {
  const Function* f = call.providers().function(static_cast<uint32_t>(oid));
  if (f == nullptr) return std::nullopt;
  return arguments_text(call, *f, true);
}

std::optional<std::string> identity_arguments(Call& call, int64_t oid) {
  const Function* f = call.providers().function(static_cast<uint32_t>(oid));
  if (f == nullptr) return std::nullopt;
  return arguments_text(call, *f, false);
}

std::optional<std::string> function_result(Call& call, int64_t oid) {
  const Function* f = call.providers().function(static_cast<uint32_t>(oid));
  if (f == nullptr) return std::nullopt;
  return (f->returns_set ? "SETOF " : "") + type_text(call, f->result);
}

Result<std::optional<std::string>> function_definition(Call& call, int64_t oid) {
  const Function* f = call.providers().function(static_cast<uint32_t>(oid));
  if (f == nullptr) return std::optional<std::string>();
  if (f->kind == 'a') {
    return Status(Code::invalid, "42809", "\"" + f->name + "\" is an aggregate function");
  }
  static constexpr std::string_view kVolatility[] = {" IMMUTABLE", " STABLE", ""};
  const size_t volatility = f->volatility == 'i' ? 0 : f->volatility == 's' ? 1 : 2;
  std::string text = "CREATE OR REPLACE FUNCTION pg_catalog." + quote_identifier(f->name) + "(" +
                     arguments_text(call, *f, true) + ")\n RETURNS " +
                     (f->returns_set ? "SETOF " : "") + type_text(call, f->result) +
                     "\n LANGUAGE internal\n";
  text.append(kVolatility[volatility]).append(" PARALLEL SAFE");
  if (f->is_strict) text += " STRICT";
  text += "\nAS $function$" + f->name + "$function$\n";
  return std::optional<std::string>(std::move(text));
}

std::optional<std::string> no_body(Call&, int64_t) {
  return std::nullopt;
}
std::optional<std::string> no_default(Call&, int64_t, int32_t) {
  return std::nullopt;
}

constexpr mortise_function_t kTable[] = {
    scalar<"oid:text", &function_arguments>(2162, "pg_get_function_arguments"),
    scalar<"oid:text", &identity_arguments>(2232, "pg_get_function_identity_arguments"),
    scalar<"oid:text", &function_result>(2165, "pg_get_function_result"),
    scalar<"oid:text", &function_definition>(2098, "pg_get_functiondef"),
    scalar<"oid:text", &no_body>(6197, "pg_get_function_sqlbody"),
    scalar<"oid,int4:text", &no_default>(3808, "pg_get_function_arg_default"),
};

}  // namespace

const FunctionList kRoutineFunctions = kTable;

}  // namespace mortise::sql_catalog
