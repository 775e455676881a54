// SPDX-License-Identifier: Apache-2.0
//
// CREATE INDEX, and the indexes behind PRIMARY KEY and UNIQUE.

#include <algorithm>

#include "bind/fold.hpp"
#include "ddl/ddl.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::sql_engine {
namespace {

constexpr size_t kNameBytesMax = 63;
constexpr size_t kKeyColumnsMax = 32;

// A scan of a table as the source of an index build.
struct BuildSource {
  const mortise_iface_table_engine_t* engine = nullptr;
  mortise_table_scan_t* scan = nullptr;
  ~BuildSource() {
    if (scan != nullptr) engine->scan_close(scan);
  }
  static mortise_status_t MORTISE_CALL next(void* source, mortise_batch_t* batch,
                                            mortise_error_t* error) {
    auto& own = *static_cast<BuildSource*>(source);
    return own.engine->scan_next(own.scan, batch, error);
  }
};

// What a build of a unique index meets: rows with an equal key.  A key with a null is no conflict.
struct BuildConflicts {
  DdlRun* ddl = nullptr;
  const Relation* relation = nullptr;
  const schema::IndexDef* index = nullptr;
  mortise_read_view_t view{};
  Status status;

  static void MORTISE_CALL met(void* context, const mortise_index_conflict_t* conflicts,
                               uint32_t conflicts_count) {
    auto& own = *static_cast<BuildConflicts*>(context);
    (void)guard(nullptr, [&]() -> Status {
      for (uint32_t i = 0; i < conflicts_count && own.status.is_ok(); ++i) {
        own.status = own.look_at(conflicts[i].row_id);
      }
      return {};
    });
  }

  Status look_at(mortise_row_id_t row_id);
};

std::string_view word_for(const schema::IndexDef& index) {
  return index.is_unique ? "could not create unique index \"" : "could not create index \"";
}

// "Key (a, b)=(1, x) is duplicated."
Result<std::string> key_text(DdlRun& ddl, const Relation& relation,
                             const std::vector<uint32_t>& columns,
                             const std::vector<Datum>& values) {
  std::string names;
  std::string texts;
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) {
      names.append(", ");
      texts.append(", ");
    }
    names.append(relation.columns()[columns[i]].name);
    const mortise_type_info_t* info = ddl.services().registry->type(values[i].type().sql_type);
    if (values[i].is_null() || info == nullptr) {
      texts.append("null");
      continue;
    }
    MORTISE_TRY_ASSIGN(const std::string text,
                       write_text(*info, values[i], ddl.session().context()));
    texts.append(text);
  }
  return "Key (" + names + ")=(" + texts + ")";
}

Status BuildConflicts::look_at(mortise_row_id_t row_id) {
  const std::vector<uint32_t> keys(index->columns.begin(),
                                   index->columns.end() - index->includes_count);
  mortise_table_scan_t* scan = nullptr;
  ErrorSlot error;
  MORTISE_TRY(error.status(
      relation->engine->fetch_open(relation->table, ddl->txn(), &view, keys.data(),
                                   static_cast<uint32_t>(keys.size()), &scan, error.get())));
  mortise_batch_t batch{};
  batch.struct_size_bytes = sizeof batch;
  Status fetched = error.status(relation->engine->fetch(scan, &row_id, 1, &batch, error.get()));
  std::vector<Datum> values;
  if (fetched.is_ok() && batch.selected_count > 0) {
    for (uint32_t i = 0; i < batch.columns_count; ++i) {
      values.push_back(Datum::of(batch.types[i], batch.columns[i], 0));
    }
  }
  relation->engine->scan_close(scan);
  MORTISE_TRY(fetched);
  const bool has_null =
      std::any_of(values.begin(), values.end(), [](const Datum& d) { return d.is_null(); });
  if (values.empty() || (has_null && !index->is_nulls_not_distinct)) return {};
  MORTISE_TRY_ASSIGN(const std::string detail, key_text(*ddl, *relation, keys, values));
  return Status(Code::duplicate, "23505", std::string(word_for(*index)) + index->name + "\"")
      .with(MORTISE_ERROR_FIELD_DETAIL, detail + " is duplicated.")
      .with(MORTISE_ERROR_FIELD_SCHEMA, relation->schema_name)
      .with(MORTISE_ERROR_FIELD_TABLE, relation->name())
      .with(MORTISE_ERROR_FIELD_CONSTRAINT, index->name);
}

// Fills a new index with the rows that are there now, also those that the transaction's own
// snapshot does not see: the index is for everybody.
Status build(DdlRun& ddl, const Relation& relation, const IndexInfo& index) {
  mortise_read_view_t view = ddl.view();
  view.snapshot = std::max(view.snapshot, index.definition.complete_from);
  view.command = UINT32_MAX;
  BuildSource source;
  source.engine = relation.engine;
  mortise_scan_options_t options{};
  options.struct_size_bytes = sizeof options;
  options.columns = index.columns().data();
  options.columns_count = static_cast<uint32_t>(index.columns().size());
  options.wants_row_ids = 1;
  ErrorSlot error;
  MORTISE_TRY(error.status(relation.engine->scan_open(relation.table, ddl.txn(), &view, &options,
                                                      &source.scan, error.get())));
  BuildConflicts conflicts{&ddl, &relation, &index.definition, view, {}};
  const Status built = error.status(index.method->build(
      index.handle, ddl.txn(), BuildSource::next, &source,
      index.is_unique() ? BuildConflicts::met : nullptr, &conflicts, error.get()));
  MORTISE_TRY(conflicts.status);
  return built;
}

std::string clipped(const std::string& table, const std::string& column,
                    const std::string& suffix) {
  std::string a = table;
  std::string b = column;
  const auto size = [&] { return a.size() + (b.empty() ? 0 : b.size() + 1) + suffix.size() + 1; };
  while (size() > kNameBytesMax) {
    std::string& longer = a.size() > b.size() ? a : b;
    longer.pop_back();
    while (!longer.empty() && (static_cast<uint8_t>(longer.back()) & 0xC0) == 0x80) {
      longer.pop_back();
    }
  }
  return a + (b.empty() ? "" : "_" + b) + "_" + suffix;
}

}  // namespace

// "t_a_b_key", with a number if that is taken.
Result<std::string> free_name(DdlRun& ddl, mortise_object_id_t schema, const std::string& table,
                              const std::string& column, const std::string& suffix) {
  for (uint32_t number = 0;; ++number) {
    const std::string tail = number == 0 ? suffix : suffix + std::to_string(number);
    std::string name = clipped(table, column, tail);
    MORTISE_TRY(ddl.lock_name(MORTISE_KIND_RELATION, schema, name));
    MORTISE_TRY_ASSIGN(const auto relation, ddl.catalog().find<schema::RelationDef>(schema, name));
    MORTISE_TRY_ASSIGN(const auto index, ddl.catalog().find<schema::IndexDef>(schema, name));
    if (!relation && !index) return name;
  }
}

Result<schema::IndexDef> make_index(DdlRun& ddl, const RelationPtr& relation,
                                    IndexRequest request) {
  const Services& services = ddl.services();
  const mortise_iface_index_t* method = services.index_method(request.method);
  if (method == nullptr) {
    return Status(Code::not_found, "42704",
                  "access method \"" + request.method + "\" does not exist");
  }
  if (request.is_unique && (method->header.capabilities & MORTISE_INDEX_UNIQUE) == 0) {
    return Status(Code::unsupported, "0A000",
                  "access method \"" + request.method + "\" does not support unique indexes");
  }
  if (request.includes_count > 0 && (method->header.capabilities & MORTISE_INDEX_INCLUDES) == 0) {
    return Status(Code::unsupported, "0A000",
                  "access method \"" + request.method + "\" does not support included columns");
  }
  if (request.columns.size() > kKeyColumnsMax) {
    return Status(Code::limit, "54011", "cannot use more than 32 columns in an index");
  }
  schema::IndexDef index;
  index.schema = relation->definition.schema;
  index.name = std::move(request.name);
  index.relation = relation->id();
  index.method = std::move(request.method);
  index.is_unique = request.is_unique;
  index.is_primary = request.is_primary;
  index.is_nulls_not_distinct = request.is_nulls_not_distinct;
  index.columns = std::move(request.columns);
  index.flags = std::move(request.flags);
  index.expressions = std::move(request.expressions);
  index.types = std::move(request.types);
  index.includes_count = request.includes_count;
  index.predicate = std::move(request.predicate);
  index.complete_from = ddl.services().txn->visible_scn();
  MORTISE_TRY_ASSIGN(index.id, ddl.catalog().next_id());
  MORTISE_TRY(create_index_storage(ddl, *method, index));
  MORTISE_TRY(ddl.catalog().put(index, 0));
  MORTISE_TRY_ASSIGN(auto stored, ddl.catalog().get<schema::RelationDef>(relation->id()));
  if (!stored) return internal("an index's relation has vanished");
  stored->definition.indexes.push_back(index.id);
  MORTISE_TRY(ddl.put_relation(stored->definition, stored->version));
  MORTISE_TRY_ASSIGN(const RelationPtr fresh, ddl.reload(relation->id()));
  for (const IndexInfo& info : fresh->indexes) {
    if (info.id() == index.id) MORTISE_TRY(build(ddl, *fresh, info));
  }
  return index;
}

Status create_index_storage(DdlRun& ddl, const mortise_iface_index_t& method,
                            schema::IndexDef& index) {
  std::vector<mortise_index_column_t> columns;
  for (size_t i = 0; i < index.types.size(); ++i) {
    mortise_index_column_t column{};
    column.type = index.types[i];
    column.flags = i < index.flags.size() ? index.flags[i] : 0;
    columns.push_back(column);
  }
  mortise_index_desc_t desc{};
  desc.struct_size_bytes = sizeof desc;
  desc.columns = columns.data();
  desc.columns_count = static_cast<uint32_t>(columns.size());
  desc.includes_count = index.includes_count;
  desc.object = index.id;
  ErrorSlot error;
  return error.status(method.create(ddl.txn(), &desc, &index.segment, error.get()));
}

Status drop_index(DdlRun& ddl, const schema::IndexDef& index) {
  const mortise_iface_index_t* method = ddl.services().index_method(index.method);
  if (method == nullptr) {
    return Status(
        Code::unsupported, "58P01",
        "access method \"" + index.method + "\" of index \"" + index.name + "\" is not there");
  }
  ErrorSlot error;
  MORTISE_TRY(error.status(method->drop(ddl.txn(), index.segment, error.get())));
  MORTISE_TRY(drop_comments(ddl, index.id));
  MORTISE_TRY(ddl.catalog().erase(index));
  MORTISE_TRY_ASSIGN(auto stored, ddl.catalog().get<schema::RelationDef>(index.relation));
  if (!stored) return ddl.changed();
  std::erase(stored->definition.indexes, index.id);
  return ddl.put_relation(stored->definition, stored->version);
}

Status rebuild_index(DdlRun& ddl, mortise_object_id_t id) {
  MORTISE_TRY(renew_index(ddl, id));
  MORTISE_TRY_ASSIGN(const auto stored, ddl.catalog().get<schema::IndexDef>(id));
  if (!stored) return {};
  MORTISE_TRY_ASSIGN(const RelationPtr relation, ddl.reload(stored->definition.relation));
  for (const IndexInfo& info : relation->indexes) {
    if (info.id() == id) MORTISE_TRY(build(ddl, *relation, info));
  }
  return {};
}

Status retype_indexes(DdlRun& ddl, const Relation& relation, uint32_t column,
                      const mortise_type_t& type) {
  for (const IndexInfo& info : relation.indexes) {
    MORTISE_TRY_ASSIGN(auto stored, ddl.catalog().get<schema::IndexDef>(info.id()));
    if (!stored) continue;
    bool is_changed = false;
    for (size_t i = 0; i < stored->definition.columns.size(); ++i) {
      if (stored->definition.columns[i] != column) continue;
      stored->definition.types[i] = type;
      is_changed = true;
    }
    if (is_changed) MORTISE_TRY(ddl.catalog().put(stored->definition, stored->version));
  }
  return {};
}

namespace {

Status read_element(Node element, const Relation& relation, bool is_key, IndexRequest& request) {
  if (element[0] && element[0].is(MORTISE_SYNTAX_COLUMN) == false) {
    return unsupported("indexes on expressions are not supported");
  }
  if (element[2].count() > 0) {
    // Operator classes: the default ones of the types, by PostgreSQL's names, change nothing.
    std::string_view name;
    for (const Node part : element[2]) name = part.text();
    if (!name.ends_with("_ops") || name.ends_with("_pattern_ops")) {
      return Status(Code::unsupported, "0A000",
                    "operator class \"" + std::string(name) + "\" is not supported");
    }
  }
  const std::string_view wanted =
      element.text().empty() ? element[0][element[0].count() - 1].text() : element.text();
  const int32_t position = relation.find_column(wanted);
  if (position < 0) {
    return Status(Code::not_found, "42703",
                  "column \"" + std::string(wanted) + "\" does not exist");
  }
  const auto column = static_cast<uint32_t>(position);
  request.columns.push_back(column);
  request.types.push_back(relation.columns()[column].type);
  request.expressions.emplace_back();
  if (!is_key) {
    ++request.includes_count;
    return {};
  }
  const bool is_descending = element.has(MORTISE_SYNTAX_DESCENDING);
  bool is_nulls_first = is_descending;
  if (element.has(MORTISE_SYNTAX_NULLS_FIRST)) is_nulls_first = true;
  if (element.has(MORTISE_SYNTAX_NULLS_LAST)) is_nulls_first = false;
  request.flags.push_back((is_descending ? MORTISE_INDEX_DESCENDING : 0) |
                          (is_nulls_first ? MORTISE_INDEX_NULLS_FIRST : 0));
  return {};
}

}  // namespace

Result<std::string> create_index(DdlRun& ddl) {
  const Node node = ddl.node();
  const Node table = node[0];
  MORTISE_TRY_ASSIGN(
      const RelationPtr relation,
      ddl.relation(table[0], table.position(), MORTISE_OBJECT_OTHER, false, MORTISE_MODE_SIX));
  if (relation->definition.kind != schema::RelationKind::table) {
    return Status(Code::invalid, "42809",
                  "cannot create index on relation \"" + relation->name() + "\"");
  }
  if (node[3]) return unsupported("partial indexes are not supported");
  IndexRequest request;
  request.is_unique = node.has(MORTISE_SYNTAX_UNIQUE);
  request.is_nulls_not_distinct = node.has(MORTISE_SYNTAX_NOT);
  if (node[5]) request.method.assign(node[5].text());
  std::string column_names;
  for (const Node element : node[1]) {
    MORTISE_TRY(read_element(element, *relation, true, request));
    if (!column_names.empty()) column_names.append("_");
    column_names.append(relation->columns()[request.columns.back()].name);
  }
  for (const Node element : node[2]) {
    MORTISE_TRY(read_element(element, *relation, false, request));
    column_names.append("_").append(relation->columns()[request.columns.back()].name);
  }
  schema::SchemaDef schema;
  schema.id = relation->definition.schema;
  schema.name = relation->schema_name;
  if (node.text().empty()) {
    MORTISE_TRY_ASSIGN(request.name,
                       free_name(ddl, schema.id, relation->name(), column_names, "idx"));
  } else {
    request.name.assign(node.text());
    bool is_there = false;
    MORTISE_TRY(
        ddl.check_name_free(schema, request.name, node.has(MORTISE_SYNTAX_IF_EXISTS), &is_there));
    if (is_there) return std::string("CREATE INDEX");
  }
  MORTISE_TRY(make_index(ddl, relation, std::move(request)));
  return std::string("CREATE INDEX");
}

}  // namespace mortise::sql_engine
