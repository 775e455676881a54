// SPDX-License-Identifier: Apache-2.0
//
// pg_constraint, and who depends on whom: pg_depend, pg_rewrite; pg_description.
#include "catalog/system_ids.hpp"
#include "definition/definition.hpp"
#include "relation/fills.hpp"
#include "text/array.hpp"

namespace mortise::sql_catalog {
namespace {

std::optional<std::string> numbers_of(const std::vector<uint32_t>& positions) {
  if (positions.empty()) return std::nullopt;
  ArrayText text;
  for (const uint32_t p : positions) text.add(int64_t{p} + 1);
  return text.take();
}

void add_constraint(Scan& scan, const ConstraintDef& c, const RelationDef& r) {
  const bool is_foreign = c.kind == 'f';
  std::optional<std::string> check;
  if (c.kind == 'c') check = parenthesized(c.expression, false);
  scan.rows.add(c.id, c.name, r.schema, c.kind, c.is_deferrable, c.is_deferred, c.is_validated,
                c.relation, 0, c.index, 0, c.referenced_relation, is_foreign ? c.on_update : ' ',
                is_foreign ? c.on_delete : ' ', is_foreign ? c.match : ' ', true, 0,
                c.kind != 'c' || c.is_no_inherit, numbers_of(c.columns),
                numbers_of(c.referenced_columns), kNull, kNull, kNull, kNull, kNull, check);
}

// One row of pg_depend.
struct Link {
  uint32_t catalog;
  uint32_t object;
  uint32_t column;
};
void add_link(Scan& scan, const Link& from, const Link& to, char kind) {
  scan.rows.add(from.catalog, from.object, from.column, to.catalog, to.object, to.column, kind);
}

void add_links_of(Scan& scan, const RelationDef& r) {
  add_link(scan, {kPgClass, r.id, 0}, {kPgNamespace, r.schema, 0}, 'n');
  if (r.kind == schema::RelationKind::view) {
    add_link(scan, {kPgRewrite, r.id, 0}, {kPgClass, r.id, 0}, 'i');
    for (const mortise_object_id_t id : r.depends_on) {
      add_link(scan, {kPgRewrite, r.id, 0}, {kPgClass, id, 0}, 'n');
    }
  }
  uint32_t number = 0;
  for (const schema::ColumnDef& column : r.columns) {
    ++number;
    if (column.is_dropped) continue;
    if (column.sequence != 0) {
      const Link owner = {kPgClass, r.id, number};
      add_link(scan, {kPgClass, column.sequence, 0}, owner, column.identity != 0 ? 'i' : 'a');
    }
    if (!column.has_default || column.identity != 0) continue;
    const Link def = {kPgAttrdef, attrdef_oid(r.id, number), 0};
    add_link(scan, def, {kPgClass, r.id, number}, 'a');
    if (column.sequence != 0) add_link(scan, def, {kPgClass, column.sequence, 0}, 'n');
  }
}

// ALTER SEQUENCE ... OWNED BY a column that does not draw from it.
Status add_owned_sequence(Scan& scan, const RelationDef& r) {
  const schema::SequenceDef& s = r.sequence;
  if (r.kind != schema::RelationKind::sequence || s.owner_relation == 0) return {};
  MORTISE_TRY_ASSIGN(const RelationPtr owner, scan.objects.relation(s.owner_relation));
  if (owner == nullptr || s.owner_column == 0 || s.owner_column > owner->columns.size()) return {};
  if (owner->columns[s.owner_column - 1].sequence == r.id) return {};
  add_link(scan, {kPgClass, r.id, 0}, {kPgClass, owner->id, s.owner_column}, 'a');
  return {};
}

void add_links_of(Scan& scan, const ConstraintDef& c) {
  const Link self = {kPgConstraint, c.id, 0};
  for (const uint32_t column : c.columns) {
    add_link(scan, self, {kPgClass, c.relation, column + 1}, 'a');
  }
  for (const uint32_t column : c.referenced_columns) {
    add_link(scan, self, {kPgClass, c.referenced_relation, column + 1}, 'n');
  }
  if (c.index == 0) return;
  if (c.kind == 'f') {
    add_link(scan, self, {kPgClass, c.index, 0}, 'n');
  } else {
    add_link(scan, {kPgClass, c.index, 0}, self, 'i');
  }
}

uint32_t catalog_of_kind(uint32_t kind) {
  switch (kind) {
    case MORTISE_KIND_DATABASE:
      return kPgDatabase;
    case MORTISE_KIND_SCHEMA:
      return kPgNamespace;
    case MORTISE_KIND_CONSTRAINT:
      return kPgConstraint;
    case MORTISE_KIND_ROLE:
      return kPgAuthid;
    case MORTISE_KIND_TYPE:
      return kPgType;
    case MORTISE_KIND_FUNCTION:
      return kPgProc;
    default:
      return kPgClass;
  }
}

bool is_shared_kind(uint32_t kind) {
  return kind == MORTISE_KIND_DATABASE || kind == MORTISE_KIND_ROLE;
}

}  // namespace

Status fill_pg_constraint(Scan& scan) {
  std::vector<ConstraintPtr> list;
  if (const auto id = scan.wanted_oid("oid")) {
    MORTISE_TRY_ASSIGN(const ConstraintPtr c, scan.objects.constraint(*id));
    if (c != nullptr) list.push_back(c);
  } else if (const auto relation = scan.wanted_oid("conrelid")) {
    if (*relation != 0) {
      MORTISE_TRY_ASSIGN(list, scan.objects.constraints_of(*relation));
    }
  } else {
    MORTISE_TRY_ASSIGN(const auto* all, scan.objects.constraints());
    list = *all;
  }
  for (const ConstraintPtr& c : list) {
    MORTISE_TRY_ASSIGN(const RelationPtr r, scan.objects.relation(c->relation));
    if (r != nullptr) add_constraint(scan, *c, *r);
  }
  return {};
}

Status fill_pg_depend(Scan& scan) {
  MORTISE_TRY_ASSIGN(const auto* relations, scan.objects.relations());
  for (const RelationPtr& r : *relations) {
    add_links_of(scan, *r);
    MORTISE_TRY(add_owned_sequence(scan, *r));
  }
  MORTISE_TRY_ASSIGN(const auto* constraints, scan.objects.constraints());
  std::unordered_map<mortise_object_id_t, bool> constrained;
  for (const ConstraintPtr& c : *constraints) {
    add_links_of(scan, *c);
    if (c->kind != 'f') constrained[c->index] = true;
  }
  MORTISE_TRY_ASSIGN(const auto* indexes, scan.objects.indexes());
  for (const IndexPtr& i : *indexes) {
    if (constrained.contains(i->id)) continue;
    for (const uint32_t column : i->columns) {
      const uint32_t number = column == UINT32_MAX ? 0 : column + 1;
      add_link(scan, {kPgClass, i->id, 0}, {kPgClass, i->relation, number}, 'a');
    }
  }
  return {};
}

Status fill_pg_rewrite(Scan& scan) {
  MORTISE_TRY_ASSIGN(const auto* relations, scan.objects.relations());
  for (const RelationPtr& r : *relations) {
    if (r->kind != schema::RelationKind::view) continue;
    scan.rows.add(r->id, "_RETURN", r->id, '1', 'O', true, "<>", r->query);
  }
  return {};
}

Status fill_pg_description(Scan& scan) {
  MORTISE_TRY_ASSIGN(const auto* comments, scan.objects.comments());
  for (const CommentDef& c : *comments) {
    if (is_shared_kind(c.kind)) continue;
    scan.rows.add(c.object, catalog_of_kind(c.kind), c.attribute, c.text);
  }
  return {};
}

Status fill_pg_shdescription(Scan& scan) {
  MORTISE_TRY_ASSIGN(const auto* comments, scan.objects.comments());
  for (const CommentDef& c : *comments) {
    if (is_shared_kind(c.kind)) scan.rows.add(c.object, catalog_of_kind(c.kind), c.text);
  }
  return {};
}

}  // namespace mortise::sql_catalog
