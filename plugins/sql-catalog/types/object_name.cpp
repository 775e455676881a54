// SPDX-License-Identifier: Apache-2.0
#include "types/object_name.hpp"

#include <algorithm>

#include "definition/type_name.hpp"
#include "mortise/cpp/sql_text.hpp"
#include "text/identifier.hpp"
#include "text/words.hpp"
#include "types/physical.hpp"

namespace mortise::sql_catalog {
namespace {

using Found = Result<std::optional<uint32_t>>;

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// The last part of a name whose schema, if it has one, is pg_catalog; "" if it is another.
Result<std::string> name_in_catalog(std::string_view text) {
  MORTISE_TRY_ASSIGN(const std::vector<std::string> parts, split_name(text));
  const bool is_elsewhere =
      parts.size() > 2 || (parts.size() == 2 && parts.front() != "pg_catalog");
  return is_elsewhere ? std::string() : parts.back();
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::optional<uint32_t> if_not_zero(uint32_t oid) {
  if (oid == 0) return std::nullopt;
  return oid;
}

Found find_function(Objects& objects, std::string_view text) {
  MORTISE_TRY_ASSIGN(const std::string name, name_in_catalog(text));
  const auto found = objects.providers().functions(name);
  if (found.size() > 1) {
    return Status(Code::invalid, "42725", "more than one function named \"" + name + "\"");
  }
  return found.empty() ? std::optional<uint32_t>() : std::optional<uint32_t>(found.front()->oid);
}

// "name(type, type)" into the name and the types' numbers.
Result<std::vector<uint32_t>> split_signature(Objects& objects, std::string_view text,
                                              std::string_view& name) {
  const size_t open = text.find('(');
  const size_t end = text.rfind(')');
  if (open == std::string_view::npos || end == std::string_view::npos || end < open) {
    return Status(Code::invalid, "22P02", "expected a left parenthesis");
  }
  name = trimmed(text.substr(0, open));
  std::vector<uint32_t> types;
  const std::string_view inner = trimmed(text.substr(open + 1, end - open - 1));
  if (inner.empty()) return types;
  for (const std::string_view word : words(inner, ",")) {
    const std::string_view type = trimmed(word);
    if (type == "none" || type == "NONE") {
      types.push_back(0);
      continue;
    }
    MORTISE_TRY_ASSIGN(const uint32_t oid, find_type_named(objects, type));
    if (oid == 0) {
      return Status(Code::not_found, "42704", "type \"" + std::string(type) + "\" does not exist");
    }
    types.push_back(oid);
  }
  return types;
}

Found find_procedure(Objects& objects, std::string_view text) {
  std::string_view name;
  MORTISE_TRY_ASSIGN(const std::vector<uint32_t> types, split_signature(objects, text, name));
  MORTISE_TRY_ASSIGN(const std::string bare, name_in_catalog(name));
  for (const Function* f : objects.providers().functions(bare)) {
    if (f->arguments == types) return std::optional<uint32_t>(f->oid);
  }
  return std::optional<uint32_t>();
}

Found find_operator(Objects& objects, std::string_view text, bool has_types) {
  std::string_view name = text;
  std::vector<uint32_t> types;
  if (has_types) {
    MORTISE_TRY_ASSIGN(types, split_signature(objects, text, name));
  }
  constexpr std::string_view kSchema = "pg_catalog.";
  if (name.starts_with(kSchema)) name.remove_prefix(kSchema.size());
  std::optional<uint32_t> found;
  for (const Operator& o : objects.providers().operators()) {
    if (o.name != name) continue;
    if (has_types) {
      if (types.size() == 2 && o.left == types[0] && o.right == types[1]) found = o.oid;
      continue;
    }
    if (found) {
      return Status(Code::invalid, "42725", "more than one operator named " + std::string(name));
    }
    found = o.oid;
  }
  return found;
}

Found find_schema(Objects& objects, std::string_view text) {
  MORTISE_TRY_ASSIGN(const std::vector<std::string> parts, split_name(text));
  if (parts.size() != 1) return Status(Code::invalid, "42602", "invalid name syntax");
  MORTISE_TRY_ASSIGN(const SchemaDef* s, objects.schema(parts[0]));
  return s == nullptr ? std::optional<uint32_t>() : std::optional<uint32_t>(s->id);
}

Found find_role(Objects& objects, std::string_view text) {
  MORTISE_TRY_ASSIGN(const std::vector<std::string> parts, split_name(text));
  if (parts.size() != 1) return Status(Code::invalid, "42602", "invalid name syntax");
  MORTISE_TRY_ASSIGN(const RoleDef* r, objects.role(parts[0]));
  return r == nullptr ? std::optional<uint32_t>() : std::optional<uint32_t>(r->id);
}

struct CollationName {
  uint32_t oid;
  std::string_view name;
};
constexpr CollationName kCollations[] = {{100, "default"}, {950, "C"}, {951, "POSIX"}};

Found find_collation(std::string_view text) {
  MORTISE_TRY_ASSIGN(const std::string name, name_in_catalog(text));
  for (const CollationName& c : kCollations) {
    if (c.name == name) return std::optional<uint32_t>(c.oid);
  }
  return std::optional<uint32_t>();
}

std::string_view noun_of(uint32_t reg_type) {
  switch (reg_type) {
    case MORTISE_SQL_REGPROC:
    case kSqlRegProcedure:
      return "function";
    case kSqlRegOper:
    case kSqlRegOperator:
      return "operator";
    case MORTISE_SQL_REGTYPE:
      return "type";
    case kSqlRegNamespace:
      return "schema";
    case kSqlRegRole:
      return "role";
    case kSqlRegCollation:
      return "collation";
    case kSqlRegConfig:
      return "text search configuration";
    case kSqlRegDictionary:
      return "text search dictionary";
    default:
      return "relation";
  }
}

// A name as messages show it: its parts with dots, without quotes.
std::string shown_name(std::string_view text) {
  const Result<std::vector<std::string>> parts = split_name(text);
  if (!parts) return std::string(text);
  std::string name;
  for (const std::string& part : *parts) name += (name.empty() ? "" : ".") + part;
  return name;
}

Status not_there(uint32_t reg_type, std::string_view text) {
  const std::string name = shown_name(text);
  switch (reg_type) {
    case MORTISE_SQL_REGCLASS:
      return {Code::not_found, "42P01", "relation \"" + name + "\" does not exist"};
    case kSqlRegOper:
    case kSqlRegOperator:
      return {Code::not_found, "42883", "operator does not exist: " + name};
    case MORTISE_SQL_REGPROC:
    case kSqlRegProcedure:
      return {Code::not_found, "42883", "function \"" + name + "\" does not exist"};
    case kSqlRegNamespace:
      return {Code::not_found, "3F000", "schema \"" + name + "\" does not exist"};
    case kSqlRegCollation:
      return {Code::not_found, "42704",
              "collation \"" + name + "\" for encoding \"UTF8\" does not exist"};
    default:
      return {Code::not_found, "42704",
              std::string(noun_of(reg_type)) + " \"" + name + "\" does not exist"};
  }
}

std::string signature_of(const Providers& providers, const std::string& name,
                         const std::vector<uint32_t>& types) {
  std::string text = name + "(";
  for (size_t i = 0; i < types.size(); ++i) {
    if (i > 0) text += ",";
    text += types[i] == 0 ? "NONE" : format_type(providers, types[i], std::nullopt);
  }
  return text + ")";
}

std::string name_of_function(const Providers& providers, uint32_t oid, bool has_types) {
  const Function* f = providers.function(oid);
  if (f == nullptr) return std::to_string(oid);
  const std::string name = quote_identifier(f->name);
  if (has_types) return signature_of(providers, name, f->arguments);
  // A name that several have does not find this one again, so its schema is shown too.
  return providers.functions(f->name).size() > 1 ? "pg_catalog." + name : name;
}

std::string name_of_operator(const Providers& providers, uint32_t oid, bool has_types) {
  for (const Operator& o : providers.operators()) {
    if (o.oid != oid) continue;
    if (has_types) return signature_of(providers, o.name, {o.left, o.right});
    uint32_t same_count = 0;
    for (const Operator& other : providers.operators()) same_count += other.name == o.name ? 1 : 0;
    return same_count > 1 ? "pg_catalog." + o.name : o.name;
  }
  return std::to_string(oid);
}

}  // namespace

Result<uint32_t> find_type_named(Objects& objects, std::string_view text) {
  std::string_view name = trimmed(text);
  bool is_array = false;
  while (name.ends_with(']')) {
    const size_t open = name.rfind('[');
    if (open == std::string_view::npos) break;
    is_array = true;
    name = trimmed(name.substr(0, open));
  }
  const Providers& providers = objects.providers();
  // Names of several words, and those with a modifier, are those of the grammar.
  std::string plain(name);
  std::transform(plain.begin(), plain.end(), plain.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c; });
  const size_t open = plain.find('(');
  const size_t end = plain.find(')');
  if (open != std::string::npos && end != std::string::npos) plain.erase(open, end - open + 1);
  while (plain.ends_with(' ')) plain.pop_back();
  if (plain == "timestamp") plain = "timestamp without time zone";
  if (plain == "time") plain = "time without time zone";
  if (plain == "char" || plain == "character") plain = "bpchar";
  const Type* type = nullptr;
  if (name.starts_with('"') || plain.find('.') != std::string::npos) {
    MORTISE_TRY_ASSIGN(const std::string bare, name_in_catalog(name));
    type = providers.type(std::string_view(bare));
  } else {
    type = providers.type(std::string_view(plain));
  }
  if (type == nullptr) return uint32_t{0};
  return is_array ? type->array : type->oid;
}

Result<std::optional<uint32_t>> find_named(Objects& objects, uint32_t reg_type,
                                           std::string_view text) {
  const std::string_view name = trimmed(text);
  if (name == "-") return std::optional<uint32_t>(0);
  if (is_digits(name)) return std::optional<uint32_t>(number<uint32_t>(name));
  switch (reg_type) {
    case MORTISE_SQL_REGCLASS: {
      MORTISE_TRY_ASSIGN(const Class c, objects.resolve_class(name));
      return c ? std::optional<uint32_t>(c.id()) : std::optional<uint32_t>();
    }
    case MORTISE_SQL_REGTYPE: {
      MORTISE_TRY_ASSIGN(const uint32_t oid, find_type_named(objects, name));
      return if_not_zero(oid);
    }
    case MORTISE_SQL_REGPROC:
      return find_function(objects, name);
    case kSqlRegProcedure:
      return find_procedure(objects, name);
    case kSqlRegOper:
      return find_operator(objects, name, false);
    case kSqlRegOperator:
      return find_operator(objects, name, true);
    case kSqlRegNamespace:
      return find_schema(objects, name);
    case kSqlRegRole:
      return find_role(objects, name);
    case kSqlRegCollation:
      return find_collation(name);
    default:
      return std::optional<uint32_t>();
  }
}

Result<uint32_t> resolve_named(Objects& objects, uint32_t reg_type, std::string_view text) {
  MORTISE_TRY_ASSIGN(const std::optional<uint32_t> found, find_named(objects, reg_type, text));
  if (found) return *found;
  if (reg_type == MORTISE_SQL_REGCLASS) {
    MORTISE_TRY_ASSIGN(const std::vector<std::string> parts, split_name(text));
    if (parts.size() == 2) {
      MORTISE_TRY_ASSIGN(const SchemaDef* s, objects.schema(parts[0]));
      if (s == nullptr) return not_there(kSqlRegNamespace, quote_identifier(parts[0]));
    }
  }
  return not_there(reg_type, text);
}

Result<std::string> name_of_object(Objects& objects, uint32_t reg_type, uint32_t oid) {
  if (oid == 0) return reg_type == kSqlRegOper ? std::string("0") : std::string("-");
  const Providers& providers = objects.providers();
  switch (reg_type) {
    case MORTISE_SQL_REGCLASS: {
      MORTISE_TRY_ASSIGN(const Class c, objects.find_class(oid));
      if (c) return objects.name_of(c, false);
      break;
    }
    case MORTISE_SQL_REGTYPE:
      if (providers.type(oid) != nullptr) return format_type(providers, oid, std::nullopt);
      break;
    case MORTISE_SQL_REGPROC:
    case kSqlRegProcedure:
      return name_of_function(providers, oid, reg_type == kSqlRegProcedure);
    case kSqlRegOper:
    case kSqlRegOperator:
      return name_of_operator(providers, oid, reg_type == kSqlRegOperator);
    case kSqlRegNamespace: {
      MORTISE_TRY_ASSIGN(const SchemaDef* s, objects.schema(oid));
      if (s != nullptr) return quote_identifier(s->name);
      break;
    }
    case kSqlRegRole: {
      MORTISE_TRY_ASSIGN(const RoleDef* r, objects.role(oid));
      if (r != nullptr) return quote_identifier(r->name);
      break;
    }
    case kSqlRegCollation:
      for (const CollationName& c : kCollations) {
        if (c.oid == oid) return quote_identifier(c.name);
      }
      break;
    default:
      break;
  }
  return std::to_string(oid);
}

}  // namespace mortise::sql_catalog
