// SPDX-License-Identifier: Apache-2.0

#include "session/session_names.hpp"

#include "mortise/cpp/assert.hpp"

namespace mortise::sql_engine {

std::vector<std::string> split_names(std::string_view list) {
  std::vector<std::string> names;
  size_t at = 0;
  while (at < list.size()) {
    while (at < list.size() && (list[at] == ' ' || list[at] == ',')) ++at;
    if (at >= list.size()) break;
    std::string name;
    if (list[at] == '"') {
      for (++at; at < list.size(); ++at) {
        if (list[at] == '"' && (at + 1 >= list.size() || list[at + 1] != '"')) break;
        if (list[at] == '"') ++at;
        name.push_back(list[at]);
      }
      ++at;
    } else {
      for (; at < list.size() && list[at] != ','; ++at) {
        const char c = list[at];
        name.push_back(static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c));
      }
      while (!name.empty() && name.back() == ' ') name.pop_back();
    }
    names.push_back(std::move(name));
  }
  return names;
}

void SessionNames::set_search_path(std::string_view path) {
  path_ = split_names(path);
}

Status SessionNames::open(mortise_txn_t* txn) {
  close();
  epoch_ = services_.catalog->epoch();  // before the view (E1 of relation_cache.hpp)
  txn_ = txn;
  if (txn != nullptr) services_.txn->view(txn, &view_);
  // Before its first snapshot a transaction keeps nothing readable, and has changed nothing.
  if (txn != nullptr && view_.snapshot != 0) {
    const mortise_scn_t newest = services_.txn->visible_scn();
    if (newest > view_.snapshot) view_.snapshot = newest;
    view_.command = UINT32_MAX;
  } else {
    ErrorSlot error;
    MORTISE_TRY(error.status(services_.txn->read_open(0, &view_, error.get())));
    has_read_view_ = true;
  }
  is_open_ = true;
  if (schemas_epoch_ != epoch_ || has_own_changes_) schemas_.clear();
  if (schemas_epoch_ != epoch_) own_.clear();  // others have changed something, too
  schemas_epoch_ = epoch_;
  return {};
}

void SessionNames::close() {
  if (has_read_view_) services_.txn->read_close(&view_);
  has_read_view_ = false;
  is_open_ = false;
  txn_ = nullptr;
}

void SessionNames::note_change() {
  has_own_changes_ = true;
  own_.clear();
  schemas_.clear();
}

void SessionNames::end_transaction() {
  has_own_changes_ = false;
  own_.clear();
  schemas_.clear();
  schemas_epoch_ = 0;
}

Result<schema::SchemaDef> SessionNames::find_schema(std::string_view name) {
  MORTISE_ASSERT(is_open_);
  const auto known = schemas_.find(name);
  if (known != schemas_.end()) return known->second;
  MORTISE_TRY_ASSIGN(auto found, catalog().find<schema::SchemaDef>(database_id_, name));
  schema::SchemaDef schema;
  if (found) schema = std::move(found->definition);
  schemas_.emplace(std::string(name), schema);
  return schema;
}

Result<std::vector<schema::SchemaDef>> SessionNames::existing_path() {
  std::vector<schema::SchemaDef> result;
  for (const std::string& name : path_) {
    MORTISE_TRY_ASSIGN(schema::SchemaDef schema, find_schema(name == "$user" ? user_ : name));
    if (schema.id != 0) result.push_back(std::move(schema));
  }
  return result;
}

Result<schema::SchemaDef> SessionNames::creation_schema() {
  MORTISE_TRY_ASSIGN(std::vector<schema::SchemaDef> schemas, existing_path());
  for (schema::SchemaDef& schema : schemas) {
    if (schema.name != "pg_catalog" && schema.name != "information_schema") {
      return std::move(schema);
    }
  }
  return Status(Code::invalid, "3F000", "no schema has been selected to create in");
}

Result<bool> SessionNames::has_schema(std::string_view name) {
  if (name == "pg_catalog" || name == "information_schema" || name == "sys") return true;
  MORTISE_TRY_ASSIGN(const schema::SchemaDef schema, find_schema(name));
  return schema.id != 0;
}

const mortise_sysview_t* SessionNames::system_view(std::string_view schema,
                                                   std::string_view name) const {
  const auto found =
      services_.system_views.find(std::make_pair(std::string(schema), std::string(name)));
  return found == services_.system_views.end() ? nullptr : found->second;
}

Result<RelationPtr> SessionNames::relation_in(const schema::SchemaDef& schema,
                                              std::string_view name) {
  if (!has_own_changes_) {
    return services_.relations->find(catalog(), epoch_, schema.id, schema.name, name);
  }
  const auto key = std::make_pair(schema.id, std::string(name));
  const auto known = own_.find(key);
  if (known != own_.end()) return known->second;
  MORTISE_TRY_ASSIGN(auto stored, catalog().find<schema::RelationDef>(schema.id, name));
  RelationPtr relation;
  if (stored) {
    MORTISE_TRY_ASSIGN(relation,
                       load_relation(services_, catalog(), std::move(*stored), schema.name));
  }
  own_.emplace(key, relation);
  return relation;
}

Result<Names::Found> SessionNames::find_relation(std::string_view schema_name,
                                                 std::string_view name) {
  Found found;
  if (!schema_name.empty()) {
    found.view = system_view(schema_name, name);
    if (found.view != nullptr) return found;
    MORTISE_TRY_ASSIGN(const schema::SchemaDef schema, find_schema(schema_name));
    if (schema.id != 0) {
      MORTISE_TRY_ASSIGN(found.relation, relation_in(schema, name));
    }
    return found;
  }
  bool names_catalog = false;
  for (const std::string& entry : path_) names_catalog = names_catalog || entry == "pg_catalog";
  if (!names_catalog) {
    found.view = system_view("pg_catalog", name);
    if (found.view != nullptr) return found;
  }
  for (const std::string& entry : path_) {
    const std::string& real = entry == "$user" ? user_ : entry;
    found.view = system_view(real, name);
    if (found.view != nullptr) return found;
    MORTISE_TRY_ASSIGN(const schema::SchemaDef schema, find_schema(real));
    if (schema.id == 0) continue;
    MORTISE_TRY_ASSIGN(found.relation, relation_in(schema, name));
    if (found.relation != nullptr) return found;
  }
  return found;
}

}  // namespace mortise::sql_engine
