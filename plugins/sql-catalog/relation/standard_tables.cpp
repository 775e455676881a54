// SPDX-License-Identifier: Apache-2.0
//
// information_schema: schemas, tables, columns, views, sequences and routines.
#include "definition/definition.hpp"
#include "definition/type_name.hpp"
#include "mortise/cpp/boundary.hpp"
#include "relation/fills.hpp"
#include "relation/standard_type.hpp"

namespace mortise::sql_catalog {
namespace {

Result<std::string> catalog_name(Scan& scan) {
  MORTISE_TRY_ASSIGN(const DatabaseDef* d, scan.objects.current_database());
  return d == nullptr ? std::string() : d->name;
}

Result<std::string> schema_name(Scan& scan, mortise_object_id_t id) {
  MORTISE_TRY_ASSIGN(const SchemaDef* s, scan.objects.schema(id));
  return s == nullptr ? std::string() : s->name;
}

Result<std::string> role_name(Scan& scan, mortise_object_id_t id) {
  MORTISE_TRY_ASSIGN(const RoleDef* r, scan.objects.role(id));
  return r == nullptr ? std::string() : r->name;
}

bool is_listed(const RelationDef& r) {
  return r.kind == schema::RelationKind::table || r.kind == schema::RelationKind::view;
}

// Calls visit(relation, schema's name) for tables and views, system relations apart.
template <typename Visit>
Status each_table(Scan& scan, Visit&& visit) {
  MORTISE_TRY_ASSIGN(const auto* relations, scan.objects.relations());
  const auto wanted_name = scan.wanted_text("table_name");
  for (const RelationPtr& r : *relations) {
    if (!is_listed(*r) || (wanted_name && r->name != *wanted_name)) continue;
    MORTISE_TRY_ASSIGN(const std::string schema, schema_name(scan, r->schema));
    MORTISE_TRY(visit(*r, schema));
  }
  return {};
}

template <typename Visit>
void each_system_view(Scan& scan, Visit&& visit) {
  const auto wanted_name = scan.wanted_text("table_name");
  for (const mortise_sysview_t* v : scan.objects.providers().views()) {
    if (!wanted_name || view_of(v->name) == *wanted_name) visit(*v);
  }
}

void add_table(Scan& scan, std::string_view catalog, std::string_view schema, std::string_view name,
               bool is_view, bool is_writable, bool is_temporary) {
  scan.rows.add(catalog, schema, name,
                is_temporary ? std::string_view("LOCAL TEMPORARY")
                : is_view    ? std::string_view("VIEW")
                             : std::string_view("BASE TABLE"),
                kNull, kNull, kNull, kNull, kNull, yes_or_no(is_writable), "NO",
                is_temporary ? std::optional<std::string_view>("PRESERVE")
                             : std::optional<std::string_view>());
}

// One row of `columns`.
struct ColumnFacts {
  std::string_view schema;
  std::string_view table;
  std::string_view name;
  uint32_t number = 0;
  mortise_type_t type{};
  std::optional<std::string> default_text;
  bool is_nullable = true;
  const schema::SequenceDef* identity = nullptr;
  char identity_kind = 0;
  std::optional<std::string> generation;
  bool is_updatable = false;
};

void add_column(Scan& scan, std::string_view catalog, const ColumnFacts& c) {
  const StandardType t = describe_standard(scan.objects.providers(), c.type);
  const std::string number = std::to_string(c.number);
  std::optional<std::string_view> collation_catalog;
  std::optional<std::string_view> collation_schema;
  if (t.collation) {
    collation_catalog = catalog;
    collation_schema = "pg_catalog";
  }
  std::optional<std::string_view> generation;
  if (c.identity_kind != 0) generation = c.identity_kind == 'a' ? "ALWAYS" : "BY DEFAULT";
  const auto of_identity = [&](int64_t schema::SequenceDef::*member) {
    return c.identity == nullptr ? std::optional<std::string>()
                                 : std::optional<std::string>(std::to_string(c.identity->*member));
  };
  const bool is_cycle = c.identity != nullptr && c.identity->is_cycle;
  scan.rows.add(
      catalog, c.schema, c.table, c.name, c.number, c.default_text, yes_or_no(c.is_nullable),
      t.data_type, t.character_maximum_length, t.character_octet_length, t.numeric_precision,
      t.numeric_precision_radix, t.numeric_scale, t.datetime_precision, kNull, kNull, kNull, kNull,
      kNull, collation_catalog, collation_schema, t.collation, kNull, kNull, kNull, catalog,
      "pg_catalog", t.udt_name, kNull, kNull, kNull, kNull, number, "NO",
      yes_or_no(c.identity_kind != 0), generation, of_identity(&schema::SequenceDef::start),
      of_identity(&schema::SequenceDef::increment), of_identity(&schema::SequenceDef::maximum),
      of_identity(&schema::SequenceDef::minimum), yes_or_no(is_cycle),
      c.generation ? "ALWAYS" : "NEVER", c.generation, yes_or_no(c.is_updatable));
}

Status add_columns(Scan& scan, std::string_view catalog, const RelationDef& r,
                   std::string_view schema) {
  uint32_t number = 0;
  for (const schema::ColumnDef& column : r.columns) {
    ++number;
    if (column.is_dropped) continue;
    ColumnFacts c;
    c.schema = schema;
    c.table = r.name;
    c.name = column.name;
    c.number = number;
    c.type = column.type;
    c.is_nullable = !column.is_not_null;
    c.is_updatable = r.kind == schema::RelationKind::table;
    MORTISE_TRY_ASSIGN(std::string text, default_text(scan.objects, column));
    if (column.generated != 0) {
      c.generation = std::move(text);
    } else if (!text.empty()) {
      c.default_text = std::move(text);
    }
    RelationPtr sequence;
    c.identity_kind = column.identity;
    if (column.identity != 0) {
      MORTISE_TRY_ASSIGN(sequence, scan.objects.relation(column.sequence));
      if (sequence != nullptr) c.identity = &sequence->sequence;
    }
    add_column(scan, catalog, c);
  }
  return {};
}

}  // namespace

Status fill_catalog_name(Scan& scan) {
  MORTISE_TRY_ASSIGN(const std::string catalog, catalog_name(scan));
  scan.rows.add(catalog);
  return {};
}

Status fill_schemata(Scan& scan) {
  MORTISE_TRY_ASSIGN(const std::string catalog, catalog_name(scan));
  MORTISE_TRY_ASSIGN(const auto* schemas, scan.objects.schemas());
  for (const SchemaDef& s : *schemas) {
    MORTISE_TRY_ASSIGN(const std::string owner, role_name(scan, s.owner));
    scan.rows.add(catalog, s.name, owner, kNull, kNull, kNull, kNull);
  }
  return {};
}

Status fill_tables(Scan& scan) {
  MORTISE_TRY_ASSIGN(const std::string catalog, catalog_name(scan));
  each_system_view(scan, [&](const mortise_sysview_t& v) {
    add_table(scan, catalog, view_of(v.schema), view_of(v.name), v.is_view != 0, false, false);
  });
  return each_table(scan, [&](const RelationDef& r, const std::string& schema) -> Status {
    const bool is_view = r.kind == schema::RelationKind::view;
    add_table(scan, catalog, schema, r.name, is_view, !is_view, r.is_temporary);
    return {};
  });
}

Status fill_columns(Scan& scan) {
  MORTISE_TRY_ASSIGN(const std::string catalog, catalog_name(scan));
  each_system_view(scan, [&](const mortise_sysview_t& v) {
    for (uint32_t i = 0; i < v.columns_count; ++i) {
      ColumnFacts c;
      c.schema = view_of(v.schema);
      c.table = view_of(v.name);
      c.name = view_of(v.columns[i].name);
      c.number = i + 1;
      c.type = plain_type(v.columns[i].sql_type);
      c.type.sql_type = v.columns[i].sql_type;
      c.is_nullable = v.is_view != 0 || i != 0;
      add_column(scan, catalog, c);
    }
  });
  return each_table(scan, [&](const RelationDef& r, const std::string& schema) {
    return add_columns(scan, catalog, r, schema);
  });
}

Status fill_views(Scan& scan) {
  MORTISE_TRY_ASSIGN(const std::string catalog, catalog_name(scan));
  each_system_view(scan, [&](const mortise_sysview_t& v) {
    if (v.is_view == 0) return;
    scan.rows.add(catalog, v.schema, v.name, kNull, "NONE", "NO", "NO", "NO", "NO", "NO");
  });
  return each_table(scan, [&](const RelationDef& r, const std::string& schema) -> Status {
    if (r.kind != schema::RelationKind::view) return {};
    const std::string_view check = r.check_option == 0   ? "NONE"
                                   : r.check_option == 1 ? "LOCAL"
                                                         : "CASCADED";
    scan.rows.add(
        catalog, schema, r.name, [&] { return view_text(r); }, check, "NO", "NO", "NO", "NO", "NO");
    return {};
  });
}

Status fill_sequences(Scan& scan) {
  MORTISE_TRY_ASSIGN(const std::string catalog, catalog_name(scan));
  MORTISE_TRY_ASSIGN(const auto* relations, scan.objects.relations());
  for (const RelationPtr& r : *relations) {
    if (r->kind != schema::RelationKind::sequence) continue;
    const schema::SequenceDef& s = r->sequence;
    MORTISE_TRY_ASSIGN(const std::string schema, schema_name(scan, r->schema));
    const StandardType t = describe_standard(scan.objects.providers(), plain_type(s.type));
    scan.rows.add(catalog, schema, r->name, t.data_type, t.numeric_precision,
                  t.numeric_precision_radix, t.numeric_scale, std::to_string(s.start),
                  std::to_string(s.minimum), std::to_string(s.maximum), std::to_string(s.increment),
                  yes_or_no(s.is_cycle));
  }
  return {};
}

// Mostly null: only what is known of a built-in function is set.
Status fill_routines(Scan& scan) {
  MORTISE_TRY_ASSIGN(const std::string catalog, catalog_name(scan));
  const auto set = [&](std::string_view column, const auto& value) {
    scan.rows.set(scan.position(column), value);
  };
  for (const Function& f : scan.objects.providers().functions()) {
    const StandardType t = describe_standard(scan.objects.providers(), plain_type(f.result));
    scan.rows.add_nulls();
    for (const std::string_view column :
         {"specific_catalog", "routine_catalog", "type_udt_catalog"}) {
      set(column, catalog);
    }
    for (const std::string_view column : {"specific_schema", "routine_schema", "type_udt_schema"}) {
      set(column, "pg_catalog");
    }
    set("specific_name", f.name + "_" + std::to_string(f.oid));
    set("routine_name", f.name);
    if (f.kind == 'f') set("routine_type", "FUNCTION");
    set("data_type", t.data_type);
    set("type_udt_name", t.udt_name);
    set("dtd_identifier", "0");
    set("routine_body", "EXTERNAL");
    set("routine_definition", f.name);
    set("external_language", "INTERNAL");
    set("parameter_style", "GENERAL");
    set("is_deterministic", yes_or_no(f.volatility == 'i'));
    set("sql_data_access", "MODIFIES");
    set("is_null_call", yes_or_no(f.is_strict));
    set("schema_level_routine", "YES");
    set("max_dynamic_result_sets", 0);
    set("security_type", "INVOKER");
    set("as_locator", "NO");
    set("is_udt_dependent", "NO");
  }
  return {};
}

Status fill_parameters(Scan& scan) {
  MORTISE_TRY_ASSIGN(const std::string catalog, catalog_name(scan));
  for (const Function& f : scan.objects.providers().functions()) {
    const std::string specific = f.name + "_" + std::to_string(f.oid);
    int32_t number = 0;
    const auto add = [&](uint32_t type, std::string_view mode, std::optional<std::string> name) {
      ++number;
      const StandardType t = describe_standard(scan.objects.providers(), plain_type(type));
      scan.rows.add(catalog, "pg_catalog", specific, number, mode, "NO", "NO", name, t.data_type,
                    kNull, kNull, kNull, kNull, kNull, kNull, kNull, kNull, kNull, kNull, kNull,
                    kNull, kNull, kNull, catalog, "pg_catalog", t.udt_name, kNull, kNull, kNull,
                    kNull, std::to_string(number), kNull);
    };
    for (const uint32_t a : f.arguments) add(a, "IN", std::nullopt);
    for (size_t i = 0; i < f.column_names.size(); ++i) {
      add(f.column_types[i], "OUT", f.column_names[i]);
    }
  }
  return {};
}

Status fill_collations(Scan& scan) {
  MORTISE_TRY_ASSIGN(const std::string catalog, catalog_name(scan));
  for (const std::string_view name : {"default", "C", "POSIX"}) {
    scan.rows.add(catalog, "pg_catalog", name, "NO PAD");
  }
  return {};
}

Status fill_character_sets(Scan& scan) {
  MORTISE_TRY_ASSIGN(const std::string catalog, catalog_name(scan));
  scan.rows.add(kNull, kNull, "UTF8", "UCS", "UTF8", catalog, "pg_catalog", "C");
  return {};
}

Status fill_enabled_roles(Scan& scan) {
  MORTISE_TRY_ASSIGN(const auto* roles, scan.objects.roles());
  for (const RoleDef& r : *roles) scan.rows.add(r.name);
  return {};
}

Status fill_table_privileges(Scan& scan) {
  MORTISE_TRY_ASSIGN(const std::string catalog, catalog_name(scan));
  return each_table(scan, [&](const RelationDef& r, const std::string& schema) -> Status {
    MORTISE_TRY_ASSIGN(const std::string owner, role_name(scan, r.owner));
    for (const std::string_view privilege :
         {"INSERT", "SELECT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"}) {
      scan.rows.add(owner, owner, catalog, schema, r.name, privilege, "YES",
                    yes_or_no(privilege == "SELECT"));
    }
    return {};
  });
}

Status fill_column_privileges(Scan& scan) {
  MORTISE_TRY_ASSIGN(const std::string catalog, catalog_name(scan));
  return each_table(scan, [&](const RelationDef& r, const std::string& schema) -> Status {
    MORTISE_TRY_ASSIGN(const std::string owner, role_name(scan, r.owner));
    for (const schema::ColumnDef& column : r.columns) {
      if (column.is_dropped) continue;
      for (const std::string_view privilege : {"INSERT", "SELECT", "UPDATE", "REFERENCES"}) {
        scan.rows.add(owner, owner, catalog, schema, r.name, column.name, privilege, "YES");
      }
    }
    return {};
  });
}

}  // namespace mortise::sql_catalog
