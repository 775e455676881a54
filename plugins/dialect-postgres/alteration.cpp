// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "reader.hpp"

namespace mortise::dialect_postgres {
namespace {

struct ObjectWord {
  std::string_view word;
  int64_t number;
};
constexpr ObjectWord kObjectWords[] = {
    {"OBJECT_TABLE", MORTISE_OBJECT_TABLE},
    {"OBJECT_VIEW", MORTISE_OBJECT_VIEW},
    {"OBJECT_MATVIEW", MORTISE_OBJECT_MATERIALIZED_VIEW},
    {"OBJECT_INDEX", MORTISE_OBJECT_INDEX},
    {"OBJECT_SEQUENCE", MORTISE_OBJECT_SEQUENCE},
    {"OBJECT_SCHEMA", MORTISE_OBJECT_SCHEMA},
    {"OBJECT_DATABASE", MORTISE_OBJECT_DATABASE},
    {"OBJECT_ROLE", MORTISE_OBJECT_ROLE},
    {"OBJECT_TYPE", MORTISE_OBJECT_TYPE},
    {"OBJECT_DOMAIN", MORTISE_OBJECT_DOMAIN},
    {"OBJECT_FUNCTION", MORTISE_OBJECT_FUNCTION},
    {"OBJECT_PROCEDURE", MORTISE_OBJECT_PROCEDURE},
    {"OBJECT_TRIGGER", MORTISE_OBJECT_TRIGGER},
    {"OBJECT_EXTENSION", MORTISE_OBJECT_EXTENSION},
    {"OBJECT_COLUMN", MORTISE_OBJECT_COLUMN},
    {"OBJECT_TABCONSTRAINT", MORTISE_OBJECT_CONSTRAINT},
    {"OBJECT_DOMCONSTRAINT", MORTISE_OBJECT_CONSTRAINT},
    {"OBJECT_AGGREGATE", MORTISE_OBJECT_AGGREGATE},
    {"OBJECT_ATTRIBUTE", MORTISE_OBJECT_ATTRIBUTE},
};

int64_t object_number(std::string_view word) {
  for (const ObjectWord& o : kObjectWords) {
    if (o.word == word) return o.number;
  }
  return MORTISE_OBJECT_OTHER;
}

struct AlterWord {
  std::string_view word;
  int64_t number;
};
constexpr AlterWord kAlterWords[] = {
    {"AT_AddColumn", MORTISE_ALTER_ADD_COLUMN},
    {"AT_DropColumn", MORTISE_ALTER_DROP_COLUMN},
    {"AT_AlterColumnType", MORTISE_ALTER_COLUMN_TYPE},
    {"AT_ColumnDefault", MORTISE_ALTER_COLUMN_DEFAULT},
    {"AT_SetNotNull", MORTISE_ALTER_SET_NOT_NULL},
    {"AT_DropNotNull", MORTISE_ALTER_DROP_NOT_NULL},
    {"AT_AddConstraint", MORTISE_ALTER_ADD_CONSTRAINT},
    {"AT_DropConstraint", MORTISE_ALTER_DROP_CONSTRAINT},
    {"AT_ValidateConstraint", MORTISE_ALTER_VALIDATE_CONSTRAINT},
    {"AT_ChangeOwner", MORTISE_ALTER_OWNER},
    {"AT_SetRelOptions", MORTISE_ALTER_SET_OPTIONS},
    {"AT_ResetRelOptions", MORTISE_ALTER_RESET_OPTIONS},
    {"AT_AddIdentity", MORTISE_ALTER_IDENTITY},
    {"AT_SetIdentity", MORTISE_ALTER_IDENTITY},
    {"AT_DropIdentity", MORTISE_ALTER_IDENTITY},
};

uint32_t behaviour_flags(Json n) {
  uint32_t flags = n.text("behavior") == "DROP_CASCADE" ? MORTISE_SYNTAX_CASCADE : 0;
  if (n.flag("missing_ok")) flags |= MORTISE_SYNTAX_IF_EXISTS;
  return flags;
}

}  // namespace

// The name of an object as the grammar gives it for this kind of object: a LIST of NAMEs.
Id Reader::object_name(Json node) {
  const std::string_view type = node.type();
  Json n = node.body();
  if (type == "List") return names(n["items"]);
  if (type == "TypeName") return names(n["names"]);
  if (type == "String") {
    const Id one[] = {tree_.name(n.text("sval"))};
    return tree_.list(one);
  }
  if (type == "RoleSpec") {
    const Id one[] = {tree_.name(n.text("rolename"), position(n))};
    return tree_.list(one);
  }
  if (type == "RangeVar") {
    std::vector<Id> parts;
    if (!n.text("schemaname").empty()) parts.push_back(tree_.name(n.text("schemaname")));
    parts.push_back(tree_.name(n.text("relname"), position(n)));
    return tree_.list(parts);
  }
  if (type == "ObjectWithArgs") {
    // f(int, text): the name, then the argument types as a nested list.
    std::vector<Id> parts;
    n.each("objname", [&](Json p) { parts.push_back(tree_.name(p.body().text("sval"))); });
    const Id types = list(n["objargs"], [this](Json a) { return type_name(a.body()); });
    if (types != 0) parts.push_back(types);
    return tree_.list(parts);
  }
  return tree_.refuse(type);
}

Id Reader::drop(Json n) {
  uint32_t flags = behaviour_flags(n);
  if (n.flag("concurrent")) flags |= MORTISE_SYNTAX_CONCURRENTLY;
  std::vector<Id> objects;
  n.each("objects", [&](Json e) { objects.push_back(object_name(e)); });
  const int64_t number = object_number(n.text("removeType"));
  if (number == MORTISE_OBJECT_OTHER) return tree_.refuse("DROP of this kind of object");
  return tree_.node(MORTISE_SYNTAX_DROP, {.flags = flags, .number = number}, objects);
}

Id Reader::alter_table(Json n) {
  const Id commands = list(n["cmds"], [this](Json e) { return alter_command(e.body()); });
  return tree_.node(MORTISE_SYNTAX_ALTER_TABLE,
                    {.flags = n.flag("missing_ok") ? MORTISE_SYNTAX_IF_EXISTS : 0,
                     .number = object_number(n.text("objtype"))},
                    {table(n["relation"]), commands});
}

Id Reader::alter_command(Json n) {
  const std::string_view subtype = n.text("subtype");
  Facts facts{.flags = behaviour_flags(n), .text = n.text("name"), .number = MORTISE_ALTER_OTHER};
  for (const AlterWord& w : kAlterWords) {
    if (w.word == subtype) facts.number = w.number;
  }
  const Json def = n["def"];
  Id definition = 0;
  Id conversion = 0;
  switch (facts.number) {
    case MORTISE_ALTER_ADD_COLUMN:
      definition = column_def(def.body());
      facts.position_bytes = position(def.body());
      break;
    case MORTISE_ALTER_COLUMN_TYPE:
      definition = column_def(def.body());
      conversion = expression(def.body()["raw_default"]);
      facts.position_bytes = position(def.body());
      break;
    case MORTISE_ALTER_COLUMN_DEFAULT:
      definition = expression(def);
      break;
    case MORTISE_ALTER_ADD_CONSTRAINT:
      definition = constraint(def.body());
      break;
    case MORTISE_ALTER_OWNER:
      facts.text = n["newowner"].text("rolename");
      break;
    case MORTISE_ALTER_SET_OPTIONS:
    case MORTISE_ALTER_RESET_OPTIONS:
      definition = options(def.body()["items"]);
      break;
    case MORTISE_ALTER_IDENTITY:
      facts.flags |= subtype == "AT_AddIdentity"   ? MORTISE_SYNTAX_FLAG_A
                     : subtype == "AT_SetIdentity" ? MORTISE_SYNTAX_FLAG_B
                                                   : MORTISE_SYNTAX_FLAG_C;
      if (subtype == "AT_AddIdentity" && def.body().text("generated_when") == "a") {
        facts.flags |= MORTISE_SYNTAX_ALL;
      }
      definition =
          options(subtype == "AT_SetIdentity" ? def.body()["items"] : def.body()["options"]);
      break;
    case MORTISE_ALTER_OTHER:
      facts.text = subtype;
      break;
    default:
      break;
  }
  return tree_.node(MORTISE_SYNTAX_ALTER_COMMAND, facts, {definition, conversion});
}

Id Reader::rename(Json n) {
  const Json relation = n["relation"];
  const std::string_view sub_name = n.text("subname");
  const int64_t number = object_number(n.text("renameType"));
  Id object = 0;
  if (relation) {
    object = table(relation);
  } else if (n["object"]) {
    object = object_name(n["object"]);
  } else {  // roles, schemas and databases: the name itself stands in subname
    const Id one[] = {tree_.name(sub_name)};
    object = tree_.list(one);
  }
  return tree_.node(MORTISE_SYNTAX_RENAME,
                    {.flags = behaviour_flags(n), .text = n.text("newname"), .number = number},
                    {object, sub_name.empty() ? 0 : tree_.name(sub_name)});
}

Id Reader::comment(Json n) {
  const Json text = n["comment"];
  return tree_.node(MORTISE_SYNTAX_COMMENT,
                    {.flags = text ? 0 : MORTISE_SYNTAX_NOT,
                     .text = text.text(),
                     .number = object_number(n.text("objtype"))},
                    {object_name(n["object"])});
}

Id Reader::grant(std::string_view type, Json n) {
  const bool is_roles = type == "GrantRoleStmt";
  uint32_t flags = n.flag("is_grant") ? MORTISE_SYNTAX_FLAG_A : 0;
  if (n.flag("grant_option") || n.flag("admin_opt")) flags |= MORTISE_SYNTAX_FLAG_B;
  flags |= behaviour_flags(n);
  const auto privilege = [this](Json e) {
    if (e.body()["cols"]) return tree_.refuse("privileges on columns");
    return tree_.name(e.body().text("priv_name"));
  };
  const auto role = [this](Json e) {
    const std::string_view kind = e.body().text("roletype");
    return tree_.name(kind == "ROLESPEC_PUBLIC" ? "public" : e.body().text("rolename"),
                      position(e.body()));
  };
  if (is_roles) {
    return tree_.node(MORTISE_SYNTAX_GRANT, {.flags = flags, .number = 0},
                      {list(n["granted_roles"], privilege), 0, list(n["grantee_roles"], role)});
  }
  if (n.text("targtype") != "ACL_TARGET_OBJECT") return tree_.refuse("GRANT on this target");
  return tree_.node(
      MORTISE_SYNTAX_GRANT, {.flags = flags, .number = object_number(n.text("objtype"))},
      {list(n["privileges"], privilege),
       list(n["objects"], [this](Json e) { return object_name(e); }), list(n["grantees"], role)});
}

Id Reader::alteration(std::string_view type, Json n) {
  const auto altered = [&](int64_t object, Id name) {
    return tree_.node(
        MORTISE_SYNTAX_ALTER,
        {.flags = n.flag("missing_ok") ? MORTISE_SYNTAX_IF_EXISTS : 0, .number = object},
        {name, options(n["options"])});
  };
  const auto single = [&](std::string_view name) {
    const Id one[] = {tree_.name(name)};
    return tree_.list(one);
  };
  if (type == "DropStmt") return drop(n);
  if (type == "AlterTableStmt") return alter_table(n);
  if (type == "RenameStmt") return rename(n);
  if (type == "CommentStmt") return comment(n);
  if (type == "GrantStmt" || type == "GrantRoleStmt") return grant(type, n);
  if (type == "DropRoleStmt") {
    std::vector<Id> roles;
    n.each("roles", [&](Json e) { roles.push_back(object_name(e)); });
    return tree_.node(MORTISE_SYNTAX_DROP,
                      {.flags = behaviour_flags(n), .number = MORTISE_OBJECT_ROLE}, roles);
  }
  if (type == "DropdbStmt") {
    return tree_.node(MORTISE_SYNTAX_DROP,
                      {.flags = behaviour_flags(n), .number = MORTISE_OBJECT_DATABASE},
                      {single(n.text("dbname"))});
  }
  if (type == "AlterObjectSchemaStmt") {
    return tree_.node(MORTISE_SYNTAX_ALTER_SCHEMA,
                      {.flags = n.flag("missing_ok") ? MORTISE_SYNTAX_IF_EXISTS : 0,
                       .text = n.text("newschema"),
                       .number = object_number(n.text("objectType"))},
                      {n["relation"] ? table(n["relation"]) : object_name(n["object"])});
  }
  if (type == "AlterSeqStmt") {
    const Json sequence = n["sequence"];
    std::vector<Id> parts;
    if (!sequence.text("schemaname").empty()) {
      parts.push_back(tree_.name(sequence.text("schemaname")));
    }
    parts.push_back(tree_.name(sequence.text("relname"), position(sequence)));
    return altered(MORTISE_OBJECT_SEQUENCE, tree_.list(parts));
  }
  if (type == "AlterRoleStmt") {
    return altered(MORTISE_OBJECT_ROLE, single(n["role"].text("rolename")));
  }
  if (type == "AlterDatabaseStmt") {
    return altered(MORTISE_OBJECT_DATABASE, single(n.text("dbname")));
  }
  return 0;
}

}  // namespace mortise::dialect_postgres
