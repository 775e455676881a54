// SPDX-License-Identifier: Apache-2.0
#pragma once

// Longer than 250 lines, because one list of fields per kind of object.

// Answers: which tag has each field of the definitions in schema.hpp?
//
// Both directions of a definition stand in one `fields` function: an archive that writes calls the
// same lines as one that reads, so they cannot disagree.  Fields are written whole, also when they
// hold their default, so that a default may change without changing what was stored.
//
// Threads: [any].

#include <type_traits>

#include "mortise/cpp/schema.hpp"

namespace mortise::schema::stored {

class Save {
 public:
  template <typename T>
  void operator()(uint32_t tag, const T& value) {
    put(tag, value);
  }
  std::string take() { return std::move(out_).str(); }

 private:
  void put(uint32_t tag, const std::string& value) { out_.bytes(tag, value); }
  template <typename T>
  requires std::is_integral_v<T> || std::is_enum_v<T>
  void put(uint32_t tag, T value) {
    const auto wide = static_cast<int64_t>(value);
    const auto u = static_cast<uint64_t>(wide);
    out_.element(tag, (u << 1) ^ (wide < 0 ? ~uint64_t{0} : 0));
  }
  template <typename T>
  requires std::is_class_v<T>
  void put(uint32_t tag, const T& value) {
    Save inner;
    fields(inner, const_cast<T&>(value));
    out_.nested(tag, inner.out_);
  }
  template <typename T>
  void put(uint32_t tag, const std::vector<T>& values) {
    for (const T& value : values) put(tag, value);
  }

  record::Writer out_;
};

// Assigns one field that has just been read, if it is the tag asked for.
class Load {
 public:
  explicit Load(const record::Field& field) : field_(field) {}
  template <typename T>
  void operator()(uint32_t tag, T& value) {
    if (tag == field_.tag) get(value);
  }
  Status take() { return std::move(status_); }

 private:
  void get(std::string& value) { value = field_.text(); }
  template <typename T>
  requires std::is_integral_v<T> || std::is_enum_v<T>
  void get(T& value) { value = static_cast<T>(field_.integer()); }
  template <typename T>
  requires std::is_class_v<T>
  void get(T& value) { status_ = read(field_.value, value); }
  template <typename T>
  void get(std::vector<T>& values) {
    T value{};
    get(value);
    values.push_back(std::move(value));
  }

 public:
  template <typename T>
  static Status read(std::string_view bytes, T& value) {
    Status status;
    MORTISE_TRY(record::Reader(bytes).each([&](const record::Field& field) {
      Load load(field);
      fields(load, value);
      if (status.is_ok()) status = load.take();
    }));
    return status;
  }

 private:
  const record::Field& field_;
  Status status_;
};

template <typename Archive>
void fields(Archive& archive, mortise_type_t& d) {
  archive(1, d.sql_type);
  archive(2, d.modifier);
  archive(3, d.physical);
  archive(4, d.precision);
  archive(5, d.scale);
  archive(6, d.collation);
}

template <typename Archive>
void fields(Archive& archive, ColumnDef& d) {
  archive(1, d.name);
  archive(2, d.type);
  archive(3, d.is_not_null);
  archive(4, d.is_dropped);
  archive(5, d.has_default);
  archive(6, d.has_missing_value);
  archive(7, d.identity);
  archive(8, d.generated);
  archive(9, d.default_text);
  archive(10, d.missing_value);
  archive(11, d.sequence);
}

template <typename Archive>
void fields(Archive& archive, SequenceDef& d) {
  archive(1, d.type);
  archive(2, d.start);
  archive(3, d.increment);
  archive(4, d.minimum);
  archive(5, d.maximum);
  archive(6, d.cache);
  archive(7, d.is_cycle);
  archive(8, d.owner_relation);
  archive(9, d.owner_column);
}

template <typename Archive>
void fields(Archive& archive, DatabaseDef& d) {
  archive(1, d.owner);
  archive(2, d.allows_connections);
  archive(3, d.is_template);
  archive(4, d.connections_max);
  archive(5, d.settings);
}

template <typename Archive>
void fields(Archive& archive, RoleDef& d) {
  archive(1, d.is_superuser);
  archive(2, d.can_login);
  archive(3, d.can_create_role);
  archive(4, d.can_create_database);
  archive(5, d.can_replicate);
  archive(6, d.bypasses_row_security);
  archive(7, d.inherits);
  archive(8, d.connections_max);
  archive(9, d.password);
  archive(10, d.valid_until);
  archive(11, d.member_of);
  archive(12, d.settings);
}

template <typename Archive>
void fields(Archive& archive, SchemaDef& d) {
  archive(1, d.owner);
}

template <typename Archive>
void fields(Archive& archive, RelationDef& d) {
  archive(1, d.kind);
  archive(2, d.owner);
  archive(3, d.engine);
  archive(4, d.segment);
  archive(5, d.fill_percent);
  archive(6, d.is_temporary);
  archive(7, d.is_unlogged);
  archive(8, d.is_populated);
  archive(9, d.columns);
  archive(10, d.query);
  archive(11, d.check_option);
  archive(12, d.options);
  archive(13, d.sequence);
  archive(14, d.depends_on);
  archive(15, d.indexes);
}

template <typename Archive>
void fields(Archive& archive, IndexDef& d) {
  archive(1, d.relation);
  archive(2, d.method);
  archive(3, d.segment);
  archive(4, d.is_unique);
  archive(5, d.is_primary);
  archive(6, d.is_nulls_not_distinct);
  archive(7, d.is_valid);
  archive(8, d.columns);
  archive(9, d.flags);
  archive(10, d.includes_count);
  archive(11, d.expressions);
  archive(12, d.types);
  archive(13, d.predicate);
  archive(14, d.complete_from);
}

template <typename Archive>
void fields(Archive& archive, ConstraintDef& d) {
  archive(1, d.kind);
  archive(2, d.columns);
  archive(3, d.expression);
  archive(4, d.index);
  archive(5, d.is_deferrable);
  archive(6, d.is_deferred);
  archive(7, d.is_validated);
  archive(8, d.is_no_inherit);
  archive(9, d.referenced_relation);
  archive(10, d.referenced_columns);
  archive(11, d.on_update);
  archive(12, d.on_delete);
  archive(13, d.match);
}

template <typename Archive>
void fields(Archive& archive, CommentDef& d) {
  archive(1, d.kind);
  archive(2, d.attribute);
  archive(3, d.text);
}

template <typename Def>
std::string save(const Def& d) {
  Save out;
  fields(out, const_cast<Def&>(d));
  return out.take();
}

template <typename Def>
Status load(const mortise_object_t& object, Def& d) {
  const auto* bytes = reinterpret_cast<const char*>(object.body.data);
  const std::string_view body = object.body.size_bytes == 0
                                    ? std::string_view()
                                    : std::string_view(bytes, object.body.size_bytes);
  d = Def{};
  d.id = object.id;
  return Load::read(body, d);
}

}  // namespace mortise::schema::stored

namespace mortise::schema {

inline std::string encode(const DatabaseDef& d) {
  return stored::save(d);
}
inline std::string encode(const RoleDef& d) {
  return stored::save(d);
}
inline std::string encode(const SchemaDef& d) {
  return stored::save(d);
}
inline std::string encode(const RelationDef& d) {
  return stored::save(d);
}
inline std::string encode(const IndexDef& d) {
  return stored::save(d);
}
inline std::string encode(const ConstraintDef& d) {
  return stored::save(d);
}
inline std::string encode(const CommentDef& d) {
  return stored::save(d);
}

inline Status decode(const mortise_object_t& object, DatabaseDef& d) {
  MORTISE_TRY(stored::load(object, d));
  d.name.assign(object.name.data, object.name.size_bytes);
  return {};
}
inline Status decode(const mortise_object_t& object, RoleDef& d) {
  MORTISE_TRY(stored::load(object, d));
  d.name.assign(object.name.data, object.name.size_bytes);
  return {};
}
inline Status decode(const mortise_object_t& object, SchemaDef& d) {
  MORTISE_TRY(stored::load(object, d));
  d.name.assign(object.name.data, object.name.size_bytes);
  d.database = object.parent;
  return {};
}
inline Status decode(const mortise_object_t& object, RelationDef& d) {
  MORTISE_TRY(stored::load(object, d));
  d.name.assign(object.name.data, object.name.size_bytes);
  d.schema = object.parent;
  return {};
}
inline Status decode(const mortise_object_t& object, IndexDef& d) {
  MORTISE_TRY(stored::load(object, d));
  d.name.assign(object.name.data, object.name.size_bytes);
  d.schema = object.parent;
  return {};
}
inline Status decode(const mortise_object_t& object, ConstraintDef& d) {
  MORTISE_TRY(stored::load(object, d));
  d.name.assign(object.name.data, object.name.size_bytes);
  d.relation = object.parent;
  return {};
}
inline Status decode(const mortise_object_t& object, CommentDef& d) {
  MORTISE_TRY(stored::load(object, d));
  d.object = object.parent;
  return {};
}

}  // namespace mortise::schema
