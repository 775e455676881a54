// SPDX-License-Identifier: Apache-2.0

#include "ddl/like.hpp"

namespace mortise::sql_engine {
namespace {

// Bits of a TABLE_LIKE node: PostgreSQL's.
constexpr int64_t kComments = 1;
constexpr int64_t kConstraints = 4;
constexpr int64_t kDefaults = 8;
constexpr int64_t kGenerated = 16;
constexpr int64_t kIdentity = 32;
constexpr int64_t kIndexes = 64;

// Where the other table's columns stand in the new one; UINT32_MAX for dropped ones.
using Places = std::vector<uint32_t>;

Result<std::string> comment_of(DdlRun& ddl, mortise_object_id_t object, uint32_t kind,
                               uint32_t attribute) {
  MORTISE_TRY_ASSIGN(const auto comments, ddl.catalog().list<schema::CommentDef>(object));
  for (const auto& stored : comments) {
    const schema::CommentDef& comment = stored.definition;
    if (comment.kind == kind && comment.attribute == attribute) return comment.text;
  }
  return std::string();
}

Status put_comment(DdlRun& ddl, mortise_object_id_t object, uint32_t kind, uint32_t attribute,
                   std::string text) {
  if (text.empty()) return {};
  schema::CommentDef comment;
  comment.object = object;
  comment.kind = kind;
  comment.attribute = attribute;
  comment.text = std::move(text);
  MORTISE_TRY_ASSIGN(comment.id, ddl.catalog().next_id());
  return ddl.catalog().put(comment, 0);
}

Status add_columns(DdlRun& ddl, const Relation& source, int64_t wanted,
                   schema::RelationDef& definition, LikeParts& parts, Places& places) {
  for (uint32_t i = 0; i < source.columns_count(); ++i) {
    const schema::ColumnDef& c = source.columns()[i];
    places.push_back(UINT32_MAX);
    if (c.is_dropped) continue;
    const auto place = static_cast<uint32_t>(definition.columns.size());
    places.back() = place;
    schema::ColumnDef copy;
    copy.name = c.name;
    copy.type = c.type;
    copy.is_not_null = c.is_not_null;
    const bool takes_default =
        c.generated != 0 ? (wanted & kGenerated) != 0 : (wanted & kDefaults) != 0;
    if (takes_default && c.identity == 0) {
      copy.has_default = c.has_default;
      copy.default_text = c.default_text;
      copy.generated = c.generated;
    }
    if (c.identity != 0 && (wanted & kIdentity) != 0) {
      MORTISE_TRY_ASSIGN(const auto sequence, ddl.catalog().get<schema::RelationDef>(c.sequence));
      if (!sequence) return internal("an identity column's sequence has vanished");
      copy.identity = c.identity;
      parts.sequences[place] = sequence->definition.sequence;
    }
    if ((wanted & kComments) != 0) {
      MORTISE_TRY_ASSIGN(parts.comments[place],
                         comment_of(ddl, source.id(), MORTISE_KIND_RELATION, i + 1));
    }
    definition.columns.push_back(std::move(copy));
  }
  return {};
}

Status add_checks(DdlRun& ddl, const Relation& source, int64_t wanted, const Places& places,
                  LikeParts& parts) {
  for (const schema::ConstraintDef& c : source.constraints) {
    if (c.kind != 'c') continue;
    LikeParts::Check check{c, {}};
    for (uint32_t& column : check.definition.columns) column = places[column];
    if ((wanted & kComments) != 0) {
      MORTISE_TRY_ASSIGN(check.comment, comment_of(ddl, c.id, MORTISE_KIND_CONSTRAINT, 0));
    }
    parts.checks.push_back(std::move(check));
  }
  return {};
}

Status add_indexes(DdlRun& ddl, const Relation& source, int64_t wanted, const Places& places,
                   LikeParts& parts) {
  for (const IndexInfo& info : source.indexes) {
    const schema::IndexDef& index = info.definition;
    LikeParts::Index made;
    made.request.method = index.method;
    made.request.flags = index.flags;
    made.request.expressions = index.expressions;
    made.request.types = index.types;
    made.request.includes_count = index.includes_count;
    made.request.is_unique = index.is_unique;
    made.request.is_primary = index.is_primary;
    made.request.is_nulls_not_distinct = index.is_nulls_not_distinct;
    made.request.predicate = index.predicate;
    for (const uint32_t column : index.columns) {
      made.request.columns.push_back(column == kExpressionColumn ? column : places[column]);
    }
    for (const schema::ConstraintDef& c : source.constraints) {
      if (c.index == index.id && c.kind != 'f') made.constraint_kind = c.kind;
    }
    if ((wanted & kComments) != 0) {
      MORTISE_TRY_ASSIGN(made.comment, comment_of(ddl, index.id, MORTISE_KIND_INDEX, 0));
    }
    parts.indexes.push_back(std::move(made));
  }
  return {};
}

// PostgreSQL's name for an index without one: the columns of keys, included ones too otherwise.
std::string index_columns(const Relation& relation, const LikeParts::Index& made) {
  if (made.constraint_kind == 'p') return {};
  size_t count = made.request.columns.size();
  if (made.constraint_kind == 'u') count -= made.request.includes_count;
  std::string names;
  for (size_t i = 0; i < count; ++i) {
    if (i > 0) names.append("_");
    names.append(relation.columns()[made.request.columns[i]].name);
  }
  return names;
}

Status make_like_index(DdlRun& ddl, mortise_object_id_t table, LikeParts::Index made) {
  MORTISE_TRY_ASSIGN(const RelationPtr relation, ddl.reload(table));
  const char kind = made.constraint_kind;
  const std::string suffix = kind == 'p' ? "pkey" : kind == 'u' ? "key" : "idx";
  MORTISE_TRY_ASSIGN(made.request.name,
                     free_name(ddl, relation->definition.schema, relation->name(),
                               index_columns(*relation, made), suffix));
  schema::ConstraintDef constraint;
  constraint.relation = table;
  constraint.name = made.request.name;
  constraint.kind = kind;
  constraint.columns.assign(made.request.columns.begin(),
                            made.request.columns.end() - made.request.includes_count);
  MORTISE_TRY_ASSIGN(const schema::IndexDef index,
                     make_index(ddl, relation, std::move(made.request)));
  MORTISE_TRY(put_comment(ddl, index.id, MORTISE_KIND_INDEX, 0, std::move(made.comment)));
  if (kind == 0) return ddl.changed();
  constraint.index = index.id;
  MORTISE_TRY_ASSIGN(constraint.id, ddl.catalog().next_id());
  MORTISE_TRY(ddl.catalog().put(constraint, 0));
  MORTISE_TRY_ASSIGN(auto stored, ddl.catalog().get<schema::RelationDef>(table));
  if (!stored) return internal("a constraint's relation has vanished");
  return ddl.put_relation(stored->definition, stored->version);
}

}  // namespace

Status add_like(DdlRun& ddl, Node element, schema::RelationDef& definition, LikeParts& parts) {
  const Node table = element[0];
  MORTISE_TRY_ASSIGN(
      const RelationPtr source,
      ddl.relation(table[0], table.position(), MORTISE_OBJECT_OTHER, false, MORTISE_MODE_SCHEMA_S));
  const int64_t wanted = element.number();
  Places places;
  MORTISE_TRY(add_columns(ddl, *source, wanted, definition, parts, places));
  if ((wanted & kConstraints) != 0) {
    MORTISE_TRY(add_checks(ddl, *source, wanted, places, parts));
  }
  if ((wanted & kIndexes) == 0) return {};
  return add_indexes(ddl, *source, wanted, places, parts);
}

Status finish_like(DdlRun& ddl, mortise_object_id_t table, LikeParts parts) {
  for (LikeParts::Check& check : parts.checks) {
    MORTISE_TRY_ASSIGN(check.definition.id, ddl.catalog().next_id());
    check.definition.relation = table;
    MORTISE_TRY(ddl.catalog().put(check.definition, 0));
    MORTISE_TRY(put_comment(ddl, check.definition.id, MORTISE_KIND_CONSTRAINT, 0,
                            std::move(check.comment)));
  }
  for (auto& [column, text] : parts.comments) {
    MORTISE_TRY(put_comment(ddl, table, MORTISE_KIND_RELATION, column + 1, std::move(text)));
  }
  MORTISE_TRY(ddl.changed());
  for (LikeParts::Index& index : parts.indexes) {
    MORTISE_TRY(make_like_index(ddl, table, std::move(index)));
  }
  return {};
}

}  // namespace mortise::sql_engine
