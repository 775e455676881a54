// SPDX-License-Identifier: Apache-2.0
#include "tests/fake_services.hpp"

#include <cstring>

#include "function/lists.hpp"
#include "mortise/cpp/boundary.hpp"
#include "relation/scan.hpp"
#include "types/lists.hpp"

namespace mortise::sql_catalog {
namespace {

const FakeDatabase* g_database = nullptr;

mortise_status_t not_there(mortise_error_t* error) {
  return report(not_found("no such object"), error);
}

mortise_status_t MORTISE_CALL get(const mortise_read_view_t*, uint32_t kind, mortise_object_id_t id,
                                  mortise_object_visit_t visit, void* context,
                                  mortise_error_t* error) {
  const auto found = g_database->stored().find({kind, id});
  if (found == g_database->stored().end()) return not_there(error);
  const mortise_object_t face = found->second.face();
  visit(context, &face);
  return MORTISE_OK;
}

mortise_status_t MORTISE_CALL find(const mortise_read_view_t*, uint32_t kind,
                                   mortise_object_id_t parent, mortise_str_t name,
                                   mortise_object_visit_t visit, void* context,
                                   mortise_error_t* error) {
  for (const auto& [key, object] : g_database->stored()) {
    if (object.kind != kind || object.parent != parent || object.name != view_of(name)) continue;
    const mortise_object_t face = object.face();
    visit(context, &face);
    return MORTISE_OK;
  }
  return not_there(error);
}

mortise_status_t MORTISE_CALL each(const mortise_read_view_t*, uint32_t kind,
                                   mortise_object_id_t parent, mortise_object_visit_t visit,
                                   void* context, mortise_error_t*) {
  for (const auto& [key, object] : g_database->stored()) {
    if (object.kind != kind || (parent != 0 && object.parent != parent)) continue;
    const mortise_object_t face = object.face();
    if (visit(context, &face) != 0) break;
  }
  return MORTISE_OK;
}

mortise_status_t MORTISE_CALL read_open(mortise_scn_t, mortise_read_view_t* view,
                                        mortise_error_t*) {
  *view = {};
  return MORTISE_OK;
}
void MORTISE_CALL read_close(const mortise_read_view_t*) {}
void MORTISE_CALL each_transaction(int32_t(MORTISE_CALL*)(void*, const mortise_txn_info_t*),
                                   void*) {}

void MORTISE_CALL each_setting(int32_t(MORTISE_CALL* visit)(void*, const mortise_setting_info_t*),
                               void* context) {
  mortise_setting_info_t s{};
  s.name = literal("buffer_pool_size");
  s.value = literal("67108864");
  s.default_value = s.value;
  s.type = literal("bytes");
  s.unit = literal("bytes");
  s.source = literal("default");
  s.help = literal("Memory for pages.");
  visit(context, &s);
}

void MORTISE_CALL each_session(int32_t(MORTISE_CALL* visit)(void*, const mortise_activity_info_t*),
                               void* context) {
  mortise_activity_info_t a{};
  a.struct_size_bytes = sizeof a;
  a.process_id = 42;
  a.user = literal("postgres");
  a.database = literal("postgres");
  a.application_name = literal("psql");
  a.client_address = literal("127.0.0.1:50000");
  a.statement = literal("select 1");
  a.state = MORTISE_ACTIVITY_ACTIVE;
  a.connected_us = 1'700'000'000'000'000;
  visit(context, &a);
}
uint32_t MORTISE_CALL act_on(uint32_t process_id) {
  return process_id == 42 ? 1 : 0;
}

// The scalar types that another plugin provides; text forms are not needed here.
template <uint16_t Physical>
mortise_status_t MORTISE_CALL resolve(int32_t modifier, mortise_type_t* type, mortise_error_t*) {
  *type = {0, modifier, Physical, 0, 0, 0};
  return MORTISE_OK;
}

uint32_t MORTISE_CALL length_out(int32_t modifier, char* buffer, uint32_t capacity_bytes) {
  const std::string text = "(" + std::to_string(modifier - 4) + ")";
  std::memcpy(buffer, text.data(), std::min<size_t>(text.size(), capacity_bytes));
  return static_cast<uint32_t>(text.size());
}
uint32_t MORTISE_CALL numeric_out(int32_t modifier, char* buffer, uint32_t capacity_bytes) {
  const std::string text = "(" + std::to_string((modifier - 4) >> 16) + "," +
                           std::to_string((modifier - 4) & 0xFFFF) + ")";
  std::memcpy(buffer, text.data(), std::min<size_t>(text.size(), capacity_bytes));
  return static_cast<uint32_t>(text.size());
}
uint32_t MORTISE_CALL precision_out(int32_t modifier, char* buffer, uint32_t capacity_bytes) {
  return length_out(modifier + 4, buffer, capacity_bytes);
}

constexpr mortise_type_info_t scalar_type(
    uint32_t oid, uint32_t array, const char* name, const char* display, int32_t length_bytes,
    char category, uint32_t(MORTISE_CALL* modifier_out)(int32_t, char*, uint32_t) = nullptr) {
  mortise_type_info_t t{};
  t.sql_type = oid;
  t.array_type = array;
  t.name = literal(name);
  t.display = literal(display);
  t.length_bytes = length_bytes;
  t.category = static_cast<uint32_t>(category);
  t.takes_modifier = modifier_out == nullptr ? 0 : 1;
  t.modifier_out = modifier_out;
  return t;
}

constexpr mortise_type_info_t kScalarTypes[] = {
    scalar_type(16, 1000, "bool", "boolean", 1, 'B'),
    scalar_type(17, 1001, "bytea", "bytea", -1, 'U'),
    scalar_type(18, 1002, "char", "\"char\"", 1, 'Z'),
    scalar_type(19, 1003, "name", "name", 64, 'S'),
    scalar_type(20, 1016, "int8", "bigint", 8, 'N'),
    scalar_type(21, 1005, "int2", "smallint", 2, 'N'),
    scalar_type(23, 1007, "int4", "integer", 4, 'N'),
    scalar_type(25, 1009, "text", "text", -1, 'S'),
    scalar_type(26, 1028, "oid", "oid", 4, 'N'),
    scalar_type(700, 1021, "float4", "real", 4, 'N'),
    scalar_type(701, 1022, "float8", "double precision", 8, 'N'),
    scalar_type(1042, 1014, "bpchar", "character", -1, 'S', length_out),
    scalar_type(1043, 1015, "varchar", "character varying", -1, 'S', length_out),
    scalar_type(1082, 1182, "date", "date", 4, 'D'),
    scalar_type(1114, 1115, "timestamp", "timestamp without time zone", 8, 'D', precision_out),
    scalar_type(1184, 1185, "timestamptz", "timestamp with time zone", 8, 'D', precision_out),
    scalar_type(1186, 1187, "interval", "interval", 16, 'T'),
    scalar_type(1700, 1231, "numeric", "numeric", -1, 'N', numeric_out),
    scalar_type(2950, 2951, "uuid", "uuid", 16, 'U')};

constexpr mortise_iface_type_t kScalarTable = {header_of<mortise_iface_type_t>(), kScalarTypes,
                                               static_cast<uint32_t>(std::size(kScalarTypes)),
                                               sizeof(mortise_type_info_t)};

mortise_iface_catalog_t catalog_table() {
  mortise_iface_catalog_t t{};
  t.header = header_of<mortise_iface_catalog_t>();
  t.get = get;
  t.find = find;
  t.each = each;
  return t;
}
mortise_iface_txn_t txn_table() {
  mortise_iface_txn_t t{};
  t.header = header_of<mortise_iface_txn_t>();
  t.read_open = read_open;
  t.read_close = read_close;
  t.each = each_transaction;
  return t;
}
mortise_iface_settings_t settings_table() {
  mortise_iface_settings_t t{};
  t.header = header_of<mortise_iface_settings_t>();
  t.each = each_setting;
  return t;
}
mortise_iface_activity_t activity_table() {
  mortise_iface_activity_t t{};
  t.header = header_of<mortise_iface_activity_t>();
  t.each = each_session;
  t.cancel = act_on;
  t.terminate = act_on;
  return t;
}
const mortise_iface_catalog_t kCatalog = catalog_table();
const mortise_iface_txn_t kTxn = txn_table();
const mortise_iface_settings_t kSettings = settings_table();
const mortise_iface_activity_t kActivity = activity_table();

void MORTISE_CALL each_provider(const mortise_host_t*, mortise_str_t interface_id,
                                int32_t(MORTISE_CALL* visit)(void*, mortise_str_t, const void*),
                                void* context) {
  const std::string_view id = view_of(interface_id);
  if (id == MORTISE_IFACE_SYSVIEW) visit(context, literal("sql-catalog"), &kViewTable);
  if (id == MORTISE_IFACE_FUNCTIONS) visit(context, literal("sql-catalog"), &kFunctionTable);
  if (id == MORTISE_IFACE_TYPE) {
    visit(context, literal("sql-catalog"), &kTypeTable);
    visit(context, literal("sql-functions"), &kScalarTable);
  }
  if (id == "mortise.index/1") visit(context, literal("btree"), &kCatalog);
}

mortise_host_t host_table() {
  mortise_host_t host{};
  host.header = header_of<mortise_host_t>();
  host.each_provider = each_provider;
  return host;
}
const mortise_host_t kHost = host_table();

}  // namespace

void serve_from(const FakeDatabase* database) {
  g_database = database;
}

Services fake_services() {
  Services services;
  services.host = Host(&kHost);
  services.catalog = &kCatalog;
  services.txn = &kTxn;
  services.settings = &kSettings;
  services.activity = &kActivity;
  return services;
}

}  // namespace mortise::sql_catalog
