// SPDX-License-Identifier: Apache-2.0
//
// The views of pg_catalog that show objects by name: pg_tables and its kin, and the statistics of
// tables and indexes, which nobody counts yet.
#include <unordered_set>

#include "catalog/system_ids.hpp"
#include "definition/definition.hpp"
#include "mortise/cpp/boundary.hpp"
#include "relation/fills.hpp"

namespace mortise::sql_catalog {
namespace {

Result<std::string> schema_name(Scan& scan, mortise_object_id_t id) {
  MORTISE_TRY_ASSIGN(const SchemaDef* s, scan.objects.schema(id));
  return s == nullptr ? std::string() : s->name;
}

Result<std::optional<std::string>> owner_name(Scan& scan, mortise_object_id_t id) {
  MORTISE_TRY_ASSIGN(const RoleDef* r, scan.objects.role(id));
  return r == nullptr ? std::optional<std::string>() : std::optional<std::string>(r->name);
}

// Calls visit(relation, schema's name, owner's name) for the relations of one kind.
template <typename Visit>
Status each_of_kind(Scan& scan, schema::RelationKind kind, Visit&& visit) {
  MORTISE_TRY_ASSIGN(const auto* relations, scan.objects.relations());
  for (const RelationPtr& r : *relations) {
    if (r->kind != kind) continue;
    MORTISE_TRY_ASSIGN(const std::string schema, schema_name(scan, r->schema));
    MORTISE_TRY_ASSIGN(const std::optional<std::string> owner, owner_name(scan, r->owner));
    visit(*r, schema, owner);
  }
  return {};
}

void add_table_statistics(Scan& scan, mortise_object_id_t id, std::string_view schema,
                          std::string_view name) {
  scan.rows.add(id, schema, name, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, kNull, kNull, kNull, kNull, 0,
                0, 0, 0);
}

Status add_user_tables(Scan& scan) {
  return each_of_kind(scan, schema::RelationKind::table,
                      [&](const RelationDef& r, const std::string& schema, const auto&) {
                        add_table_statistics(scan, r.id, schema, r.name);
                      });
}

void add_system_tables(Scan& scan) {
  for (const mortise_sysview_t* v : scan.objects.providers().views()) {
    if (v->is_view == 0)
      add_table_statistics(scan, v->object, view_of(v->schema), view_of(v->name));
  }
}

}  // namespace

Status fill_pg_tables(Scan& scan) {
  MORTISE_TRY_ASSIGN(const auto owner, owner_name(scan, schema::kRolePostgres));
  for (const mortise_sysview_t* v : scan.objects.providers().views()) {
    if (v->is_view != 0) continue;
    scan.rows.add(v->schema, v->name, owner, kNull, false, false, false, false);
  }
  std::unordered_set<mortise_object_id_t> referential;
  MORTISE_TRY_ASSIGN(const auto* constraints, scan.objects.constraints());
  for (const ConstraintPtr& c : *constraints) {
    if (c->kind == 'f') referential.insert({c->relation, c->referenced_relation});
  }
  return each_of_kind(scan, schema::RelationKind::table,
                      [&](const RelationDef& r, const std::string& schema, const auto& role) {
                        scan.rows.add(schema, r.name, role, kNull, !r.indexes.empty(), false,
                                      referential.contains(r.id), false);
                      });
}

Status fill_pg_views(Scan& scan) {
  MORTISE_TRY_ASSIGN(const auto owner, owner_name(scan, schema::kRolePostgres));
  for (const mortise_sysview_t* v : scan.objects.providers().views()) {
    // Made by code: there is no query to show.
    if (v->is_view != 0) scan.rows.add(v->schema, v->name, owner, kNull);
  }
  return each_of_kind(scan, schema::RelationKind::view,
                      [&](const RelationDef& r, const std::string& schema, const auto& role) {
                        scan.rows.add(schema, r.name, role, [&] { return view_text(r); });
                      });
}

Status fill_pg_matviews(Scan& scan) {
  return each_of_kind(scan, schema::RelationKind::materialized_view,
                      [&](const RelationDef& r, const std::string& schema, const auto& role) {
                        scan.rows.add(schema, r.name, role, kNull, !r.indexes.empty(),
                                      r.is_populated, [&] { return view_text(r); });
                      });
}

Status fill_pg_indexes(Scan& scan) {
  MORTISE_TRY_ASSIGN(const auto* indexes, scan.objects.indexes());
  const auto table = scan.wanted_text("tablename");
  for (const IndexPtr& i : *indexes) {
    MORTISE_TRY_ASSIGN(const RelationPtr r, scan.objects.relation(i->relation));
    if (r == nullptr || (table && r->name != *table)) continue;
    MORTISE_TRY_ASSIGN(const std::string schema, schema_name(scan, i->schema));
    std::string definition;
    if (scan.is_wanted("indexdef")) {
      MORTISE_TRY_ASSIGN(definition, index_text(scan.objects, *i, 0, false));
    }
    scan.rows.add(schema, r->name, i->name, kNull, definition);
  }
  return {};
}

Status fill_pg_sequences(Scan& scan) {
  return each_of_kind(scan, schema::RelationKind::sequence,
                      [&](const RelationDef& r, const std::string& schema, const auto& role) {
                        const schema::SequenceDef& s = r.sequence;
                        // Where it stands is a row of its own storage, which is the engine's.
                        scan.rows.add(schema, r.name, role, s.type, s.start, s.minimum, s.maximum,
                                      s.increment, s.is_cycle, s.cache, kNull);
                      });
}

Status fill_pg_stat_all_tables(Scan& scan) {
  add_system_tables(scan);
  return add_user_tables(scan);
}

Status fill_pg_stat_sys_tables(Scan& scan) {
  add_system_tables(scan);
  return {};
}

Status fill_pg_stat_user_tables(Scan& scan) {
  return add_user_tables(scan);
}

Status fill_pg_stat_all_indexes(Scan& scan) {
  MORTISE_TRY_ASSIGN(const auto* indexes, scan.objects.indexes());
  for (const IndexPtr& i : *indexes) {
    MORTISE_TRY_ASSIGN(const RelationPtr r, scan.objects.relation(i->relation));
    if (r == nullptr) continue;
    MORTISE_TRY_ASSIGN(const std::string schema, schema_name(scan, i->schema));
    scan.rows.add(r->id, i->id, schema, r->name, i->name, 0, 0, 0);
  }
  return {};
}

Status fill_pg_stat_user_indexes(Scan& scan) {
  return fill_pg_stat_all_indexes(scan);
}

}  // namespace mortise::sql_catalog
