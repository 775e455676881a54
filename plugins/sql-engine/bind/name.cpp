// SPDX-License-Identifier: Apache-2.0
//
// Finding what a column's or table's name means, and saying well why it means nothing.

#include <algorithm>

#include "bind/binder.hpp"
#include "mortise/cpp/boundary.hpp"

namespace mortise::sql_engine {
namespace {

// Edit distance of two names; what is past `bound` is given as bound + 1.
uint32_t edit_distance(std::string_view a, std::string_view b, uint32_t bound) {
  std::vector<uint32_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<uint32_t>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    uint32_t diagonal = row[0];
    row[0] = static_cast<uint32_t>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const uint32_t above = row[j];
      const uint32_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
      diagonal = above;
    }
  }
  return std::min(row[b.size()], bound + 1);
}

std::string quoted(std::string_view name) {
  return "\"" + std::string(name) + "\"";
}

// The nearest column names, as PostgreSQL's hint picks them: at most 3 edits, at most half the
// characters, two names at the most.
class NearestColumns {
 public:
  NearestColumns(std::string_view qualifier, std::string_view name)
      : qualifier_(qualifier), name_(name) {}

  void look_at(const ScopeItem& item) {
    uint32_t penalty = 0;
    if (!qualifier_.empty()) penalty = edit_distance(item.alias, qualifier_, kDistanceMax);
    for (const ScopeColumn& column : item.columns) {
      if (penalty > distance_) return;
      uint32_t distance = edit_distance(column.name, name_, distance_ + 1 - penalty);
      if (distance > name_.size() / 2) continue;
      distance += penalty;
      if (distance < distance_) {
        distance_ = distance;
        found_.assign(1, item.alias + "." + column.name);
      } else if (distance == distance_) {
        found_.push_back(item.alias + "." + column.name);
      }
    }
  }

  std::string hint() const {
    if (found_.size() == 1) {
      return "Perhaps you meant to reference the column " + quoted(found_[0]) + ".";
    }
    if (found_.size() == 2) {
      return "Perhaps you meant to reference the column " + quoted(found_[0]) + " or the column " +
             quoted(found_[1]) + ".";
    }
    return {};
  }

 private:
  static constexpr uint32_t kDistanceMax = 3;
  std::string_view qualifier_;
  std::string_view name_;
  uint32_t distance_ = kDistanceMax + 1;
  std::vector<std::string> found_;
};

}  // namespace

Status Binder::split_column_name(Node node, std::string_view& schema, std::string_view& table,
                                 std::string_view& column_name) {
  std::vector<std::string_view> parts;
  for (const Node part : node) {
    if (part.is(MORTISE_SYNTAX_NAME)) parts.push_back(part.text());
  }
  const bool has_star = node.count() > 0 && node[node.count() - 1].is(MORTISE_SYNTAX_STAR);
  if (has_star) parts.push_back("*");
  if (parts.size() == 4) {
    if (parts[0] != environment_.names->database()) {
      return bind_error("0A000",
                        "cross-database references are not implemented: " + std::string(parts[0]) +
                            "." + std::string(parts[1]) + "." + std::string(parts[2]) + "." +
                            std::string(parts[3]),
                        node.position());
    }
    parts.erase(parts.begin());
  }
  if (parts.empty() || parts.size() > 4) {
    return bind_error("42601", "improper qualified name (too many dotted names)", node.position());
  }
  column_name = parts.back();
  if (parts.size() > 1) table = parts[parts.size() - 2];
  if (parts.size() > 2) schema = parts[parts.size() - 3];
  return {};
}

Result<ExpressionPtr> Binder::column(Node node, Scope& scope, Clause clause) {
  std::string_view schema;
  std::string_view table;
  std::string_view name;
  MORTISE_TRY(split_column_name(node, schema, table, name));
  if (name == "*") {
    return bind_error("42601", "row expansion via \"*\" is not supported here", node.position());
  }
  if (clause == Clause::default_value) {
    return bind_error("0A000", "cannot use column reference in DEFAULT expression",
                      node.position());
  }
  return column_named(table, schema, name, scope, node.position());
}

Result<ExpressionPtr> Binder::column_named(std::string_view qualifier, std::string_view schema,
                                           std::string_view name, Scope& scope, uint32_t position) {
  bool has_table = false;
  for (Scope* level = &scope; level != nullptr; level = level->parent) {
    if (level->are_items_hidden) continue;
    const ScopeColumn* found = nullptr;
    const ScopeItem* item_found = nullptr;
    for (const ScopeItem& item : level->items) {
      const bool is_visible = qualifier.empty()
                                  ? item.are_columns_visible
                                  : item.is_table_visible && item.alias == qualifier &&
                                        (schema.empty() || schema == item.schema);
      if (!is_visible) continue;
      if (!qualifier.empty()) has_table = true;
      item_found = &item;
      for (const ScopeColumn& candidate : item.columns) {
        if (candidate.name != name) continue;
        if (found != nullptr) {
          return bind_error("42702", "column reference " + quoted(name) + " is ambiguous",
                            position);
        }
        found = &candidate;
      }
    }
    if (found != nullptr) {
      for (Scope* inner = &scope; inner != level; inner = inner->parent) {
        inner->note_outer(found->id);
      }
      if (references() != nullptr && found->table != 0) {
        Reference made;
        made.kind = Reference::Kind::column;
        made.position_bytes = found->has_own_name ? position : 0;
        made.relation = found->table;
        made.attribute = found->attribute;
        made.is_target = is_plain_target_;
        references()->push_back(std::move(made));
      }
      return make_column(found->id, found->type, position);
    }
    if (has_table) {
      if (name == "tableoid" && item_found->relation != nullptr) {
        MORTISE_TRY_ASSIGN(const mortise_type_t oid, registry().resolve(MORTISE_SQL_OID));
        const int64_t id = item_found->relation->id();
        return make_constant(Datum::fixed(oid, &id), position);
      }
      return no_such_column(qualifier, name, scope, position);
    }
  }
  if (!qualifier.empty()) return no_such_table(qualifier, scope, position);
  for (const Scope* level = &scope; level != nullptr; level = level->parent) {
    for (const ScopeItem& item : level->items) {
      if (item.alias == name && item.is_table_visible && !level->are_items_hidden) {
        return bind_error("0A000", "whole-row references are not supported: " + quoted(name),
                          position);
      }
    }
  }
  return no_such_column(qualifier, name, scope, position);
}

Status Binder::no_such_column(std::string_view qualifier, std::string_view name, const Scope& scope,
                              uint32_t position) {
  NearestColumns nearest(qualifier, name);
  std::string hint;
  for (const Scope* level = &scope; level != nullptr; level = level->parent) {
    for (const ScopeItem& item : level->items) {
      const bool is_hidden = level->are_items_hidden;
      for (const ScopeColumn& c : item.columns) {
        if (is_hidden && c.name == name && (qualifier.empty() || qualifier == item.alias)) {
          hint = "There is a column named " + quoted(name) + " in table " + quoted(item.alias) +
                 ", but it cannot be referenced from this part of the query.";
        }
      }
      nearest.look_at(item);
    }
  }
  if (hint.empty()) hint = nearest.hint();
  std::string shown(qualifier);
  if (!shown.empty()) shown.append(".");
  shown = qualifier.empty() ? quoted(name) : shown.append(name);
  Status status = bind_error("42703", "column " + shown + " does not exist", position);
  if (!hint.empty()) return std::move(status).with(MORTISE_ERROR_FIELD_HINT, std::move(hint));
  return status;
}

Status Binder::no_such_table(std::string_view name, const Scope& scope, uint32_t position) {
  for (const Scope* level = &scope; level != nullptr; level = level->parent) {
    for (const ScopeItem& item : level->items) {
      const bool is_aliased = item.relation != nullptr && item.relation->name() == name &&
                              item.alias != name && !level->are_items_hidden;
      if (is_aliased) {
        return bind_error(
            "42P01", "invalid reference to FROM-clause entry for table " + quoted(name), position,
            "Perhaps you meant to reference the table alias " + quoted(item.alias) + ".");
      }
      if (item.alias == name) {
        return bind_error(
            "42P01", "invalid reference to FROM-clause entry for table " + quoted(name), position,
            "There is an entry for table " + quoted(name) +
                ", but it cannot be referenced from this part of the query.");
      }
    }
  }
  return bind_error("42P01", "missing FROM-clause entry for table " + quoted(name), position);
}

Result<Names::Found> Binder::find_relation(std::string_view schema, std::string_view name) {
  const bool is_stored = views_depth_ > 0 || stored_depth_ > 0 || environment_.is_stored_text;
  if (!is_stored || !schema.empty()) return environment_.names->find_relation(schema, name);
  MORTISE_TRY_ASSIGN(const Names::Found found,
                     environment_.names->find_relation("pg_catalog", name));
  if (found) return found;
  return environment_.names->find_relation("public", name);
}

// `table` is a TABLE node; failing to find is 42P01.
Result<Names::Found> Binder::find_table(Node table) {
  std::vector<std::string_view> parts;
  for (const Node part : table[0]) parts.push_back(part.text());
  if (parts.size() == 3) {
    if (parts[0] != environment_.names->database()) {
      return bind_error("0A000",
                        "cross-database references are not implemented: \"" +
                            std::string(parts[0]) + "." + std::string(parts[1]) + "." +
                            std::string(parts[2]) + "\"",
                        table.position());
    }
    parts.erase(parts.begin());
  }
  if (parts.empty() || parts.size() > 2) {
    return bind_error("42601", "improper relation name (too many dotted names)", table.position());
  }
  const std::string_view schema = parts.size() == 2 ? parts[0] : std::string_view();
  const std::string_view name = parts.back();
  MORTISE_TRY_ASSIGN(Names::Found found, find_relation(schema, name));
  if (found.relation != nullptr && references() != nullptr) {
    Reference made;
    made.position_bytes = table.position();
    made.relation = found.relation->id();
    made.is_qualified = !schema.empty();
    made.has_alias = !table.text().empty();
    references()->push_back(std::move(made));
  }
  if (found) return found;
  std::string shown(schema);
  if (!shown.empty()) shown.append(".");
  shown.append(name);
  return bind_error("42P01", "relation \"" + shown + "\" does not exist", table.position());
}

}  // namespace mortise::sql_engine
