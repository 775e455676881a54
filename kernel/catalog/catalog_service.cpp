// SPDX-License-Identifier: Apache-2.0

// mortise.catalog/1 over SystemCatalog and Bootstrap: translation, nothing else.

#include "kernel/catalog/database.hpp"
#include "kernel/catalog/database_services.hpp"
#include "mortise/cpp/boundary.hpp"

namespace mortise::catalog {
namespace {

SystemCatalog& objects() {
  return Database::current().catalog();
}

int32_t show(const ObjectPtr& object, mortise_object_visit_t visit, void* context) {
  const mortise_object_t shown = {sizeof(mortise_object_t),
                                  object->kind,
                                  object->id,
                                  object->parent,
                                  str_of(object->name),
                                  object->version,
                                  {object->body.data(), object->body.size()}};
  return visit(context, &shown);
}

mortise_status_t get(const mortise_read_view_t* view, uint32_t kind, mortise_object_id_t id,
                     mortise_object_visit_t visit, void* context, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    MORTISE_TRY_ASSIGN(const ObjectPtr object, objects().get(*view, kind, id));
    show(object, visit, context);
    return {};
  });
}

mortise_status_t find(const mortise_read_view_t* view, uint32_t kind, mortise_object_id_t parent,
                      mortise_str_t name, mortise_object_visit_t visit, void* context,
                      mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    MORTISE_TRY_ASSIGN(const ObjectPtr object,
                       objects().find(*view, kind, parent, view_of(name)));
    show(object, visit, context);
    return {};
  });
}

mortise_status_t each(const mortise_read_view_t* view, uint32_t kind, mortise_object_id_t parent,
                      mortise_object_visit_t visit, void* context, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    for (const ObjectPtr& object : objects().list(*view, kind, parent)) {
      if (show(object, visit, context) != 0) break;
    }
    return {};
  });
}

mortise_status_t next_id(mortise_object_id_t* id, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    MORTISE_TRY_ASSIGN(*id, objects().next_id());
    return {};
  });
}

mortise_status_t put(mortise_txn_t* txn, const mortise_object_t* object, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    ObjectData data;
    data.kind = object->kind;
    data.id = object->id;
    data.parent = object->parent;
    data.name = view_of(object->name);
    data.version = object->version;
    if (object->body.size_bytes != 0) {
      data.body.assign(object->body.data, object->body.data + object->body.size_bytes);
    }
    if (data.kind == 0 || data.id == 0) return invalid("object has no kind or no id");
    return objects().put(txn::Transaction::of(txn), std::move(data));
  });
}

mortise_status_t erase(mortise_txn_t* txn, uint32_t kind, mortise_object_id_t id,
                       mortise_error_t* error) {
  return guard(error, [&] { return objects().erase(txn::Transaction::of(txn), kind, id); });
}

mortise_status_t kind_register(mortise_str_t name, uint32_t* kind, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    MORTISE_TRY_ASSIGN(*kind, Database::current().bootstrap().register_kind(view_of(name)));
    return {};
  });
}

constexpr mortise_iface_catalog_t kService = {
    {sizeof(mortise_iface_catalog_t), 1, 0, 0},
    get,
    find,
    each,
    next_id,
    put,
    erase,
    []() -> uint64_t { return objects().epoch(); },
    kind_register,
};

}  // namespace

const mortise_iface_catalog_t* catalog_service() {
  return &kService;
}

}  // namespace mortise::catalog
