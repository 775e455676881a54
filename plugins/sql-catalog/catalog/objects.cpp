// SPDX-License-Identifier: Apache-2.0
#include "catalog/objects.hpp"

#include <algorithm>

#include "mortise/cpp/boundary.hpp"
#include "mortise/cpp/sql_text.hpp"
#include "text/identifier.hpp"

namespace mortise::sql_catalog {
namespace {

// Carries a C++ visitor through the catalog's callback.
template <typename Visit>
struct Carrier {
  Visit& visit;
  Status status;
  static int32_t MORTISE_CALL call(void* context, const mortise_object_t* object) {
    auto& self = *static_cast<Carrier*>(context);
    self.status = self.visit(*object);
    return self.status.is_ok() ? 0 : 1;
  }
};

}  // namespace

mortise_object_id_t Class::id() const {
  if (relation != nullptr) return relation->id;
  if (index != nullptr) return index->id;
  return view == nullptr ? 0 : view->object;
}

std::string_view Class::name() const {
  if (relation != nullptr) return relation->name;
  if (index != nullptr) return index->name;
  return view == nullptr ? std::string_view() : view_of(view->name);
}

Objects::Objects(Instance& owner, const mortise_evaluation_t* evaluation,
                 const mortise_read_view_t* view)
    : owner_(owner), providers_(owner.providers()) {
  if (evaluation != nullptr) session_ = evaluation->session;
  if (view == nullptr && evaluation != nullptr &&
      evaluation->struct_size_bytes >= sizeof(mortise_evaluation_t)) {
    view = evaluation->view;
  }
  if (view != nullptr) {
    view_ = *view;
    has_view_ = true;
  }
}

Objects::~Objects() {
  if (owns_view_) services().txn->read_close(&view_);
}

const mortise_read_view_t* Objects::view() {
  if (!has_view_) {
    ErrorSlot error;
    has_view_ = true;
    owns_view_ = error.status(services().txn->read_open(0, &view_, error.get())).is_ok();
  }
  return &view_;
}

template <typename Def>
Status Objects::read_all(uint32_t kind, mortise_object_id_t parent, std::vector<Def>& out) {
  auto visit = [&](const mortise_object_t& object) -> Status {
    Def def;
    MORTISE_TRY(schema::decode(object, def));
    out.push_back(std::move(def));
    return {};
  };
  Carrier<decltype(visit)> carrier{visit, {}};
  ErrorSlot error;
  MORTISE_TRY(error.status(services().catalog->each(
      view(), kind, parent, Carrier<decltype(visit)>::call, &carrier, error.get())));
  return std::move(carrier.status);
}

template <typename Def>
Status Objects::read_shared(uint32_t kind, mortise_object_id_t parent,
                            std::vector<std::shared_ptr<const Def>>& out) {
  auto visit = [&](const mortise_object_t& object) -> Status {
    auto def = std::make_shared<Def>();
    MORTISE_TRY(schema::decode(object, *def));
    out.push_back(std::move(def));
    return {};
  };
  Carrier<decltype(visit)> carrier{visit, {}};
  ErrorSlot error;
  MORTISE_TRY(error.status(services().catalog->each(
      view(), kind, parent, Carrier<decltype(visit)>::call, &carrier, error.get())));
  return std::move(carrier.status);
}

template <typename Def>
Result<std::shared_ptr<const Def>> Objects::read_one(
    uint32_t kind, mortise_object_id_t id,
    std::unordered_map<mortise_object_id_t, std::shared_ptr<const Def>>& known) {
  if (id == 0) return std::shared_ptr<const Def>();
  const auto found = known.find(id);
  if (found != known.end()) return found->second;
  std::shared_ptr<Def> def;
  auto visit = [&](const mortise_object_t& object) -> Status {
    def = std::make_shared<Def>();
    return schema::decode(object, *def);
  };
  Carrier<decltype(visit)> carrier{visit, {}};
  ErrorSlot error;
  const Status status = error.status(services().catalog->get(
      view(), kind, id, Carrier<decltype(visit)>::call, &carrier, error.get()));
  if (!status && status.code() != Code::not_found) return status;
  if (!carrier.status) return std::move(carrier.status);
  known.emplace(id, def);
  return std::shared_ptr<const Def>(std::move(def));
}

Result<mortise_object_id_t> Objects::find_id(uint32_t kind, mortise_object_id_t parent,
                                             std::string_view name) {
  mortise_object_id_t id = 0;
  auto visit = [&](const mortise_object_t& object) -> Status {
    id = object.id;
    return {};
  };
  Carrier<decltype(visit)> carrier{visit, {}};
  ErrorSlot error;
  const Status status = error.status(services().catalog->find(
      view(), kind, parent, str_of(name), Carrier<decltype(visit)>::call, &carrier, error.get()));
  if (!status && status.code() != Code::not_found) return status;
  return id;
}

Result<const std::vector<DatabaseDef>*> Objects::databases() {
  if (!databases_) {
    std::vector<DatabaseDef> list;
    MORTISE_TRY(read_all(MORTISE_KIND_DATABASE, 0, list));
    databases_ = std::move(list);
  }
  return &*databases_;
}

Result<const std::vector<RoleDef>*> Objects::roles() {
  if (!roles_) {
    std::vector<RoleDef> list;
    MORTISE_TRY(read_all(MORTISE_KIND_ROLE, 0, list));
    roles_ = std::move(list);
  }
  return &*roles_;
}

Result<const DatabaseDef*> Objects::database(mortise_object_id_t id) {
  MORTISE_TRY_ASSIGN(const auto* list, databases());
  for (const DatabaseDef& d : *list) {
    if (d.id == id) return &d;
  }
  return static_cast<const DatabaseDef*>(nullptr);
}

Result<const DatabaseDef*> Objects::current_database() {
  MORTISE_TRY_ASSIGN(const auto* list, databases());
  const std::string_view name =
      session_ == nullptr ? std::string_view() : view_of(session_->database);
  for (const DatabaseDef& d : *list) {
    if (d.name == name) return &d;
  }
  return static_cast<const DatabaseDef*>(nullptr);
}

Status Objects::load_schemas() {
  MORTISE_TRY_ASSIGN(const DatabaseDef* own, current_database());
  std::vector<SchemaDef> list;
  MORTISE_TRY(read_all(MORTISE_KIND_SCHEMA, own == nullptr ? 0 : own->id, list));
  const mortise_object_id_t database = own == nullptr ? 0 : own->id;
  const auto complete = [&](mortise_object_id_t id, std::string_view name) {
    for (const SchemaDef& s : list) {
      if (s.name == name) return;
    }
    SchemaDef made;
    made.id = id;
    made.database = database;
    made.name = name;
    list.push_back(std::move(made));
  };
  complete(schema::kSchemaPgCatalog, "pg_catalog");
  complete(schema::kSchemaInformationSchema, "information_schema");
  complete(kSchemaSys, "sys");
  std::sort(list.begin(), list.end(),
            [](const SchemaDef& a, const SchemaDef& b) { return a.id < b.id; });
  schemas_ = std::move(list);
  return {};
}

Result<const std::vector<SchemaDef>*> Objects::schemas() {
  if (!schemas_) MORTISE_TRY(load_schemas());
  return &*schemas_;
}

bool Objects::is_own_schema(mortise_object_id_t id) const {
  for (const SchemaDef& s : *schemas_) {
    if (s.id == id) return true;
  }
  return false;
}

Result<const std::vector<RelationPtr>*> Objects::relations() {
  if (!relations_) {
    MORTISE_TRY(schemas());
    std::vector<RelationPtr> list;
    MORTISE_TRY(read_shared(MORTISE_KIND_RELATION, 0, list));
    std::erase_if(list, [&](const RelationPtr& r) { return !is_own_schema(r->schema); });
    for (const RelationPtr& r : list) relation_by_id_.emplace(r->id, r);
    relations_ = std::move(list);
  }
  return &*relations_;
}

Result<const std::vector<IndexPtr>*> Objects::indexes() {
  if (!indexes_) {
    MORTISE_TRY(schemas());
    std::vector<IndexPtr> list;
    MORTISE_TRY(read_shared(MORTISE_KIND_INDEX, 0, list));
    std::erase_if(list, [&](const IndexPtr& i) { return !is_own_schema(i->schema); });
    for (const IndexPtr& i : list) index_by_id_.emplace(i->id, i);
    indexes_ = std::move(list);
  }
  return &*indexes_;
}

Result<const std::vector<ConstraintPtr>*> Objects::constraints() {
  if (!constraints_) {
    MORTISE_TRY(relations());
    std::vector<ConstraintPtr> list;
    MORTISE_TRY(read_shared(MORTISE_KIND_CONSTRAINT, 0, list));
    std::erase_if(list,
                  [&](const ConstraintPtr& c) { return !relation_by_id_.contains(c->relation); });
    for (const ConstraintPtr& c : list) constraint_by_id_.emplace(c->id, c);
    constraints_ = std::move(list);
  }
  return &*constraints_;
}

Result<const std::vector<CommentDef>*> Objects::comments() {
  if (!comments_) {
    std::vector<CommentDef> list;
    MORTISE_TRY(read_all(MORTISE_KIND_COMMENT, 0, list));
    comments_ = std::move(list);
  }
  return &*comments_;
}

Result<const RoleDef*> Objects::role(mortise_object_id_t id) {
  MORTISE_TRY_ASSIGN(const auto* list, roles());
  for (const RoleDef& r : *list) {
    if (r.id == id) return &r;
  }
  return static_cast<const RoleDef*>(nullptr);
}

Result<const RoleDef*> Objects::role(std::string_view name) {
  MORTISE_TRY_ASSIGN(const auto* list, roles());
  for (const RoleDef& r : *list) {
    if (r.name == name) return &r;
  }
  return static_cast<const RoleDef*>(nullptr);
}

Result<const SchemaDef*> Objects::schema(mortise_object_id_t id) {
  MORTISE_TRY_ASSIGN(const auto* list, schemas());
  for (const SchemaDef& s : *list) {
    if (s.id == id) return &s;
  }
  return static_cast<const SchemaDef*>(nullptr);
}

Result<const SchemaDef*> Objects::schema(std::string_view name) {
  MORTISE_TRY_ASSIGN(const auto* list, schemas());
  for (const SchemaDef& s : *list) {
    if (s.name == name) return &s;
  }
  return static_cast<const SchemaDef*>(nullptr);
}

Result<RelationPtr> Objects::relation(mortise_object_id_t id) {
  return read_one(MORTISE_KIND_RELATION, id, relation_by_id_);
}

Result<IndexPtr> Objects::index(mortise_object_id_t id) {
  return read_one(MORTISE_KIND_INDEX, id, index_by_id_);
}

Result<ConstraintPtr> Objects::constraint(mortise_object_id_t id) {
  return read_one(MORTISE_KIND_CONSTRAINT, id, constraint_by_id_);
}

Result<std::vector<IndexPtr>> Objects::indexes_of(const RelationDef& relation) {
  std::vector<IndexPtr> list;
  for (const mortise_object_id_t id : relation.indexes) {
    MORTISE_TRY_ASSIGN(IndexPtr i, index(id));
    if (i != nullptr) list.push_back(std::move(i));
  }
  return list;
}

Result<std::vector<ConstraintPtr>> Objects::constraints_of(mortise_object_id_t relation) {
  std::vector<ConstraintPtr> list;
  MORTISE_TRY(read_shared(MORTISE_KIND_CONSTRAINT, relation, list));
  return list;
}

Result<std::optional<std::string>> Objects::comment(mortise_object_id_t object, uint32_t kind,
                                                    uint32_t attribute) {
  const std::string name = std::to_string(kind) + ":" + std::to_string(attribute);
  std::optional<std::string> text;
  auto visit = [&](const mortise_object_t& found) -> Status {
    CommentDef def;
    MORTISE_TRY(schema::decode(found, def));
    text = std::move(def.text);
    return {};
  };
  Carrier<decltype(visit)> carrier{visit, {}};
  ErrorSlot error;
  const Status status =
      error.status(services().catalog->find(view(), MORTISE_KIND_COMMENT, object, str_of(name),
                                            Carrier<decltype(visit)>::call, &carrier, error.get()));
  if (!status && status.code() != Code::not_found) return status;
  if (!carrier.status) return std::move(carrier.status);
  return text;
}

Result<Class> Objects::find_class(mortise_object_id_t id) {
  Class c;
  c.view = providers_.view(id);
  if (c.view != nullptr) return c;
  MORTISE_TRY_ASSIGN(c.relation, relation(id));
  if (c.relation != nullptr) return c;
  MORTISE_TRY_ASSIGN(c.index, index(id));
  return c;
}

Result<Class> Objects::find_class(mortise_object_id_t schema_id, std::string_view name) {
  Class c;
  MORTISE_TRY_ASSIGN(const SchemaDef* in, schema(schema_id));
  if (in == nullptr) return c;
  c.view = providers_.view(in->name, name);
  if (c.view != nullptr || schema_id == schema::kSchemaPgCatalog) return c;
  MORTISE_TRY_ASSIGN(mortise_object_id_t id, find_id(MORTISE_KIND_RELATION, schema_id, name));
  if (id != 0) {
    MORTISE_TRY_ASSIGN(c.relation, relation(id));
    return c;
  }
  MORTISE_TRY_ASSIGN(id, find_id(MORTISE_KIND_INDEX, schema_id, name));
  if (id != 0) {
    MORTISE_TRY_ASSIGN(c.index, index(id));
  }
  return c;
}

Result<mortise_object_id_t> Objects::schema_of(const mortise_sysview_t& system) {
  MORTISE_TRY_ASSIGN(const SchemaDef* s, schema(view_of(system.schema)));
  return s == nullptr ? 0 : s->id;
}

Result<mortise_object_id_t> Objects::schema_of(const Class& c) {
  if (c.relation != nullptr) return c.relation->schema;
  if (c.index != nullptr) return c.index->schema;
  if (c.view == nullptr) return mortise_object_id_t{0};
  return schema_of(*c.view);
}

Result<const std::vector<mortise_object_id_t>*> Objects::search_path() {
  if (search_path_) return &*search_path_;
  std::string text = "\"$user\", public";
  if (session_ != nullptr && session_->setting_get != nullptr) {
    mortise_str_t value{};
    ErrorSlot error;
    if (session_->setting_get(session_->settings, literal("search_path"), &value, error.get()) ==
        MORTISE_OK) {
      text = view_of(value);
    }
  }
  std::vector<mortise_object_id_t> path;
  bool names_pg_catalog = false;
  for (const std::string& name : split_list(text)) {
    const bool is_user = name == "$user" && session_ != nullptr;
    MORTISE_TRY_ASSIGN(const SchemaDef* s, schema(is_user ? view_of(session_->user) : name));
    if (s == nullptr) continue;
    names_pg_catalog = names_pg_catalog || s->id == schema::kSchemaPgCatalog;
    path.push_back(s->id);
  }
  if (!names_pg_catalog) path.insert(path.begin(), schema::kSchemaPgCatalog);
  search_path_ = std::move(path);
  return &*search_path_;
}

Result<bool> Objects::is_visible(const Class& c) {
  MORTISE_TRY_ASSIGN(const mortise_object_id_t home, schema_of(c));
  MORTISE_TRY_ASSIGN(const auto* path, search_path());
  for (const mortise_object_id_t id : *path) {
    if (id == home) return true;
    MORTISE_TRY_ASSIGN(const Class other, find_class(id, c.name()));
    if (other) return false;
  }
  return false;
}

Result<Class> Objects::resolve_class(std::string_view text) {
  MORTISE_TRY_ASSIGN(std::vector<std::string> parts, split_name(text));
  if (parts.size() == 3) {
    MORTISE_TRY_ASSIGN(const DatabaseDef* own, current_database());
    if (own != nullptr && own->name != parts[0]) {
      return Status(Code::unsupported, "0A000",
                    "cross-database references are not implemented: " + std::string(text));
    }
    parts.erase(parts.begin());
  }
  if (parts.size() > 2) {
    return Status(Code::invalid, "42601",
                  "improper relation name (too many dotted names): " + std::string(text));
  }
  if (parts.size() == 2) {
    MORTISE_TRY_ASSIGN(const SchemaDef* s, schema(parts[0]));
    if (s == nullptr) return Class{};
    return find_class(s->id, parts[1]);
  }
  MORTISE_TRY_ASSIGN(const auto* path, search_path());
  for (const mortise_object_id_t id : *path) {
    MORTISE_TRY_ASSIGN(Class c, find_class(id, parts[0]));
    if (c) return c;
  }
  return Class{};
}

Result<std::string> Objects::name_of(const Class& c, bool is_always_qualified) {
  bool is_bare = false;
  if (!is_always_qualified) {
    MORTISE_TRY_ASSIGN(is_bare, is_visible(c));
  }
  if (is_bare) return quote_identifier(c.name());
  MORTISE_TRY_ASSIGN(const mortise_object_id_t home, schema_of(c));
  MORTISE_TRY_ASSIGN(const SchemaDef* s, schema(home));
  if (s == nullptr) return quote_identifier(c.name());
  return quote_identifier(s->name) + "." + quote_identifier(c.name());
}

}  // namespace mortise::sql_catalog
