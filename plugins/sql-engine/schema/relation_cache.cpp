// SPDX-License-Identifier: Apache-2.0

#include "schema/relation_cache.hpp"

#include "mortise/cpp/batch.hpp"

namespace mortise::sql_engine {
namespace {

Status open_table(const Services& services, Relation& relation) {
  const schema::RelationDef& definition = relation.definition;
  const bool is_stored = definition.kind != schema::RelationKind::view;
  if (!is_stored) return {};
  relation.engine = services.table_engine(definition.engine);
  if (relation.engine == nullptr) {
    return Status(Code::unsupported, "58P01",
                  "table engine \"" + definition.engine + "\" of table \"" + definition.name +
                      "\" is not there")
        .with(MORTISE_ERROR_FIELD_HINT, "Enable the plugin that offers it.");
  }
  const TableDescription description(definition);
  mortise_table_desc_t desc = description.desc;
  std::vector<uint32_t> keys;
  for (const IndexInfo& index : relation.indexes) {
    if (!index.is_unique()) continue;
    for (uint32_t i = 0; i < index.keys_count(); ++i) {
      if (index.columns()[i] != kExpressionColumn) keys.push_back(index.columns()[i]);
    }
  }
  desc.has_key_columns = 1;
  desc.key_columns = keys.data();
  desc.key_columns_count = static_cast<uint32_t>(keys.size());
  ErrorSlot error;
  return error.status(relation.engine->open(&desc, &relation.table, error.get()));
}

Status open_index(const Services& services, IndexInfo& index) {
  index.method = services.index_method(index.definition.method);
  if (index.method == nullptr) {
    index.offline = Status(Code::unsupported, "55000",
                           "index \"" + index.definition.name + "\" is offline: access method \"" +
                               index.definition.method + "\" is not there")
                        .with(MORTISE_ERROR_FIELD_HINT, "Enable the plugin that offers it.");
    return {};
  }
  std::vector<mortise_index_column_t> columns;
  for (size_t i = 0; i < index.definition.types.size(); ++i) {
    mortise_index_column_t column{};
    column.type = index.definition.types[i];
    column.flags = i < index.definition.flags.size() ? index.definition.flags[i] : 0;
    columns.push_back(column);
  }
  mortise_index_desc_t desc{};
  desc.struct_size_bytes = sizeof desc;
  desc.columns = columns.data();
  desc.columns_count = static_cast<uint32_t>(columns.size());
  desc.includes_count = index.definition.includes_count;
  desc.object = index.definition.id;
  desc.segment = index.definition.segment;
  ErrorSlot error;
  return error.status(index.method->open(&desc, &index.handle, error.get()));
}

}  // namespace

TableDescription::TableDescription(const schema::RelationDef& definition) {
  const size_t count = definition.columns.size();
  columns.resize(count);
  missing.resize(count);
  views.resize(count);
  for (size_t i = 0; i < count; ++i) {
    const schema::ColumnDef& column = definition.columns[i];
    columns[i].type = column.type;
    columns[i].is_dropped = column.is_dropped ? 1 : 0;
    if (!column.has_missing_value) continue;
    columns[i].has_missing_value = 1;
    missing[i] = column.missing_value;
    if (is_view(column.type.physical)) {
      views[i] = view_to(missing[i]);
      columns[i].missing_value = &views[i];
    } else {
      columns[i].missing_value = missing[i].data();
    }
  }
  desc.struct_size_bytes = sizeof desc;
  desc.columns = columns.data();
  desc.columns_count = static_cast<uint32_t>(count);
  desc.object = definition.id;
  desc.segment = definition.segment;
  desc.fill_percent = definition.fill_percent;
}

Result<RelationPtr> load_relation(const Services& services, const Catalog& catalog,
                                  Stored<schema::RelationDef> stored, std::string schema_name) {
  auto relation = std::make_shared<Relation>();
  relation->definition = std::move(stored.definition);
  relation->version = stored.version;
  relation->schema_name = std::move(schema_name);
  for (const mortise_object_id_t id : relation->definition.indexes) {
    MORTISE_TRY_ASSIGN(auto found, catalog.get<schema::IndexDef>(id));
    if (!found) continue;
    IndexInfo index;
    index.definition = std::move(found->definition);
    MORTISE_TRY(open_index(services, index));
    relation->indexes.push_back(std::move(index));
  }
  MORTISE_TRY_ASSIGN(auto constraints,
                     catalog.list<schema::ConstraintDef>(relation->definition.id));
  for (auto& constraint : constraints) {
    relation->constraints.push_back(std::move(constraint.definition));
  }
  MORTISE_TRY(open_table(services, *relation));
  return RelationPtr(std::move(relation));
}

Result<RelationPtr> RelationCache::find(const Catalog& catalog, uint64_t epoch,
                                        mortise_object_id_t schema, std::string_view schema_name,
                                        std::string_view name) {
  Key key(schema, std::string(name));
  RelationPtr known;
  {
    Lock lock(mutex_);
    const auto found = entries_.find(key);
    if (found != entries_.end()) {
      if (found->second.epoch == epoch) return found->second.relation;
      known = found->second.relation;
    }
  }
  MORTISE_TRY_ASSIGN(auto stored, catalog.find<schema::RelationDef>(schema, name));
  RelationPtr relation;
  if (stored) {
    const bool is_current = known != nullptr && known->id() == stored->definition.id &&
                            known->version == stored->version;
    if (is_current) {
      relation = std::move(known);
    } else {
      MORTISE_TRY_ASSIGN(relation, load_relation(services_, catalog, std::move(*stored),
                                                 std::string(schema_name)));
    }
  }
  Lock lock(mutex_);
  if (entries_.size() >= kEntriesMax) entries_.clear();
  entries_[std::move(key)] = {relation, epoch};
  return relation;
}

void RelationCache::clear() {
  Lock lock(mutex_);
  entries_.clear();
}

}  // namespace mortise::sql_engine
