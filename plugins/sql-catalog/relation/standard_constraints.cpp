// SPDX-License-Identifier: Apache-2.0
//
// information_schema: constraints.  As in PostgreSQL 15, a column's NOT NULL shows as a check with
// a made-up name.
#include "definition/definition.hpp"
#include "relation/fills.hpp"
#include "relation/standard_type.hpp"

namespace mortise::sql_catalog {
namespace {

// A constraint with its table and the names that its rows begin with.
struct Named {
  const ConstraintDef& constraint;
  const RelationDef& relation;
  const std::string& catalog;
  std::string schema;
};

Result<std::string> catalog_name(Scan& scan) {
  MORTISE_TRY_ASSIGN(const DatabaseDef* d, scan.objects.current_database());
  return d == nullptr ? std::string() : d->name;
}

Result<std::string> schema_name(Scan& scan, mortise_object_id_t id) {
  MORTISE_TRY_ASSIGN(const SchemaDef* s, scan.objects.schema(id));
  return s == nullptr ? std::string() : s->name;
}

template <typename Visit>
Status each_constraint(Scan& scan, Visit&& visit) {
  MORTISE_TRY_ASSIGN(const std::string catalog, catalog_name(scan));
  MORTISE_TRY_ASSIGN(const auto* constraints, scan.objects.constraints());
  for (const ConstraintPtr& c : *constraints) {
    MORTISE_TRY_ASSIGN(const RelationPtr r, scan.objects.relation(c->relation));
    if (r == nullptr) continue;
    MORTISE_TRY_ASSIGN(std::string schema, schema_name(scan, r->schema));
    MORTISE_TRY(visit(Named{*c, *r, catalog, std::move(schema)}));
  }
  return {};
}

// Calls visit(schema's name, made-up name, relation, column) for columns that are NOT NULL.
template <typename Visit>
Status each_not_null(Scan& scan, Visit&& visit) {
  MORTISE_TRY_ASSIGN(const auto* relations, scan.objects.relations());
  for (const RelationPtr& r : *relations) {
    if (r->kind != schema::RelationKind::table) continue;
    MORTISE_TRY_ASSIGN(const std::string schema, schema_name(scan, r->schema));
    for (size_t i = 0; i < r->columns.size(); ++i) {
      const schema::ColumnDef& column = r->columns[i];
      if (column.is_dropped || !column.is_not_null) continue;
      const std::string name = std::to_string(r->schema) + "_" + std::to_string(r->id) + "_" +
                               std::to_string(i + 1) + "_not_null";
      visit(schema, name, *r, column);
    }
  }
  return {};
}

std::string_view kind_name(char kind) {
  switch (kind) {
    case 'p':
      return "PRIMARY KEY";
    case 'u':
      return "UNIQUE";
    case 'f':
      return "FOREIGN KEY";
    default:
      return "CHECK";
  }
}

std::string_view rule_name(char action) {
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
      return "NO ACTION";
  }
}

std::string_view match_name(char match) {
  if (match == 'f') return "FULL";
  return match == 'p' ? "PARTIAL" : "NONE";
}

// The key constraint that an index stands behind, or null.
Result<ConstraintPtr> constraint_of_index(Scan& scan, mortise_object_id_t index) {
  if (index == 0) return ConstraintPtr();
  MORTISE_TRY_ASSIGN(const auto* constraints, scan.objects.constraints());
  for (const ConstraintPtr& c : *constraints) {
    if (c->kind != 'f' && c->index == index) return c;
  }
  return ConstraintPtr();
}

// Where a foreign key's column stands in the key that it refers to.
std::optional<int32_t> position_in_key(const ConstraintDef& foreign, const ConstraintPtr& key,
                                       size_t at) {
  if (key == nullptr || at >= foreign.referenced_columns.size()) return std::nullopt;
  for (size_t i = 0; i < key->columns.size(); ++i) {
    if (key->columns[i] == foreign.referenced_columns[at]) return static_cast<int32_t>(i + 1);
  }
  return std::nullopt;
}

}  // namespace

Status fill_table_constraints(Scan& scan) {
  MORTISE_TRY_ASSIGN(const std::string catalog, catalog_name(scan));
  MORTISE_TRY(each_constraint(scan, [&](const Named& n) -> Status {
    std::optional<std::string_view> nulls_distinct;
    if (n.constraint.kind == 'u') {
      MORTISE_TRY_ASSIGN(const IndexPtr index, scan.objects.index(n.constraint.index));
      nulls_distinct = yes_or_no(index == nullptr || !index->is_nulls_not_distinct);
    }
    scan.rows.add(n.catalog, n.schema, n.constraint.name, n.catalog, n.schema, n.relation.name,
                  kind_name(n.constraint.kind), yes_or_no(n.constraint.is_deferrable),
                  yes_or_no(n.constraint.is_deferred), "YES", nulls_distinct);
    return {};
  }));
  return each_not_null(scan, [&](const std::string& schema, const std::string& name,
                                 const RelationDef& r, const schema::ColumnDef&) {
    scan.rows.add(catalog, schema, name, catalog, schema, r.name, "CHECK", "NO", "NO", "YES",
                  kNull);
  });
}

Status fill_key_column_usage(Scan& scan) {
  return each_constraint(scan, [&](const Named& n) -> Status {
    if (n.constraint.kind == 'c') return {};
    ConstraintPtr key;
    if (n.constraint.kind == 'f') {
      MORTISE_TRY_ASSIGN(key, constraint_of_index(scan, n.constraint.index));
    }
    for (size_t i = 0; i < n.constraint.columns.size(); ++i) {
      const uint32_t column = n.constraint.columns[i];
      if (column >= n.relation.columns.size()) continue;
      scan.rows.add(n.catalog, n.schema, n.constraint.name, n.catalog, n.schema, n.relation.name,
                    n.relation.columns[column].name, i + 1, position_in_key(n.constraint, key, i));
    }
    return {};
  });
}

Status fill_referential_constraints(Scan& scan) {
  return each_constraint(scan, [&](const Named& n) -> Status {
    if (n.constraint.kind != 'f') return {};
    MORTISE_TRY_ASSIGN(const ConstraintPtr key, constraint_of_index(scan, n.constraint.index));
    std::optional<std::string> key_catalog;
    std::optional<std::string> key_schema;
    std::optional<std::string> key_name;
    if (key != nullptr) {
      MORTISE_TRY_ASSIGN(const RelationPtr target, scan.objects.relation(key->relation));
      if (target != nullptr) {
        MORTISE_TRY_ASSIGN(key_schema, schema_name(scan, target->schema));
      }
      key_catalog = n.catalog;
      key_name = key->name;
    }
    scan.rows.add(n.catalog, n.schema, n.constraint.name, key_catalog, key_schema, key_name,
                  match_name(n.constraint.match), rule_name(n.constraint.on_update),
                  rule_name(n.constraint.on_delete));
    return {};
  });
}

// Keys and checks name their own columns, foreign keys those that they refer to.
Status fill_constraint_column_usage(Scan& scan) {
  return each_constraint(scan, [&](const Named& n) -> Status {
    const bool is_foreign = n.constraint.kind == 'f';
    const auto& columns = is_foreign ? n.constraint.referenced_columns : n.constraint.columns;
    MORTISE_TRY_ASSIGN(const RelationPtr r,
                       scan.objects.relation(is_foreign ? n.constraint.referenced_relation
                                                        : n.constraint.relation));
    if (r == nullptr) return {};
    MORTISE_TRY_ASSIGN(const std::string schema, schema_name(scan, r->schema));
    for (const uint32_t column : columns) {
      if (column >= r->columns.size()) continue;
      scan.rows.add(n.catalog, schema, r->name, r->columns[column].name, n.catalog, n.schema,
                    n.constraint.name);
    }
    return {};
  });
}

Status fill_constraint_table_usage(Scan& scan) {
  return each_constraint(scan, [&](const Named& n) -> Status {
    if (n.constraint.kind == 'c') return {};
    const bool is_foreign = n.constraint.kind == 'f';
    MORTISE_TRY_ASSIGN(const RelationPtr r,
                       scan.objects.relation(is_foreign ? n.constraint.referenced_relation
                                                        : n.constraint.relation));
    if (r == nullptr) return {};
    MORTISE_TRY_ASSIGN(const std::string schema, schema_name(scan, r->schema));
    scan.rows.add(n.catalog, schema, r->name, n.catalog, n.schema, n.constraint.name);
    return {};
  });
}

Status fill_check_constraints(Scan& scan) {
  MORTISE_TRY_ASSIGN(const std::string catalog, catalog_name(scan));
  MORTISE_TRY(each_constraint(scan, [&](const Named& n) -> Status {
    if (n.constraint.kind != 'c') return {};
    const std::string clause = "(" + parenthesized(n.constraint.expression, false) + ")";
    scan.rows.add(n.catalog, n.schema, n.constraint.name, clause);
    return {};
  }));
  return each_not_null(scan, [&](const std::string& schema, const std::string& name,
                                 const RelationDef&, const schema::ColumnDef& column) {
    scan.rows.add(catalog, schema, name, column.name + " IS NOT NULL");
  });
}

}  // namespace mortise::sql_catalog
