// SPDX-License-Identifier: Apache-2.0
//
// The running server: settings, sessions, prepared transactions.
#include "catalog/system_ids.hpp"
#include "mortise/cpp/boundary.hpp"
#include "relation/fills.hpp"
#include "relation/session_settings.hpp"
#include "text/array.hpp"
#include "text/words.hpp"
#include "types/timestamp.hpp"

namespace mortise::sql_catalog {
namespace {

std::optional<std::string_view> shown(mortise_str_t text) {
  if (text.size_bytes == 0) return std::nullopt;
  return view_of(text);
}

std::string_view vartype_of(std::string_view type) {
  if (type == "bool" || type == "enum") return type;
  if (type == "int" || type == "bytes" || type == "duration") return "integer";
  return type == "float" ? "real" : "string";
}

std::optional<std::string_view> unit_of(const mortise_setting_info_t& s) {
  if (s.unit.size_bytes == 0) return std::nullopt;
  return view_of(s.unit) == "bytes" ? std::string_view("B") : view_of(s.unit);
}

void add_setting(Scan& scan, const mortise_setting_info_t& s) {
  std::optional<std::string> choices;
  if (s.choices.size_bytes != 0) choices = array_text(words(view_of(s.choices), ","));
  const std::string_view context = s.needs_restart != 0       ? "postmaster"
                                   : s.is_session_scoped != 0 ? "user"
                                                              : "sighup";
  const std::string_view source = view_of(s.source) == "default" ? "default" : "configuration file";
  scan.rows.add(s.name, s.value, unit_of(s), "Mortise", s.help, kNull, context,
                vartype_of(view_of(s.type)), source, shown(s.minimum), shown(s.maximum), choices,
                s.default_value, s.value, kNull, kNull, false);
}

// What SHOW knows in this session, in PostgreSQL's names.
void add_session_settings(Scan& scan) {
  const mortise_session_context_t* session = scan.objects.session();
  if (session == nullptr || session->setting_get == nullptr) return;
  for (const SessionSetting& s : session_settings()) {
    mortise_str_t value{};
    ErrorSlot error;
    if (session->setting_get(session->settings, str_of(s.name), &value, error.get()) !=
        MORTISE_OK) {
      continue;
    }
    const std::string_view text = view_of(value);
    const auto null_if_none = [](std::string_view v) {
      return v.empty() ? std::optional<std::string_view>() : std::optional<std::string_view>(v);
    };
    std::optional<std::string> choices;
    if (!s.choices.empty()) choices = array_text(words(s.choices, ","));
    scan.rows.add(s.name, text, null_if_none(s.unit), s.category, s.help, kNull, s.context,
                  s.vartype, "default", null_if_none(s.minimum), null_if_none(s.maximum), choices,
                  text, text, kNull, kNull, false);
  }
}

// The host's callback, for a C++ visitor of one argument.
template <typename Info, typename Visit>
int32_t MORTISE_CALL visit_info(void* context, const Info* info) {
  (*static_cast<Visit*>(context))(*info);
  return 0;
}

std::string_view state_name(uint32_t state) {
  switch (state) {
    case MORTISE_ACTIVITY_ACTIVE:
      return "active";
    case MORTISE_ACTIVITY_IDLE_IN_TRANSACTION:
      return "idle in transaction";
    case MORTISE_ACTIVITY_FAILED_IN_TRANSACTION:
      return "idle in transaction (aborted)";
    default:
      return "idle";
  }
}

// One session, copied: its strings live for the visit only.
struct Session {
  mortise_activity_info_t info;
  std::string user;
  std::string database;
  std::string application;
  std::string client;
  std::string statement;
};

std::vector<Session> sessions(const Services& services) {
  std::vector<Session> list;
  if (services.activity == nullptr) return list;
  auto visit = [&](const mortise_activity_info_t& a) {
    list.push_back({a, std::string(view_of(a.user)), std::string(view_of(a.database)),
                    std::string(view_of(a.application_name)),
                    std::string(view_of(a.client_address)), std::string(view_of(a.statement))});
  };
  services.activity->each(visit_info<mortise_activity_info_t, decltype(visit)>, &visit);
  return list;
}

// "127.0.0.1:5433" is an address and a port.
std::string_view address_of(std::string_view client) {
  const size_t colon = client.rfind(':');
  const bool has_port = colon != std::string_view::npos && client.find(':') == colon;
  return has_port ? client.substr(0, colon) : client;
}
int64_t port_of(std::string_view client) {
  const size_t colon = client.rfind(':');
  if (colon == std::string_view::npos || client.find(':') != colon) return -1;
  return number<int64_t>(client.substr(colon + 1));
}

}  // namespace

Status fill_pg_settings(Scan& scan) {
  add_session_settings(scan);
  const Services& services = scan.objects.services();
  if (services.settings == nullptr) return {};
  auto visit = [&](const mortise_setting_info_t& s) { add_setting(scan, s); };
  services.settings->each(visit_info<mortise_setting_info_t, decltype(visit)>, &visit);
  return {};
}

Status fill_pg_stat_activity(Scan& scan) {
  for (const Session& s : sessions(scan.objects.services())) {
    const mortise_activity_info_t& a = s.info;
    std::optional<mortise_object_id_t> database_id;
    MORTISE_TRY_ASSIGN(const auto* databases, scan.objects.databases());
    for (const DatabaseDef& d : *databases) {
      if (d.name == s.database) database_id = d.id;
    }
    std::optional<mortise_object_id_t> user_id;
    MORTISE_TRY_ASSIGN(const RoleDef* role, scan.objects.role(s.user));
    if (role != nullptr) user_id = role->id;
    std::optional<std::string_view> address;
    if (!s.client.empty()) address = address_of(s.client);
    std::optional<uint64_t> transaction;
    if (a.txid != 0) transaction = a.txid & 0xFFFFFFFF;
    const bool is_waiting = a.state != MORTISE_ACTIVITY_ACTIVE;
    std::optional<std::string_view> wait_type;
    std::optional<std::string_view> wait_event;
    if (is_waiting) {
      wait_type = "Client";
      wait_event = "ClientRead";
    }
    scan.rows.add(database_id, s.database, a.process_id, kNull, user_id, s.user, s.application,
                  address, kNull, port_of(s.client), moment(a.connected_us),
                  moment(a.transaction_began_us), moment(a.statement_began_us),
                  moment(a.state_changed_us), wait_type, wait_event, state_name(a.state),
                  transaction, kNull, kNull, s.statement, "client backend");
  }
  return {};
}

Status fill_pg_stat_database(Scan& scan) {
  const std::vector<Session> list = sessions(scan.objects.services());
  MORTISE_TRY_ASSIGN(const auto* databases, scan.objects.databases());
  for (const DatabaseDef& d : *databases) {
    int64_t backends = 0;
    for (const Session& s : list) backends += s.database == d.name ? 1 : 0;
    scan.rows.add(d.id, d.name, backends, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, kNull, 0.0, 0.0,
                  0.0, 0.0, 0.0, 0, 0, 0, 0, kNull);
  }
  return {};
}

Status fill_pg_prepared_xacts(Scan& scan) {
  const Services& services = scan.objects.services();
  auto visit = [&](const mortise_txn_info_t& t) {
    if (t.is_prepared == 0) return;
    scan.rows.add(t.txid & 0xFFFFFFFF, t.global_id, moment(t.began_us), kNull, kNull);
  };
  services.txn->each(visit_info<mortise_txn_info_t, decltype(visit)>, &visit);
  return {};
}

}  // namespace mortise::sql_catalog
