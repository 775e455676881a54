// SPDX-License-Identifier: Apache-2.0
//
// pg_get_...def and pg_get_expr: objects as SQL text.
#include "definition/definition.hpp"
#include "function/lists.hpp"
#include "function/rows_function.hpp"
#include "text/identifier.hpp"
#include "types/object_name.hpp"

namespace mortise::sql_catalog {
namespace {

using Text = Result<std::optional<std::string>>;

Text optional_text(Result<std::string> text) {
  if (!text) return std::move(text.error());
  return std::optional<std::string>(std::move(*text));
}

Text index_definition(Call& call, int64_t oid, int32_t column, bool is_pretty) {
  MORTISE_TRY_ASSIGN(const IndexPtr index, call.objects().index(static_cast<uint32_t>(oid)));
  if (index == nullptr || column < 0) return std::optional<std::string>();
  return optional_text(
      index_text(call.objects(), *index, static_cast<uint32_t>(column), is_pretty));
}
Text whole_index_definition(Call& call, int64_t oid) {
  return index_definition(call, oid, 0, false);
}

Text constraint_definition(Call& call, int64_t oid, bool is_pretty) {
  MORTISE_TRY_ASSIGN(const ConstraintPtr constraint,
                     call.objects().constraint(static_cast<uint32_t>(oid)));
  if (constraint == nullptr) return std::optional<std::string>();
  return optional_text(constraint_text(call.objects(), *constraint, is_pretty));
}
Text plain_constraint_definition(Call& call, int64_t oid) {
  return constraint_definition(call, oid, false);
}

// Expressions stand in the catalogs as the text that is shown.
std::string expression(Call&, std::string_view expression, int64_t) {
  return std::string(expression);
}
std::string pretty_expression(Call&, std::string_view expression, int64_t, bool is_pretty) {
  return is_pretty ? parenthesized(expression, true) : std::string(expression);
}

Text view_definition(Call& call, int64_t oid) {
  MORTISE_TRY_ASSIGN(const Class c, call.objects().find_class(static_cast<uint32_t>(oid)));
  if (c.relation == nullptr || c.relation->query.empty()) return std::optional<std::string>();
  return std::optional<std::string>(view_text(*c.relation));
}
Text pretty_view_definition(Call& call, int64_t oid, bool) {
  return view_definition(call, oid);
}
Text wrapped_view_definition(Call& call, int64_t oid, int32_t) {
  return view_definition(call, oid);
}
Text named_view_definition(Call& call, std::string_view name) {
  MORTISE_TRY_ASSIGN(const uint32_t oid, resolve_named(call.objects(), MORTISE_SQL_REGCLASS, name));
  return view_definition(call, oid);
}
Text pretty_named_view_definition(Call& call, std::string_view name, bool) {
  return named_view_definition(call, name);
}

Text rule_definition(Call& call, int64_t oid) {
  MORTISE_TRY_ASSIGN(const RelationPtr view, call.objects().relation(static_cast<uint32_t>(oid)));
  if (view == nullptr || view->kind != schema::RelationKind::view) {
    return std::optional<std::string>();
  }
  MORTISE_TRY_ASSIGN(const std::string name,
                     call.objects().name_of({view, nullptr, nullptr}, true));
  return std::optional<std::string>("CREATE RULE \"_RETURN\" AS\n    ON SELECT TO " + name +
                                    " DO INSTEAD " + view_text(*view));
}
Text pretty_rule_definition(Call& call, int64_t oid, bool) {
  return rule_definition(call, oid);
}

// There are no triggers, partitions and extended statistics to define.
std::optional<std::string> nothing(Call&, int64_t) {
  return std::nullopt;
}
std::optional<std::string> nothing_pretty(Call&, int64_t, bool) {
  return std::nullopt;
}

Text serial_sequence(Call& call, std::string_view table, std::string_view column_name) {
  MORTISE_TRY_ASSIGN(const uint32_t oid,
                     resolve_named(call.objects(), MORTISE_SQL_REGCLASS, table));
  MORTISE_TRY_ASSIGN(const RelationPtr relation, call.objects().relation(oid));
  const schema::ColumnDef* column = nullptr;
  if (relation != nullptr) {
    for (const schema::ColumnDef& c : relation->columns) {
      if (!c.is_dropped && c.name == column_name) column = &c;
    }
  }
  if (column == nullptr) {
    MORTISE_TRY_ASSIGN(const std::vector<std::string> parts, split_name(table));
    return Status(Code::not_found, "42703",
                  "column \"" + std::string(column_name) + "\" of relation \"" + parts.back() +
                      "\" does not exist");
  }
  if (column->sequence == 0) return std::optional<std::string>();
  MORTISE_TRY_ASSIGN(const Class sequence, call.objects().find_class(column->sequence));
  if (!sequence) return std::optional<std::string>();
  return optional_text(call.objects().name_of(sequence, true));
}

constexpr mortise_sysview_column_t kRelationColumn[] = {
    {literal("pg_partition_ancestors"), MORTISE_SQL_REGCLASS, 0}};
constexpr mortise_sysview_column_t kTreeColumns[] = {
    {literal("relid"), MORTISE_SQL_REGCLASS, 0},
    {literal("parentrelid"), MORTISE_SQL_REGCLASS, 0},
    {literal("isleaf"), MORTISE_SQL_BOOL, 0},
    {literal("level"), MORTISE_SQL_INT4, 0}};

// No table is partitioned, so none has ancestors or a tree.
Status no_partitions(Call&, const mortise_arguments_t&, Rows&) {
  return {};
}

std::optional<int64_t> no_root(Call&, int64_t) {
  return std::nullopt;
}

constexpr mortise_function_t kTable[] = {
    scalar<"oid:text", &whole_index_definition>(1643, "pg_get_indexdef"),
    scalar<"oid,int4,bool:text", &index_definition>(2507, "pg_get_indexdef"),
    scalar<"oid:text", &plain_constraint_definition>(1387, "pg_get_constraintdef"),
    scalar<"oid,bool:text", &constraint_definition>(2508, "pg_get_constraintdef"),
    scalar<"pg_node_tree,oid:text", &expression>(1716, "pg_get_expr"),
    scalar<"pg_node_tree,oid,bool:text", &pretty_expression>(2509, "pg_get_expr"),
    scalar<"oid:text", &view_definition>(1641, "pg_get_viewdef"),
    scalar<"oid,bool:text", &pretty_view_definition>(2506, "pg_get_viewdef"),
    scalar<"oid,int4:text", &wrapped_view_definition>(3159, "pg_get_viewdef"),
    scalar<"text:text", &named_view_definition>(1640, "pg_get_viewdef"),
    scalar<"text,bool:text", &pretty_named_view_definition>(2505, "pg_get_viewdef"),
    scalar<"oid:text", &rule_definition>(1573, "pg_get_ruledef"),
    scalar<"oid,bool:text", &pretty_rule_definition>(2504, "pg_get_ruledef"),
    scalar<"oid:text", &nothing>(1662, "pg_get_triggerdef"),
    scalar<"oid,bool:text", &nothing_pretty>(2730, "pg_get_triggerdef"),
    scalar<"oid:text", &nothing>(3352, "pg_get_partkeydef"),
    scalar<"oid:text", &nothing>(3408, "pg_get_partition_constraintdef"),
    scalar<"oid:text", &nothing>(3415, "pg_get_statisticsobjdef"),
    scalar<"oid:text", &nothing>(6174, "pg_get_statisticsobjdef_columns"),
    scalar<"oid:_text", &nothing>(6173, "pg_get_statisticsobjdef_expressions"),
    scalar<"text,text:text", &serial_sequence>(1665, "pg_get_serial_sequence"),
    scalar<"regclass:regclass", &no_root>(3424, "pg_partition_root"),
    rows_function<"regclass:regclass", &no_partitions, kRelationColumn>(3425,
                                                                        "pg_partition_ancestors"),
    rows_function<"regclass:record", &no_partitions, kTreeColumns>(3423, "pg_partition_tree"),
};

}  // namespace

const FunctionList kDefinitionFunctions = kTable;

}  // namespace mortise::sql_catalog
