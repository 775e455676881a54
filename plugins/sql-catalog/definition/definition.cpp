// SPDX-License-Identifier: Apache-2.0
#include "definition/definition.hpp"

#include "definition/type_name.hpp"
#include "mortise/cpp/sql_text.hpp"
#include "mortise/iface/draft/index.h"

namespace mortise::sql_catalog {
namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\n')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.remove_suffix(1);
  return text;
}

bool is_string_literal(std::string_view text) {
  if (text.size() < 2 || text.front() != '\'' || text.back() != '\'') return false;
  for (size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] != '\'') continue;
    if (text[i + 1] != '\'' || i + 2 >= text.size()) return false;
    ++i;
  }
  return true;
}

std::string list_of_columns(const RelationDef& relation, const std::vector<uint32_t>& columns,
                            size_t begin, size_t end) {
  std::string text;
  for (size_t i = begin; i < end; ++i) {
    if (i != begin) text += ", ";
    if (columns[i] < relation.columns.size()) {
      text += quote_identifier(relation.columns[columns[i]].name);
    }
  }
  return text;
}

std::string index_key_text(const RelationDef& relation, const IndexDef& index, size_t position) {
  const uint32_t column = index.columns[position];
  if (column < relation.columns.size()) return quote_identifier(relation.columns[column].name);
  const std::string_view expression =
      position < index.expressions.size() ? std::string_view(index.expressions[position]) : "";
  const std::string_view bare = trimmed(expression);
  const bool is_call = is_simple_expression(bare) && bare.find('(') != std::string_view::npos;
  return is_call ? std::string(bare) : parenthesized(bare, false);
}

std::string order_text(uint32_t flags) {
  const bool is_descending = (flags & MORTISE_INDEX_DESCENDING) != 0;
  const bool has_nulls_first = (flags & MORTISE_INDEX_NULLS_FIRST) != 0;
  if (is_descending) return has_nulls_first ? " DESC" : " DESC NULLS LAST";
  return has_nulls_first ? " NULLS FIRST" : "";
}

std::string_view action_text(char action) {
  switch (action) {
    case 'r':
      return "RESTRICT";
    case 'c':
      return "CASCADE";
    case 'n':
      return "SET NULL";
    case 'd':
      return "SET DEFAULT";
    default:
      return {};
  }
}

Result<std::string> foreign_key_text(Objects& objects, const ConstraintDef& constraint,
                                     const RelationDef& relation) {
  std::string text = "FOREIGN KEY (";
  text += list_of_columns(relation, constraint.columns, 0, constraint.columns.size());
  text += ") REFERENCES ";
  MORTISE_TRY_ASSIGN(const Class target, objects.find_class(constraint.referenced_relation));
  MORTISE_TRY_ASSIGN(const std::string name, objects.name_of(target, false));
  text += name + "(";
  if (target.relation != nullptr) {
    text += list_of_columns(*target.relation, constraint.referenced_columns, 0,
                            constraint.referenced_columns.size());
  }
  text += ")";
  if (constraint.match == 'f') text += " MATCH FULL";
  if (constraint.match == 'p') text += " MATCH PARTIAL";
  const std::string_view on_update = action_text(constraint.on_update);
  if (!on_update.empty()) text.append(" ON UPDATE ").append(on_update);
  const std::string_view on_delete = action_text(constraint.on_delete);
  if (!on_delete.empty()) text.append(" ON DELETE ").append(on_delete);
  return text;
}

Result<std::string> key_text(Objects& objects, const ConstraintDef& constraint,
                             const RelationDef& relation) {
  MORTISE_TRY_ASSIGN(const IndexPtr index, objects.index(constraint.index));
  std::string text = constraint.kind == 'p' ? "PRIMARY KEY " : "UNIQUE ";
  if (index != nullptr && index->is_nulls_not_distinct) text += "NULLS NOT DISTINCT ";
  text += "(" + list_of_columns(relation, constraint.columns, 0, constraint.columns.size()) + ")";
  if (index != nullptr && index->includes_count > 0) {
    const size_t keys_count = index->columns.size() - index->includes_count;
    text += " INCLUDE (" +
            list_of_columns(relation, index->columns, keys_count, index->columns.size()) + ")";
  }
  return text;
}

}  // namespace

Result<std::string> default_text(Objects& objects, const schema::ColumnDef& column) {
  if (column.identity != 0) return std::string();
  const std::string_view text = trimmed(column.default_text);
  if (column.sequence != 0 && (text.empty() || text.starts_with("nextval("))) {
    MORTISE_TRY_ASSIGN(const Class sequence, objects.find_class(column.sequence));
    if (sequence) {
      MORTISE_TRY_ASSIGN(const std::string name, objects.name_of(sequence, false));
      return "nextval(" + quote_literal(name) + "::regclass)";
    }
  }
  if (text.empty()) return std::string();
  if (column.generated != 0) return parenthesized(text, false);
  std::string constant = constant_text(text);
  if (!constant.empty()) return constant;
  if (is_string_literal(text)) {
    const uint32_t type = column.type.sql_type;
    const std::string_view name = type == MORTISE_SQL_BPCHAR ? std::string_view("bpchar") : "";
    const std::string shown =
        name.empty() ? format_type(objects.providers(), type, std::nullopt) : std::string(name);
    return std::string(text) + "::" + shown;
  }
  return is_simple_expression(text) ? std::string(text) : parenthesized(text, false);
}

std::string index_column_name(const RelationDef& relation, const IndexDef& index, size_t position) {
  const uint32_t column = index.columns[position];
  if (column < relation.columns.size()) return relation.columns[column].name;
  if (position >= index.expressions.size()) return "expr";
  // The name of the function, as for a column of a query.
  const std::string_view text = trimmed(index.expressions[position]);
  size_t end = 0;
  while (end < text.size() && is_word(text[end]) && text[end] != '.') ++end;
  const bool is_call =
      end > 0 && end < text.size() && text[end] == '(' && is_simple_expression(text);
  return is_call ? std::string(text.substr(0, end)) : "expr";
}

Result<std::string> index_text(Objects& objects, const IndexDef& index, uint32_t column,
                               bool is_pretty) {
  MORTISE_TRY_ASSIGN(const Class target, objects.find_class(index.relation));
  if (target.relation == nullptr) return corrupt("index \"" + index.name + "\" has no table");
  const RelationDef& relation = *target.relation;
  if (column != 0) {
    if (column > index.columns.size()) return std::string();
    return index_key_text(relation, index, column - 1);
  }
  const size_t keys_count = index.columns.size() - index.includes_count;
  std::string text = index.is_unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ";
  text += quote_identifier(index.name) + " ON ";
  MORTISE_TRY_ASSIGN(const std::string name, objects.name_of(target, !is_pretty));
  text += name + " USING " + quote_identifier(index.method) + " (";
  for (size_t i = 0; i < keys_count; ++i) {
    if (i > 0) text += ", ";
    text += index_key_text(relation, index, i);
    text += order_text(i < index.flags.size() ? index.flags[i] : 0);
  }
  text += ")";
  if (index.includes_count > 0) {
    text += " INCLUDE (" +
            list_of_columns(relation, index.columns, keys_count, index.columns.size()) + ")";
  }
  if (index.is_nulls_not_distinct) text += " NULLS NOT DISTINCT";
  if (!index.predicate.empty()) text += " WHERE " + parenthesized(index.predicate, is_pretty);
  return text;
}

Result<std::string> constraint_text(Objects& objects, const ConstraintDef& constraint,
                                    bool is_pretty) {
  MORTISE_TRY_ASSIGN(const RelationPtr relation, objects.relation(constraint.relation));
  if (relation == nullptr) {
    return corrupt("constraint \"" + constraint.name + "\" has no table");
  }
  std::string text;
  if (constraint.kind == 'f') {
    MORTISE_TRY_ASSIGN(text, foreign_key_text(objects, constraint, *relation));
  } else if (constraint.kind == 'c') {
    text = "CHECK (" + parenthesized(constraint.expression, is_pretty) + ")";
    if (constraint.is_no_inherit) text += " NO INHERIT";
  } else {
    MORTISE_TRY_ASSIGN(text, key_text(objects, constraint, *relation));
  }
  if (constraint.is_deferrable) text += " DEFERRABLE";
  if (constraint.is_deferred) text += " INITIALLY DEFERRED";
  if (!constraint.is_validated) text += " NOT VALID";
  return text;
}

std::string view_text(const RelationDef& view) {
  std::string_view query = trimmed(view.query);
  while (query.ends_with(';')) query = trimmed(query.substr(0, query.size() - 1));
  return " " + std::string(query) + ";";
}

}  // namespace mortise::sql_catalog
