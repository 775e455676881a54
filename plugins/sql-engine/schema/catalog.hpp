// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how are typed definitions read from and written to mortise.catalog/1?
//
// A Catalog is a view of the catalog: what one transaction sees now, its own changes included.
// `Stored` is a definition with the version that a later put must name.
//
// Threads: [worker]; a value over services and a transaction of one session.

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "mortise/cpp/boundary.hpp"
#include "mortise/cpp/schema.hpp"

namespace mortise::sql_engine {

template <typename Def>
struct Stored {
  Def definition;
  uint64_t version = 0;
};

// Which kind a definition is, and what its parent is.
inline uint32_t kind_of(const schema::DatabaseDef&) {
  return MORTISE_KIND_DATABASE;
}
inline uint32_t kind_of(const schema::RoleDef&) {
  return MORTISE_KIND_ROLE;
}
inline uint32_t kind_of(const schema::SchemaDef&) {
  return MORTISE_KIND_SCHEMA;
}
inline uint32_t kind_of(const schema::RelationDef&) {
  return MORTISE_KIND_RELATION;
}
inline uint32_t kind_of(const schema::IndexDef&) {
  return MORTISE_KIND_INDEX;
}
inline uint32_t kind_of(const schema::ConstraintDef&) {
  return MORTISE_KIND_CONSTRAINT;
}
inline uint32_t kind_of(const schema::CommentDef&) {
  return MORTISE_KIND_COMMENT;
}
inline mortise_object_id_t parent_of(const schema::DatabaseDef&) {
  return 0;
}
inline mortise_object_id_t parent_of(const schema::RoleDef&) {
  return 0;
}
inline mortise_object_id_t parent_of(const schema::SchemaDef& d) {
  return d.database;
}
inline mortise_object_id_t parent_of(const schema::RelationDef& d) {
  return d.schema;
}
inline mortise_object_id_t parent_of(const schema::IndexDef& d) {
  return d.schema;
}
inline mortise_object_id_t parent_of(const schema::ConstraintDef& d) {
  return d.relation;
}
inline mortise_object_id_t parent_of(const schema::CommentDef& d) {
  return d.object;
}
template <typename Def>
std::string name_of(const Def& d) {
  return d.name;
}
inline std::string name_of(const schema::CommentDef& d) {
  return std::to_string(d.kind) + ":" + std::to_string(d.attribute);
}

class Catalog {
 public:
  Catalog(const mortise_iface_catalog_t& table, const mortise_read_view_t& view, mortise_txn_t* txn)
      : table_(&table), view_(view), txn_(txn) {}

  const mortise_read_view_t& view() const { return view_; }

  template <typename Def>
  Result<std::optional<Stored<Def>>> get(mortise_object_id_t id) const {
    return one<Def>([&](mortise_object_visit_t visit, void* context, mortise_error_t* error) {
      return table_->get(&view_, kind_of(Def{}), id, visit, context, error);
    });
  }

  template <typename Def>
  Result<std::optional<Stored<Def>>> find(mortise_object_id_t parent, std::string_view name) const {
    return one<Def>([&](mortise_object_visit_t visit, void* context, mortise_error_t* error) {
      return table_->find(&view_, kind_of(Def{}), parent, str_of(name), visit, context, error);
    });
  }

  // All of a kind below `parent` (0 = all), by id.
  template <typename Def>
  Result<std::vector<Stored<Def>>> list(mortise_object_id_t parent) const {
    struct Visit {
      std::vector<Stored<Def>> found;
      Status status;
    } visit;
    ErrorSlot error;
    const mortise_status_t status = table_->each(
        &view_, kind_of(Def{}), parent,
        [](void* context, const mortise_object_t* object) -> int32_t {
          auto& own = *static_cast<Visit*>(context);
          Stored<Def> stored;
          own.status = schema::decode(*object, stored.definition);
          stored.version = object->version;
          if (own.status.is_ok()) own.found.push_back(std::move(stored));
          return own.status.is_ok() ? 0 : 1;
        },
        &visit, error.get());
    MORTISE_TRY(error.status(status));
    MORTISE_TRY(visit.status);
    return std::move(visit.found);
  }

  Result<mortise_object_id_t> next_id() const {
    mortise_object_id_t id = 0;
    ErrorSlot error;
    MORTISE_TRY(error.status(table_->next_id(&id, error.get())));
    return id;
  }

  // Adds (version 0) or changes.
  template <typename Def>
  Status put(const Def& definition, uint64_t version) const {
    const std::string body = schema::encode(definition);
    const std::string name = name_of(definition);
    mortise_object_t object{};
    object.struct_size_bytes = sizeof object;
    object.kind = kind_of(definition);
    object.id = definition.id;
    object.parent = parent_of(definition);
    object.name = str_of(name);
    object.version = version;
    object.body = {reinterpret_cast<const uint8_t*>(body.data()), body.size()};
    ErrorSlot error;
    return error.status(table_->put(txn_, &object, error.get()));
  }

  template <typename Def>
  Status erase(const Def& definition) const {
    ErrorSlot error;
    return error.status(table_->erase(txn_, kind_of(definition), definition.id, error.get()));
  }

 private:
  template <typename Def, typename Call>
  Result<std::optional<Stored<Def>>> one(Call&& call) const {
    struct Visit {
      std::optional<Stored<Def>> found;
      Status status;
    } visit;
    ErrorSlot error;
    const mortise_status_t status = call(
        [](void* context, const mortise_object_t* object) -> int32_t {
          auto& own = *static_cast<Visit*>(context);
          own.found.emplace();
          own.found->version = object->version;
          own.status = schema::decode(*object, own.found->definition);
          return 0;
        },
        &visit, error.get());
    if (status == MORTISE_E_NOT_FOUND) return std::optional<Stored<Def>>();
    MORTISE_TRY(error.status(status));
    MORTISE_TRY(visit.status);
    return std::move(visit.found);
  }

  const mortise_iface_catalog_t* table_;
  mortise_read_view_t view_;
  mortise_txn_t* txn_;
};

}  // namespace mortise::sql_engine
