// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what does one statement see of the catalog, decoded and by name?
//
// Made for one scan of a system relation or one batch of a function, and thrown away with it; what
// has been read once is kept that long.  Lists are those of the session's database; roles and
// databases are the instance's.
//
// Invariants
//   O1  Everything is read under one view: the evaluation's, or one opened here and closed at the
//       end.
//   O2  The built-in schemas are there even where the catalog does not store them.
//
// Threads: one; [worker].

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "catalog/providers.hpp"
#include "instance.hpp"
#include "mortise/cpp/schema.hpp"

namespace mortise::sql_catalog {

using schema::CommentDef;
using schema::ConstraintDef;
using schema::DatabaseDef;
using schema::IndexDef;
using schema::RelationDef;
using schema::RoleDef;
using schema::SchemaDef;

using RelationPtr = std::shared_ptr<const RelationDef>;
using IndexPtr = std::shared_ptr<const IndexDef>;
using ConstraintPtr = std::shared_ptr<const ConstraintDef>;

constexpr mortise_object_id_t kSchemaSys = 13001;

// What a pg_class.oid stands for: one of the three, or nothing.
struct Class {
  RelationPtr relation;
  IndexPtr index;
  const mortise_sysview_t* view = nullptr;

  explicit operator bool() const {
    return relation != nullptr || index != nullptr || view != nullptr;
  }
  mortise_object_id_t id() const;
  std::string_view name() const;
};

class Objects {
 public:
  // `view` null: the evaluation's.
  Objects(Instance& owner, const mortise_evaluation_t* evaluation,
          const mortise_read_view_t* view = nullptr);
  ~Objects();
  Objects(const Objects&) = delete;
  Objects& operator=(const Objects&) = delete;

  const Services& services() const { return owner_.services; }
  const Providers& providers() const { return providers_; }
  const mortise_session_context_t* session() const { return session_; }

  // Whole lists, in the order of object ids.
  Result<const std::vector<DatabaseDef>*> databases();
  Result<const std::vector<RoleDef>*> roles();
  Result<const std::vector<SchemaDef>*> schemas();
  Result<const std::vector<RelationPtr>*> relations();
  Result<const std::vector<IndexPtr>*> indexes();
  Result<const std::vector<ConstraintPtr>*> constraints();
  Result<const std::vector<CommentDef>*> comments();

  // One object; null if there is none.
  Result<const DatabaseDef*> database(mortise_object_id_t id);
  Result<const DatabaseDef*> current_database();
  Result<const RoleDef*> role(mortise_object_id_t id);
  Result<const RoleDef*> role(std::string_view name);
  Result<const SchemaDef*> schema(mortise_object_id_t id);
  Result<const SchemaDef*> schema(std::string_view name);
  Result<RelationPtr> relation(mortise_object_id_t id);
  Result<IndexPtr> index(mortise_object_id_t id);
  Result<ConstraintPtr> constraint(mortise_object_id_t id);
  Result<std::vector<IndexPtr>> indexes_of(const RelationDef& relation);
  Result<std::vector<ConstraintPtr>> constraints_of(mortise_object_id_t relation);
  // Of the object itself, or of its column.
  Result<std::optional<std::string>> comment(mortise_object_id_t object, uint32_t kind,
                                             uint32_t attribute);

  // Tables, views, sequences, indexes and system relations by number and by name.
  Result<Class> find_class(mortise_object_id_t id);
  Result<Class> find_class(mortise_object_id_t schema, std::string_view name);
  Result<mortise_object_id_t> schema_of(const Class& c);
  Result<mortise_object_id_t> schema_of(const mortise_sysview_t& view);

  // The schemas that unqualified names are looked up in, pg_catalog included.
  Result<const std::vector<mortise_object_id_t>*> search_path();
  Result<bool> is_visible(const Class& c);
  // By a name as it stands in SQL, "s.t" or "t"; nothing if there is none.
  Result<Class> resolve_class(std::string_view text);
  // The name, with its schema where the search path does not find it; or always.
  Result<std::string> name_of(const Class& c, bool is_always_qualified);

 private:
  const mortise_read_view_t* view();
  template <typename Def>
  Status read_all(uint32_t kind, mortise_object_id_t parent, std::vector<Def>& out);
  template <typename Def>
  Status read_shared(uint32_t kind, mortise_object_id_t parent,
                     std::vector<std::shared_ptr<const Def>>& out);
  template <typename Def>
  Result<std::shared_ptr<const Def>> read_one(
      uint32_t kind, mortise_object_id_t id,
      std::unordered_map<mortise_object_id_t, std::shared_ptr<const Def>>& known);
  Result<mortise_object_id_t> find_id(uint32_t kind, mortise_object_id_t parent,
                                      std::string_view name);
  Status load_schemas();
  bool is_own_schema(mortise_object_id_t id) const;

  Instance& owner_;
  const Providers& providers_;
  const mortise_session_context_t* session_ = nullptr;
  mortise_read_view_t view_{};
  bool has_view_ = false;
  bool owns_view_ = false;

  std::optional<std::vector<DatabaseDef>> databases_;
  std::optional<std::vector<RoleDef>> roles_;
  std::optional<std::vector<SchemaDef>> schemas_;
  std::optional<std::vector<RelationPtr>> relations_;
  std::optional<std::vector<IndexPtr>> indexes_;
  std::optional<std::vector<ConstraintPtr>> constraints_;
  std::optional<std::vector<CommentDef>> comments_;
  std::optional<std::vector<mortise_object_id_t>> search_path_;
  std::unordered_map<mortise_object_id_t, RelationPtr> relation_by_id_;
  std::unordered_map<mortise_object_id_t, IndexPtr> index_by_id_;
  std::unordered_map<mortise_object_id_t, ConstraintPtr> constraint_by_id_;
};

}  // namespace mortise::sql_catalog
