// SPDX-License-Identifier: Apache-2.0
//
// pg_class, pg_attribute and what hangs on columns: pg_attrdef, pg_index, pg_sequence.
#include <algorithm>
#include <unordered_set>

#include "catalog/storage_size.hpp"
#include "catalog/system_ids.hpp"
#include "definition/definition.hpp"
#include "mortise/cpp/boundary.hpp"
#include "relation/fills.hpp"
#include "text/array.hpp"

namespace mortise::sql_catalog {
namespace {

constexpr uint64_t kBlockBytes = 8192;  // what relpages counts in

// pg_class rows of relations need to know of others what these sets say.
struct Marks {
  std::unordered_set<mortise_object_id_t> referential;  // either side of a foreign key
  std::unordered_map<mortise_object_id_t, int> checks;
};

Status collect_marks(Scan& scan, Marks& marks) {
  if (!scan.is_wanted("relchecks") && !scan.is_wanted("relhastriggers")) return {};
  MORTISE_TRY_ASSIGN(const auto* constraints, scan.objects.constraints());
  for (const ConstraintPtr& c : *constraints) {
    if (c->kind == 'c') ++marks.checks[c->relation];
    if (c->kind == 'f') {
      marks.referential.insert(c->relation);
      marks.referential.insert(c->referenced_relation);
    }
  }
  return {};
}

// Catalogs that all databases share, as PostgreSQL marks them.
bool is_shared(mortise_object_id_t id) {
  static constexpr mortise_object_id_t kShared[] = {1213, 1260, 1261, 1262, 2396, 2964,
                                                    3592, 6000, 6100, 6243, 1214};
  return std::find(std::begin(kShared), std::end(kShared), id) != std::end(kShared);
}

void add_relation(Scan& scan, const RelationDef& r, const Marks& marks) {
  const char kind = static_cast<char>(r.kind);
  const bool has_storage = kind != 'v';
  const bool is_table = kind == 'r' || kind == 'm';
  const char persistence = r.is_temporary ? 't' : r.is_unlogged ? 'u' : 'p';
  const auto checks = marks.checks.find(r.id);
  std::optional<std::string> options;
  if (!r.options.empty()) options = array_text(r.options);
  scan.rows.add(
      r.id, r.name, r.schema, 0, 0, r.owner,
      is_table ? scan.objects.providers().access_method(r.engine) : 0, has_storage ? r.id : 0, 0,
      [&] { return size_of_segment(scan.objects.services(), r.segment) / kBlockBytes; },
      kind == 'S' ? 1.0 : -1.0, 0, 0, !r.indexes.empty(), false, persistence, kind,
      kind == 'S' ? size_t{3} : r.columns.size(), checks == marks.checks.end() ? 0 : checks->second,
      kind == 'v', marks.referential.contains(r.id), false, false, false, r.is_populated,
      is_table ? 'd' : 'n', false, 0, 0, 0, kNull, options, kNull);
}

void add_index(Scan& scan, const IndexDef& i, mortise_object_id_t owner) {
  scan.rows.add(
      i.id, i.name, i.schema, 0, 0, owner, scan.objects.providers().access_method(i.method), i.id,
      0, [&] { return size_of_segment(scan.objects.services(), i.segment) / kBlockBytes; }, 0.0, 0,
      0, false, false, 'p', 'i', i.columns.size(), 0, false, false, false, false, false, true, 'n',
      false, 0, 0, 0, kNull, kNull, kNull);
}

void add_view(Scan& scan, const mortise_sysview_t& v, mortise_object_id_t schema) {
  const bool is_table = v.is_view == 0;
  const char kind = is_table ? 'r' : 'v';
  scan.rows.add(v.object, v.name, schema, 0, 0, schema::kRolePostgres, is_table ? 2 : 0,
                is_table ? v.object : 0, is_shared(v.object) ? kTablespaceGlobal : 0, 0, -1.0, 0, 0,
                false, is_shared(v.object), 'p', kind, v.columns_count, 0, !is_table, false, false,
                false, false, true, 'n', false, 0, 0, 0, kNull, kNull, kNull);
}

Status add_class(Scan& scan, const Class& c, const Marks& marks) {
  if (c.view != nullptr) {
    MORTISE_TRY_ASSIGN(const mortise_object_id_t schema, scan.objects.schema_of(*c.view));
    add_view(scan, *c.view, schema);
  } else if (c.relation != nullptr) {
    add_relation(scan, *c.relation, marks);
  } else if (c.index != nullptr) {
    MORTISE_TRY_ASSIGN(const RelationPtr r, scan.objects.relation(c.index->relation));
    add_index(scan, *c.index, r == nullptr ? schema::kRolePostgres : r->owner);
  }
  return {};
}

struct Attribute {
  mortise_object_id_t relation = 0;
  std::string_view name;
  mortise_type_t type{};
  uint32_t number = 0;
  bool is_not_null = false;
  bool has_default = false;
  bool has_missing = false;
  char identity = 0;
  char generated = 0;
  bool is_dropped = false;
};

void add_attribute(Scan& scan, const Attribute& a) {
  const Type* t = scan.objects.providers().type(a.type.sql_type);
  const uint32_t collation = a.type.collation != 0 ? a.type.collation
                             : t == nullptr        ? 0
                                                   : t->collation;
  scan.rows.add(
      a.relation, a.name, a.is_dropped ? 0 : a.type.sql_type, -1,
      t == nullptr ? -1 : t->length_bytes, a.number, t != nullptr && t->is_array() ? 1 : 0, -1,
      a.type.modifier, t != nullptr && t->is_by_value, t == nullptr ? 'i' : t->alignment,
      t == nullptr ? 'x' : t->storage, "", a.is_not_null, a.has_default, a.has_missing, a.identity,
      a.generated, a.is_dropped, true, 0, collation, kNull, kNull, kNull, kNull);
}

void add_columns_of(Scan& scan, const RelationDef& r) {
  uint32_t number = 0;
  for (const schema::ColumnDef& column : r.columns) {
    ++number;
    Attribute a;
    a.relation = r.id;
    a.name = column.name;
    std::string dropped;
    if (column.is_dropped) {
      dropped = "........pg.dropped." + std::to_string(number) + "........";
      a.name = dropped;
    }
    a.type = column.type;
    a.number = number;
    a.is_not_null = column.is_not_null;
    a.has_default = (column.has_default || column.generated != 0) && column.identity == 0;
    a.has_missing = column.has_missing_value;
    a.identity = column.identity;
    a.generated = column.generated;
    a.is_dropped = column.is_dropped;
    add_attribute(scan, a);
  }
  if (r.kind != schema::RelationKind::sequence || !r.columns.empty()) return;
  static constexpr std::pair<std::string_view, uint32_t> kOfSequence[] = {
      {"last_value", MORTISE_SQL_INT8},
      {"log_cnt", MORTISE_SQL_INT8},
      {"is_called", MORTISE_SQL_BOOL}};
  for (const auto& [name, type] : kOfSequence) {
    Attribute a;
    a.relation = r.id;
    a.name = name;
    a.type = plain_type(type);
    a.number = ++number;
    a.is_not_null = true;
    add_attribute(scan, a);
  }
}

Status add_columns_of(Scan& scan, const IndexDef& i) {
  MORTISE_TRY_ASSIGN(const RelationPtr r, scan.objects.relation(i.relation));
  if (r == nullptr) return {};
  for (size_t at = 0; at < i.columns.size(); ++at) {
    const std::string name = index_column_name(*r, i, at);
    Attribute a;
    a.relation = i.id;
    a.name = name;
    const uint32_t column = i.columns[at];
    if (column < r->columns.size()) {
      a.type = r->columns[column].type;
    } else if (at < i.types.size()) {
      a.type = i.types[at];
    }
    a.number = static_cast<uint32_t>(at + 1);
    add_attribute(scan, a);
  }
  return {};
}

// Of fixed width, as PostgreSQL counts it when it makes its own catalogs.
bool has_fixed_width(const Scan& scan, uint32_t sql_type) {
  if (sql_type == kSqlInt2Vector || sql_type == kSqlOidVector) return true;
  const Type* t = scan.objects.providers().type(sql_type);
  return t != nullptr && t->length_bytes > 0;
}

void add_columns_of(Scan& scan, const mortise_sysview_t& v) {
  bool is_not_null = v.is_view == 0;
  for (uint32_t at = 0; at < v.columns_count; ++at) {
    Attribute a;
    a.relation = v.object;
    a.name = view_of(v.columns[at].name);
    a.type = plain_type(v.columns[at].sql_type);
    a.type.sql_type = v.columns[at].sql_type;
    a.number = at + 1;
    // In a stored catalog null begins with the first column that has no fixed width.
    is_not_null = is_not_null && has_fixed_width(scan, v.columns[at].sql_type);
    a.is_not_null = is_not_null;
    add_attribute(scan, a);
  }
}

Status add_columns_of(Scan& scan, const Class& c) {
  if (c.view != nullptr) add_columns_of(scan, *c.view);
  if (c.relation != nullptr) add_columns_of(scan, *c.relation);
  if (c.index != nullptr) MORTISE_TRY(add_columns_of(scan, *c.index));
  return {};
}

Status add_defaults_of(Scan& scan, const RelationDef& r) {
  uint32_t number = 0;
  for (const schema::ColumnDef& column : r.columns) {
    ++number;
    if (column.is_dropped || column.identity != 0) continue;
    if (!column.has_default && column.generated == 0) continue;
    MORTISE_TRY_ASSIGN(const std::string text, default_text(scan.objects, column));
    scan.rows.add(attrdef_oid(r.id, number), r.id, number, text);
  }
  return {};
}

Status add_index_row(Scan& scan, const IndexDef& i,
                     const std::unordered_set<mortise_object_id_t>& deferrable) {
  MORTISE_TRY_ASSIGN(const RelationPtr r, scan.objects.relation(i.relation));
  if (r == nullptr) return {};
  const Providers& providers = scan.objects.providers();
  const uint32_t method = providers.access_method(i.method);
  const size_t keys_count = i.columns.size() - i.includes_count;
  std::vector<uint32_t> keys;
  std::vector<uint32_t> collations;
  std::vector<uint32_t> classes;
  std::vector<uint32_t> options;
  std::string expressions;
  for (size_t at = 0; at < i.columns.size(); ++at) {
    const uint32_t column = i.columns[at];
    const bool is_plain = column < r->columns.size();
    keys.push_back(is_plain ? column + 1 : 0);
    if (!is_plain && at < i.expressions.size()) {
      if (!expressions.empty()) expressions += ", ";
      expressions += parenthesized(i.expressions[at], false);
    }
    if (at >= keys_count) continue;
    mortise_type_t type{};
    if (is_plain) {
      type = r->columns[column].type;
    } else if (at < i.types.size()) {
      type = i.types[at];
    }
    const Type* t = providers.type(type.sql_type);
    collations.push_back(type.collation != 0 ? type.collation : t == nullptr ? 0 : t->collation);
    classes.push_back(providers.operator_class(type.sql_type, method));
    options.push_back(at < i.flags.size() ? i.flags[at] & 3 : 0);
  }
  std::optional<std::string> shown_expressions;
  if (!expressions.empty()) shown_expressions = std::move(expressions);
  std::optional<std::string> predicate;
  if (!i.predicate.empty()) predicate = parenthesized(i.predicate, false);
  scan.rows.add(i.id, i.relation, i.columns.size(), keys_count, i.is_unique,
                i.is_nulls_not_distinct, i.is_primary, false, !deferrable.contains(i.id), false,
                i.is_valid, false, true, true, false, vector_text(keys), vector_text(collations),
                vector_text(classes), vector_text(options), shown_expressions, predicate);
  return {};
}

}  // namespace

Status fill_pg_class(Scan& scan) {
  Marks marks;
  if (const auto id = scan.wanted_oid("oid")) {
    MORTISE_TRY_ASSIGN(const Class c, scan.objects.find_class(*id));
    if (!c) return {};
    if (c.relation != nullptr) MORTISE_TRY(collect_marks(scan, marks));
    return add_class(scan, c, marks);
  }
  if (const auto name = scan.wanted_text("relname")) {
    MORTISE_TRY(collect_marks(scan, marks));
    MORTISE_TRY_ASSIGN(const auto* schemas, scan.objects.schemas());
    for (const SchemaDef& s : *schemas) {
      MORTISE_TRY_ASSIGN(const Class c, scan.objects.find_class(s.id, *name));
      if (c) MORTISE_TRY(add_class(scan, c, marks));
    }
    return {};
  }
  MORTISE_TRY(collect_marks(scan, marks));
  for (const mortise_sysview_t* v : scan.objects.providers().views()) {
    MORTISE_TRY_ASSIGN(const mortise_object_id_t schema, scan.objects.schema_of(*v));
    add_view(scan, *v, schema);
  }
  MORTISE_TRY_ASSIGN(const auto* relations, scan.objects.relations());
  for (const RelationPtr& r : *relations) add_relation(scan, *r, marks);
  MORTISE_TRY_ASSIGN(const auto* indexes, scan.objects.indexes());
  for (const IndexPtr& i : *indexes)
    MORTISE_TRY(add_class(scan, Class{nullptr, i, nullptr}, marks));
  return {};
}

Status fill_pg_attribute(Scan& scan) {
  if (const auto id = scan.wanted_oid("attrelid")) {
    MORTISE_TRY_ASSIGN(const Class c, scan.objects.find_class(*id));
    return add_columns_of(scan, c);
  }
  for (const mortise_sysview_t* v : scan.objects.providers().views()) add_columns_of(scan, *v);
  MORTISE_TRY_ASSIGN(const auto* relations, scan.objects.relations());
  for (const RelationPtr& r : *relations) add_columns_of(scan, *r);
  MORTISE_TRY_ASSIGN(const auto* indexes, scan.objects.indexes());
  for (const IndexPtr& i : *indexes) MORTISE_TRY(add_columns_of(scan, *i));
  return {};
}

Status fill_pg_attrdef(Scan& scan) {
  if (const auto id = scan.wanted_oid("adrelid")) {
    MORTISE_TRY_ASSIGN(const RelationPtr r, scan.objects.relation(*id));
    return r == nullptr ? Status() : add_defaults_of(scan, *r);
  }
  MORTISE_TRY_ASSIGN(const auto* relations, scan.objects.relations());
  for (const RelationPtr& r : *relations) MORTISE_TRY(add_defaults_of(scan, *r));
  return {};
}

Status fill_pg_index(Scan& scan) {
  std::vector<IndexPtr> list;
  if (const auto index = scan.wanted_oid("indexrelid")) {
    MORTISE_TRY_ASSIGN(const IndexPtr i, scan.objects.index(*index));
    if (i != nullptr) list.push_back(i);
  } else if (const auto relation = scan.wanted_oid("indrelid")) {
    MORTISE_TRY_ASSIGN(const RelationPtr r, scan.objects.relation(*relation));
    if (r != nullptr) {
      MORTISE_TRY_ASSIGN(list, scan.objects.indexes_of(*r));
    }
  } else {
    MORTISE_TRY_ASSIGN(const auto* all, scan.objects.indexes());
    list = *all;
  }
  std::unordered_set<mortise_object_id_t> deferrable;
  if (scan.is_wanted("indimmediate")) {
    MORTISE_TRY_ASSIGN(const auto* constraints, scan.objects.constraints());
    for (const ConstraintPtr& c : *constraints) {
      if (c->is_deferrable && c->kind != 'f') deferrable.insert(c->index);
    }
  }
  for (const IndexPtr& i : list) MORTISE_TRY(add_index_row(scan, *i, deferrable));
  return {};
}

Status fill_pg_sequence(Scan& scan) {
  std::vector<RelationPtr> list;
  if (const auto id = scan.wanted_oid("seqrelid")) {
    MORTISE_TRY_ASSIGN(const RelationPtr r, scan.objects.relation(*id));
    if (r != nullptr) list.push_back(r);
  } else {
    MORTISE_TRY_ASSIGN(const auto* all, scan.objects.relations());
    list = *all;
  }
  for (const RelationPtr& r : list) {
    if (r->kind != schema::RelationKind::sequence) continue;
    const schema::SequenceDef& s = r->sequence;
    scan.rows.add(r->id, s.type, s.start, s.increment, s.maximum, s.minimum, s.cache, s.is_cycle);
  }
  return {};
}

}  // namespace mortise::sql_catalog
