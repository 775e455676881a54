// SPDX-License-Identifier: Apache-2.0
#include "tests/fake_database.hpp"

#include <cstring>

#include "function/lists.hpp"
#include "mortise/cpp/batch.hpp"
#include "mortise/cpp/boundary.hpp"
#include "relation/scan.hpp"
#include "tests/fake_services.hpp"
#include "types/array_value.hpp"
#include "types/lists.hpp"
#include "types/physical.hpp"

namespace mortise::sql_catalog {
namespace {

mortise_status_t MORTISE_CALL setting_get(void* settings, mortise_str_t name, mortise_str_t* value,
                                          mortise_error_t* error) {
  auto* database = static_cast<FakeDatabase*>(settings);
  if (view_of(name) == "search_path") {
    *value = str_of(database->search_path);
    return MORTISE_OK;
  }
  if (view_of(name) == "server_version") {
    *value = literal("15.0");
    return MORTISE_OK;
  }
  return report(not_found("unrecognized configuration parameter"), error);
}

// '{a,NULL}', and '1 2' for a vector.
std::string array_text_at(std::string_view value, uint32_t sql_type) {
  const auto elements = elements_of_value(value);
  if (!elements) return "damaged";
  const bool is_vector = sql_type == kSqlInt2Vector || sql_type == kSqlOidVector;
  std::string out;
  for (const auto& element : *elements) {
    if (!out.empty()) out += is_vector ? ' ' : ',';
    out += element.value_or("NULL");
  }
  return is_vector ? out : "{" + out + "}";
}

std::string text_at(const mortise_column_t& column, uint32_t sql_type, uint32_t row) {
  if (is_constant(column)) row = 0;
  if (column.validity != nullptr && !get_bit(column.validity, row)) return "NULL";
  switch (physical_of(sql_type)) {
    case MORTISE_PHYSICAL_BOOL:
      return Booleans(column)[row] ? "t" : "f";
    case MORTISE_PHYSICAL_INT16:
      return std::to_string(Values<int16_t>(column)[row]);
    case MORTISE_PHYSICAL_INT32:
      return std::to_string(Values<int32_t>(column)[row]);
    case MORTISE_PHYSICAL_INT64:
      return std::to_string(Values<int64_t>(column)[row]);
    case MORTISE_PHYSICAL_FLOAT32:
      return std::to_string(Values<float>(column)[row]);
    case MORTISE_PHYSICAL_FLOAT64:
      return std::to_string(Values<double>(column)[row]);
    case MORTISE_PHYSICAL_TEXT:
      return std::string(Strings(column)[row]);
    case MORTISE_PHYSICAL_ORDERED:
      return array_text_at(Strings(column)[row], sql_type);
    default:
      return "?";
  }
}

// Buffers of one value, as a column has them.
struct OneValue {
  alignas(64) uint64_t validity[8] = {~uint64_t{0}};
  alignas(64) uint8_t data[64] = {};
  std::string bytes;

  void set(uint32_t sql_type, const Value& value) {
    if (std::holds_alternative<std::monostate>(value)) validity[0] = 0;
    if (const auto* text = std::get_if<std::string>(&value)) {
      const bool is_array = physical_of(sql_type) == MORTISE_PHYSICAL_ORDERED;
      bytes = is_array ? array_value(sql_type, *text) : *text;
      const mortise_view_t view = view_to(bytes);
      std::memcpy(data, &view, sizeof view);
    }
    if (const auto* number = std::get_if<int64_t>(&value)) {
      const size_t size_bytes =
          physical_of(sql_type) == MORTISE_PHYSICAL_BOOL ? 1 : width_bytes(physical_of(sql_type));
      std::memcpy(data, number, size_bytes);
    }
  }
  mortise_column_t face() const { return {validity, data, 0, 0}; }
};

const mortise_function_t* find_function(std::string_view name, const std::vector<uint32_t>& types) {
  for (uint32_t i = 0; i < kFunctionTable.functions_count; ++i) {
    const mortise_function_t& f = kFunctionTable.functions[i];
    if (view_of(f.name) == name && f.arguments_count == types.size() &&
        std::equal(types.begin(), types.end(), f.argument_types)) {
      return &f;
    }
  }
  return nullptr;
}

// Arguments of one row, held together.
struct OneRow {
  OneRow(const std::vector<uint32_t>& sql_types, std::vector<Value> arguments)
      : given(std::move(arguments)), values(given.size()) {
    for (size_t i = 0; i < given.size(); ++i) {
      values[i].set(sql_types[i], given[i]);
      columns.push_back(values[i].face());
      types.push_back(plain_type(sql_types[i]));
      has_null = has_null || std::holds_alternative<std::monostate>(given[i]);
    }
  }
  mortise_arguments_t face() const {
    return {columns.data(), types.data(), static_cast<uint32_t>(columns.size()), 1, nullptr, 1, 0};
  }
  std::vector<Value> given;  // long strings stand here
  std::vector<OneValue> values;
  std::vector<mortise_column_t> columns;
  std::vector<mortise_type_t> types;
  bool has_null = false;
};

std::string failure_text(const Status& status) {
  return std::string(status.sqlstate()) + " " + std::string(status.message());
}

}  // namespace

mortise_object_t FakeDatabase::Stored::face() const {
  mortise_object_t o{};
  o.struct_size_bytes = sizeof o;
  o.kind = kind;
  o.id = id;
  o.parent = parent;
  o.name = str_of(name);
  o.version = 1;
  o.body = {reinterpret_cast<const uint8_t*>(body.data()), body.size()};
  return o;
}

FakeDatabase::FakeDatabase() {
  serve_from(this);
  instance_.services = fake_services();
  publish(&instance_);
  session_.struct_size_bytes = sizeof session_;
  session_.user = literal("postgres");
  session_.session_user = literal("postgres");
  session_.database = literal("postgres");
  session_.settings = this;
  session_.setting_get = setting_get;
  evaluation_.struct_size_bytes = sizeof evaluation_;
  evaluation_.session = &session_;
  evaluation_.arena = this;
  evaluation_.allocate = [](void* arena, uint64_t size_bytes, mortise_error_t*) -> void* {
    auto& memory = static_cast<FakeDatabase*>(arena)->memory_;
    memory.push_back(std::make_unique<char[]>(size_bytes));
    return memory.back().get();
  };
  evaluation_.view = &view_;

  schema::DatabaseDef database;
  database.id = schema::kDatabasePostgres;
  database.name = "postgres";
  add(database);
  schema::RoleDef role;
  role.id = schema::kRolePostgres;
  role.name = "postgres";
  role.is_superuser = role.can_login = role.can_create_role = role.can_create_database = true;
  role.can_replicate = role.bypasses_row_security = true;
  add(role);
  schema::SchemaDef space;
  space.id = schema::kSchemaPublic;
  space.database = schema::kDatabasePostgres;
  space.name = "public";
  add(space);
}

FakeDatabase::~FakeDatabase() {
  publish(nullptr);
  serve_from(nullptr);
}

void FakeDatabase::put(uint32_t kind, mortise_object_id_t id, mortise_object_id_t parent,
                       std::string name, std::string body) {
  objects_[{kind, id}] = {kind, id, parent, std::move(name), std::move(body)};
}
void FakeDatabase::add(const schema::DatabaseDef& d) {
  put(MORTISE_KIND_DATABASE, d.id, 0, d.name, encode(d));
}
void FakeDatabase::add(const schema::RoleDef& d) {
  put(MORTISE_KIND_ROLE, d.id, 0, d.name, encode(d));
}
void FakeDatabase::add(const schema::SchemaDef& d) {
  put(MORTISE_KIND_SCHEMA, d.id, d.database, d.name, encode(d));
}
void FakeDatabase::add(const schema::RelationDef& d) {
  put(MORTISE_KIND_RELATION, d.id, d.schema, d.name, encode(d));
}
void FakeDatabase::add(const schema::IndexDef& d) {
  put(MORTISE_KIND_INDEX, d.id, d.schema, d.name, encode(d));
}
void FakeDatabase::add(const schema::ConstraintDef& d) {
  put(MORTISE_KIND_CONSTRAINT, d.id, d.relation, d.name, encode(d));
}
void FakeDatabase::add(const schema::CommentDef& d) {
  put(MORTISE_KIND_COMMENT, d.id, d.object,
      std::to_string(d.kind) + ":" + std::to_string(d.attribute), encode(d));
}

const mortise_evaluation_t* FakeDatabase::evaluation() {
  return &evaluation_;
}

std::vector<TextRow> FakeDatabase::read(std::string_view schema, std::string_view relation,
                                        std::vector<std::string_view> columns,
                                        std::vector<Hint> hints) {
  const mortise_sysview_t* view = nullptr;
  for (uint32_t i = 0; i < kViewTable.views_count; ++i) {
    const mortise_sysview_t& v = kViewTable.views[i];
    if (view_of(v.schema) == schema && view_of(v.name) == relation) view = &v;
  }
  if (view == nullptr) return {{"no such relation"}};
  std::vector<uint32_t> wanted;
  for (uint32_t i = 0; columns.empty() && i < view->columns_count; ++i) wanted.push_back(i);
  const auto position = [&](std::string_view name) {
    uint32_t i = 0;
    while (i < view->columns_count && view_of(view->columns[i].name) != name) ++i;
    return i;
  };
  for (const std::string_view name : columns) wanted.push_back(position(name));
  std::vector<OneValue> values(hints.size());
  std::vector<mortise_sysview_hint_t> faces;
  for (size_t i = 0; i < hints.size(); ++i) {
    const uint32_t at = position(hints[i].column);
    values[i].set(view->columns[at].sql_type, hints[i].value);
    faces.push_back({at, 0, values[i].data});
  }
  void* cursor = nullptr;
  ErrorSlot error;
  const Status opened = error.status(view->open(
      view->context, evaluation(), &view_, wanted.data(), static_cast<uint32_t>(wanted.size()),
      faces.data(), static_cast<uint32_t>(faces.size()), &cursor, error.get()));
  if (!opened) return {{failure_text(opened)}};
  std::vector<TextRow> rows;
  mortise_batch_t batch{};
  while (view->next(cursor, &batch, error.get()) == MORTISE_OK) {
    for (uint32_t row = 0; row < batch.rows_count; ++row) {
      TextRow& out = rows.emplace_back();
      for (uint32_t i = 0; i < batch.columns_count; ++i) {
        out.push_back(text_at(batch.columns[i], batch.types[i].sql_type, row));
      }
    }
  }
  view->close(cursor);
  return rows;
}

std::string FakeDatabase::call(std::string_view name, std::vector<uint32_t> types,
                               std::vector<Value> arguments) {
  const mortise_function_t* f = find_function(name, types);
  if (f == nullptr) return "no such function";
  const OneRow row(types, arguments);
  if (f->is_strict != 0 && row.has_null) return "NULL";
  OneValue result;
  mortise_column_out_t out = {result.validity, result.data, 0, 0};
  const mortise_arguments_t face = row.face();
  ErrorSlot error;
  const Status status = error.status(f->evaluate(evaluation(), nullptr, &face, &out, error.get()));
  if (!status) return failure_text(status);
  return text_at(result.face(), f->return_type, 0);
}

std::vector<TextRow> FakeDatabase::call_rows(std::string_view name, std::vector<uint32_t> types,
                                             std::vector<Value> arguments) {
  const mortise_function_t* f = find_function(name, types);
  if (f == nullptr || f->table == nullptr) return {{"no such function"}};
  const OneRow row(types, arguments);
  const mortise_arguments_t face = row.face();
  void* cursor = nullptr;
  ErrorSlot error;
  const Status status =
      error.status(f->table->open(evaluation(), nullptr, &face, &cursor, error.get()));
  if (!status) return {{failure_text(status)}};
  std::vector<TextRow> rows;
  mortise_batch_t batch{};
  while (f->table->next(cursor, evaluation(), &batch, error.get()) == MORTISE_OK) {
    for (uint32_t at = 0; at < batch.rows_count; ++at) {
      TextRow& out = rows.emplace_back();
      for (uint32_t i = 0; i < batch.columns_count; ++i) {
        out.push_back(text_at(batch.columns[i], batch.types[i].sql_type, at));
      }
    }
  }
  f->table->close(cursor);
  return rows;
}

std::string FakeDatabase::text_in(uint32_t type, std::string_view text) {
  for (uint32_t i = 0; i < kTypeTable.types_count; ++i) {
    const mortise_type_info_t& info = kTypeTable.types[i];
    if (info.sql_type != type) continue;
    const OneRow row({MORTISE_SQL_TEXT}, {std::string(text)});
    const mortise_arguments_t face = row.face();
    const mortise_type_t resolved = plain_type(type);
    OneValue value;
    mortise_column_out_t out = {value.validity, value.data, 0, 0};
    ErrorSlot error;
    const Status read =
        error.status(info.text_in(evaluation(), &resolved, &face, &out, error.get()));
    if (!read) return failure_text(read);
    const mortise_column_t column = value.face();
    const mortise_arguments_t again = {&column, &resolved, 1, 1, nullptr, 1, 0};
    OneValue shown;
    mortise_column_out_t text_out = {shown.validity, shown.data, 0, 0};
    const Status written =
        error.status(info.text_out(evaluation(), &resolved, &again, &text_out, error.get()));
    if (!written) return failure_text(written);
    return text_at(shown.face(), MORTISE_SQL_TEXT, 0);
  }
  return "no such type";
}

schema::ColumnDef column(std::string name, uint32_t type, int32_t modifier) {
  schema::ColumnDef c;
  c.name = std::move(name);
  c.type = plain_type(type);
  c.type.modifier = modifier;
  return c;
}

std::string joined(const std::vector<TextRow>& rows) {
  std::string out;
  for (const TextRow& row : rows) {
    if (!out.empty()) out += '\n';
    for (size_t i = 0; i < row.size(); ++i) {
      if (i > 0) out += '|';
      out += row[i];
    }
  }
  return out;
}

}  // namespace mortise::sql_catalog
