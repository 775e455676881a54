// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "reader.hpp"

namespace mortise::dialect_postgres {

// The value of an option: literals of the grammar's own kinds, names, types, lists, expressions.
Id Reader::option_value(Json node, uint32_t position) {
  const std::string_view type = node.type();
  Json n = node.body();
  if (type.empty()) return 0;
  if (type == "String") return tree_.node(MORTISE_SYNTAX_STRING, {.text = n.text("sval")});
  if (type == "Integer") {
    return tree_.node(MORTISE_SYNTAX_INTEGER, {.number = integer(n, position)});
  }
  if (type == "Float") return tree_.node(MORTISE_SYNTAX_NUMERIC, {.text = n.text("fval")});
  if (type == "Boolean") {
    return tree_.node(MORTISE_SYNTAX_BOOLEAN, {.number = n.flag("boolval") ? 1 : 0});
  }
  if (type == "A_Star") return tree_.node(MORTISE_SYNTAX_STAR);
  if (type == "TypeName") return type_name(n);
  if (type == "RoleSpec") return tree_.name(n.text("rolename"), Reader::position(n));
  if (type == "List") {
    std::vector<Id> entries;
    n.each("items", [&](Json e) { entries.push_back(option_value(e, position)); });
    return tree_.node(MORTISE_SYNTAX_LIST, {}, entries);
  }
  return expression(node);
}

Id Reader::options(Json entries) {
  return list(entries, [this](Json e) {
    Json o = e.body();
    const std::string_view action = o.text("defaction");
    const int64_t number = action == "DEFELEM_ADD" ? 1 : action == "DEFELEM_DROP" ? 2 : 0;
    return tree_.node(MORTISE_SYNTAX_OPTION,
                      {.position_bytes = position(o), .text = o.text("defname"), .number = number},
                      {option_value(o["arg"], position(o))});
  });
}

Id Reader::string_option(std::string_view name, std::string_view value) {
  return tree_.node(MORTISE_SYNTAX_OPTION, {.text = name},
                    {tree_.node(MORTISE_SYNTAX_STRING, {.text = value})});
}

namespace {

struct ConstraintWord {
  std::string_view word;
  int64_t number;
};
constexpr ConstraintWord kConstraintWords[] = {
    {"CONSTR_NOTNULL", MORTISE_CONSTRAINT_NOT_NULL},
    {"CONSTR_NULL", MORTISE_CONSTRAINT_NULL},
    {"CONSTR_DEFAULT", MORTISE_CONSTRAINT_DEFAULT},
    {"CONSTR_CHECK", MORTISE_CONSTRAINT_CHECK},
    {"CONSTR_PRIMARY", MORTISE_CONSTRAINT_PRIMARY_KEY},
    {"CONSTR_UNIQUE", MORTISE_CONSTRAINT_UNIQUE},
    {"CONSTR_FOREIGN", MORTISE_CONSTRAINT_FOREIGN_KEY},
    {"CONSTR_IDENTITY", MORTISE_CONSTRAINT_IDENTITY},
    {"CONSTR_GENERATED", MORTISE_CONSTRAINT_GENERATED},
};

std::string_view action_text(std::string_view letter) {
  if (letter == "c") return "cascade";
  if (letter == "n") return "set null";
  if (letter == "d") return "set default";
  if (letter == "r") return "restrict";
  return "no action";
}

std::string_view match_text(std::string_view letter) {
  return letter == "f" ? "full" : letter == "p" ? "partial" : "simple";
}

uint32_t persistence_flags(std::string_view letter) {
  return letter == "t" ? MORTISE_SYNTAX_TEMPORARY : letter == "u" ? MORTISE_SYNTAX_FLAG_A : 0;
}

int64_t on_commit_number(std::string_view word) {
  return word == "ONCOMMIT_PRESERVE_ROWS" ? 1
         : word == "ONCOMMIT_DELETE_ROWS" ? 2
         : word == "ONCOMMIT_DROP"        ? 3
                                          : 0;
}

}  // namespace

Id Reader::constraint(Json n) {
  int64_t number = 0;
  for (const ConstraintWord& w : kConstraintWords) {
    if (w.word == n.text("contype")) number = w.number;
  }
  if (number == 0) return tree_.refuse("this constraint", position(n));
  uint32_t flags = n.flag("deferrable") ? MORTISE_SYNTAX_FLAG_A : 0;
  if (n.flag("initdeferred")) flags |= MORTISE_SYNTAX_FLAG_B;
  if (n.flag("skip_validation")) flags |= MORTISE_SYNTAX_FLAG_C;
  if (n.flag("is_no_inherit")) flags |= MORTISE_SYNTAX_FLAG_D;
  if (n.flag("nulls_not_distinct")) flags |= MORTISE_SYNTAX_NOT;
  if (number == MORTISE_CONSTRAINT_IDENTITY && n.text("generated_when") == "a") {
    flags |= MORTISE_SYNTAX_ALL;
  }
  const bool is_foreign = number == MORTISE_CONSTRAINT_FOREIGN_KEY;
  Id extra = options(n["options"]);
  if (is_foreign) {
    const Id facts[] = {string_option("match", match_text(n.text("fk_matchtype"))),
                        string_option("on_update", action_text(n.text("fk_upd_action"))),
                        string_option("on_delete", action_text(n.text("fk_del_action")))};
    extra = tree_.list(facts);
    if (n["fk_del_set_cols"]) tree_.refuse("a column list in ON DELETE SET", position(n));
  }
  if (!n.text("indexname").empty()) {
    const Id using_index[] = {string_option("using_index", n.text("indexname"))};
    extra = tree_.list(using_index);
  }
  return tree_.node(
      MORTISE_SYNTAX_CONSTRAINT,
      {.flags = flags, .position_bytes = position(n), .text = n.text("conname"), .number = number},
      {expression(n["raw_expr"]), names(is_foreign ? n["fk_attrs"] : n["keys"]),
       n["pktable"] ? table(n["pktable"]) : 0, names(n["pk_attrs"]), names(n["including"]), extra});
}

// The grammar gives DEFERRABLE and INITIALLY DEFERRED of a column's constraint as entries of their
// own after it; only keys and references may carry them, so they are handed on as a refusal until
// deferral exists.
Id Reader::column_def(Json n) {
  const Id constraints = list(n["constraints"], [this](Json e) {
    const std::string_view type = e.body().text("contype");
    if (type == "CONSTR_ATTR_NOT_DEFERRABLE" || type == "CONSTR_ATTR_IMMEDIATE") return Id{0};
    if (type.starts_with("CONSTR_ATTR_")) {
      return tree_.refuse("a deferrable constraint in a column definition", position(e.body()));
    }
    return constraint(e.body());
  });
  if (!n.text("compression").empty()) tree_.refuse("COMPRESSION", position(n));
  return tree_.node(MORTISE_SYNTAX_COLUMN_DEF,
                    {.position_bytes = position(n), .text = n.text("colname")},
                    {n["typeName"] ? type_name(n["typeName"]) : 0, constraints,
                     names(n["collClause"]["collname"])});
}

Id Reader::table_element(Json node) {
  const std::string_view type = node.type();
  if (type == "ColumnDef") return column_def(node.body());
  if (type == "Constraint") return constraint(node.body());
  if (type == "TableLikeClause") {
    return tree_.node(MORTISE_SYNTAX_TABLE_LIKE, {.number = node.body().number("options")},
                      {table(node.body()["relation"])});
  }
  return tree_.refuse(type);
}

Id Reader::create_table(Json n) {
  if (n["partbound"] || n["partspec"]) return tree_.refuse("partitioning");
  if (n["ofTypename"]) return tree_.refuse("CREATE TABLE ... OF");
  const Json relation = n["relation"];
  uint32_t flags = persistence_flags(relation.text("relpersistence"));
  if (n.flag("if_not_exists")) flags |= MORTISE_SYNTAX_IF_EXISTS;
  return tree_.node(
      MORTISE_SYNTAX_CREATE_TABLE, {.flags = flags, .number = on_commit_number(n.text("oncommit"))},
      {table(relation), list(n["tableElts"], [this](Json e) { return table_element(e); }),
       list(n["inhRelations"], [this](Json e) { return table(e.body()); }), options(n["options"])});
}

Id Reader::create_table_as(Json n) {
  const Json into = n["into"];
  uint32_t flags = persistence_flags(into["rel"].text("relpersistence")) & MORTISE_SYNTAX_TEMPORARY;
  if (n.flag("if_not_exists")) flags |= MORTISE_SYNTAX_IF_EXISTS;
  if (into.flag("skipData")) flags |= MORTISE_SYNTAX_FLAG_A;
  const int64_t object = n.text("objtype") == "OBJECT_MATVIEW" ? MORTISE_OBJECT_MATERIALIZED_VIEW
                                                               : MORTISE_OBJECT_TABLE;
  const Json source = n["query"];
  const Id body =
      source.type() == "ExecuteStmt" ? tree_.refuse("CREATE TABLE AS EXECUTE") : query(source);
  return tree_.node(MORTISE_SYNTAX_CREATE_TABLE_AS, {.flags = flags, .number = object},
                    {table(into["rel"]), body, names(into["colNames"]), options(into["options"])});
}

Id Reader::index_elements(Json entries) {
  return list(entries, [this](Json e) {
    Json n = e.body();
    uint32_t flags = n.text("ordering") == "SORTBY_DESC" ? MORTISE_SYNTAX_DESCENDING : 0;
    if (n.text("nulls_ordering") == "SORTBY_NULLS_FIRST") flags |= MORTISE_SYNTAX_NULLS_FIRST;
    if (n.text("nulls_ordering") == "SORTBY_NULLS_LAST") flags |= MORTISE_SYNTAX_NULLS_LAST;
    return tree_.node(MORTISE_SYNTAX_INDEX_ELEMENT, {.flags = flags, .text = n.text("name")},
                      {expression(n["expr"]), names(n["collation"]), names(n["opclass"])});
  });
}

Id Reader::create_index(Json n) {
  uint32_t flags = n.flag("unique") ? MORTISE_SYNTAX_UNIQUE : 0;
  if (n.flag("concurrent")) flags |= MORTISE_SYNTAX_CONCURRENTLY;
  if (n.flag("if_not_exists")) flags |= MORTISE_SYNTAX_IF_EXISTS;
  if (n.flag("nulls_not_distinct")) flags |= MORTISE_SYNTAX_NOT;
  const std::string_view method = n.text("accessMethod");
  return tree_.node(MORTISE_SYNTAX_CREATE_INDEX, {.flags = flags, .text = n.text("idxname")},
                    {table(n["relation"]), index_elements(n["indexParams"]),
                     index_elements(n["indexIncludingParams"]), expression(n["whereClause"]),
                     options(n["options"]), method.empty() ? 0 : tree_.name(method)});
}

Id Reader::create_view(Json n) {
  const Json view = n["view"];
  uint32_t flags = persistence_flags(view.text("relpersistence")) & MORTISE_SYNTAX_TEMPORARY;
  if (n.flag("replace")) flags |= MORTISE_SYNTAX_OR_REPLACE;
  const std::string_view check = n.text("withCheckOption");
  const int64_t number = check == "LOCAL_CHECK_OPTION"      ? 1
                         : check == "CASCADED_CHECK_OPTION" ? 2
                                                            : 0;
  return tree_.node(MORTISE_SYNTAX_CREATE_VIEW, {.flags = flags, .text = text_, .number = number},
                    {table(view), names(n["aliases"]), query(n["query"]), options(n["options"])});
}

// Objects whose definition is a name and options.
Id Reader::create_named(std::string_view type, Json n) {
  uint32_t flags = n.flag("if_not_exists") ? MORTISE_SYNTAX_IF_EXISTS : 0;
  Facts facts;
  Id name = 0;
  Id extra = 0;
  Id settings = options(n["options"]);
  if (type == "CreateSeqStmt") {
    const Json sequence = n["sequence"];
    flags |= persistence_flags(sequence.text("relpersistence")) & MORTISE_SYNTAX_TEMPORARY;
    facts.number = MORTISE_OBJECT_SEQUENCE;
    std::vector<Id> parts;
    if (!sequence.text("schemaname").empty()) {
      parts.push_back(tree_.name(sequence.text("schemaname")));
    }
    parts.push_back(tree_.name(sequence.text("relname"), position(sequence)));
    name = tree_.list(parts);
  } else if (type == "CreateSchemaStmt") {
    facts.number = MORTISE_OBJECT_SCHEMA;
    const std::string_view owner = n["authrole"].text("rolename");
    const std::string_view own_name = n.text("schemaname");
    const Id parts[] = {tree_.name(own_name.empty() ? owner : own_name)};
    name = tree_.list(parts);
    if (n["schemaElts"]) tree_.refuse("objects inside CREATE SCHEMA");
    const Id facts_of_owner[] = {owner.empty() ? 0 : string_option("owner", owner)};
    if (!owner.empty()) settings = tree_.list(facts_of_owner);
  } else if (type == "CreateRoleStmt") {
    facts.number = MORTISE_OBJECT_ROLE;
    const Id parts[] = {tree_.name(n.text("role"))};
    name = tree_.list(parts);
    // CREATE USER is CREATE ROLE ... LOGIN.
    if (n.text("stmt_type") == "ROLESTMT_USER") facts.text = "user";
  } else if (type == "CreatedbStmt") {
    facts.number = MORTISE_OBJECT_DATABASE;
    const Id parts[] = {tree_.name(n.text("dbname"))};
    name = tree_.list(parts);
  } else if (type == "CreateExtensionStmt") {
    facts.number = MORTISE_OBJECT_EXTENSION;
    const Id parts[] = {tree_.name(n.text("extname"))};
    name = tree_.list(parts);
  } else if (type == "CreateEnumStmt") {
    facts.number = MORTISE_OBJECT_TYPE;
    name = names(n["typeName"]);
    std::vector<Id> labels;
    n.each("vals", [&](Json v) { labels.push_back(option_value(v, 0)); });
    const Id facts_of_enum[] = {tree_.node(MORTISE_SYNTAX_OPTION, {.text = "enum"},
                                           {tree_.node(MORTISE_SYNTAX_LIST, {}, labels)})};
    settings = tree_.list(facts_of_enum);
  } else {
    facts.number = MORTISE_OBJECT_DOMAIN;
    name = names(n["domainname"]);
    std::vector<Id> parts = {type_name(n["typeName"])};
    n.each("constraints", [&](Json c) { parts.push_back(constraint(c.body())); });
    extra = tree_.list(parts);
  }
  facts.flags = flags;
  return tree_.node(MORTISE_SYNTAX_CREATE, facts, {name, settings, extra});
}

Id Reader::definition(std::string_view type, Json n) {
  if (type == "CreateStmt") return create_table(n);
  if (type == "CreateTableAsStmt") return create_table_as(n);
  if (type == "IndexStmt") return create_index(n);
  if (type == "ViewStmt") return create_view(n);
  static constexpr std::string_view kNamed[] = {
      "CreateSeqStmt",       "CreateSchemaStmt", "CreateRoleStmt",  "CreatedbStmt",
      "CreateExtensionStmt", "CreateEnumStmt",   "CreateDomainStmt"};
  for (std::string_view named : kNamed) {
    if (named == type) return create_named(type, n);
  }
  return 0;
}

}  // namespace mortise::dialect_postgres
