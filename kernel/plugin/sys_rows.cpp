// SPDX-License-Identifier: Apache-2.0
//
// The rows of the kernel's system relations.
#include "kernel/plugin/service/services.hpp"
#include "kernel/plugin/sys_views.hpp"
#include "mortise/iface/draft/type.h"

namespace mortise::plugin {

namespace {

// An empty text is shown as null.
Cell text_cell(std::string_view text) {
  if (text.empty()) return {};
  return std::string(text);
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out.append(out.empty() ? "" : ", ").append(part);
  return out;
}

int64_t signed_of(uint64_t value) {
  return value > INT64_MAX ? INT64_MAX : static_cast<int64_t>(value);
}

std::vector<Row> plugin_rows(const Loader& loader) {
  std::vector<Row> rows;
  for (const PluginStatus& s : loader.statuses()) {
    rows.push_back(
        {s.name, text_cell(s.version), std::string(name_of(s.phase)), std::string(name_of(s.state)),
         text_cell(s.reason), s.start_order == 0 ? Cell() : Cell(int64_t{s.start_order}),
         s.start_us == 0 ? Cell() : Cell(signed_of(s.start_us)), text_cell(joined(s.needs)),
         text_cell(joined(s.offers)), text_cell(s.summary), text_cell(s.library)});
  }
  return rows;
}

std::vector<Row> interface_rows(const Registry& registry) {
  std::vector<Row> rows;
  for (const Offer& offer : registry.all()) {
    const auto& header = *static_cast<const mortise_header_t*>(offer.table);
    rows.push_back({offer.interface_id, text_cell(offer.slot), offer.provider,
                    int64_t{header.major}, int64_t{header.minor},
                    registry.find(offer.interface_id, offer.slot) == offer.table});
  }
  return rows;
}

std::vector<Row> setting_rows() {
  std::vector<Row> rows;
  for (const config::SettingState& s : service_backends().settings->all()) {
    rows.push_back({s.spec.name, s.value.text, std::string(name_of(s.spec.type)),
                    std::string(name_of(s.source)), s.spec.default_text,
                    text_cell(range_of(s.spec)), s.pending ? Cell(*s.pending) : Cell(),
                    s.spec.needs_restart,
                    std::string(s.spec.is_session_scoped ? "session" : "instance"), s.spec.help});
  }
  return rows;
}

std::vector<Row> metric_rows() {
  std::vector<Row> rows;
  for (const observe::MetricSample& m : service_backends().metrics->all()) {
    const bool is_histogram = m.kind == observe::MetricKind::histogram;
    rows.push_back({m.scope, m.name, std::string(name_of(m.kind)), m.value,
                    is_histogram ? Cell(m.sum) : Cell(), text_cell(m.help)});
  }
  return rows;
}

std::vector<Row> activity_rows() {
  std::vector<Row> rows;
  service_backends().activities->each([&](const observe::ActivityInfo& a) {
    rows.push_back({int64_t{a.process_id}, a.user, a.database, text_cell(a.application_name),
                    text_cell(a.client_address), std::string(name_of(a.state)),
                    text_cell(a.statement), a.txid == 0 ? Cell() : Cell(signed_of(a.txid)),
                    timestamp_cell(a.connected_us), timestamp_cell(a.transaction_began_us),
                    timestamp_cell(a.statement_began_us), timestamp_cell(a.state_changed_us)});
    return true;
  });
  return rows;
}

std::vector<Row> memory_rows() {
  std::vector<Row> rows;
  for (const AccountSample& a : account_samples()) {
    rows.push_back({a.name, signed_of(a.used_bytes), signed_of(a.peak_bytes),
                    a.budget_bytes == UINT64_MAX ? Cell() : Cell(signed_of(a.budget_bytes))});
  }
  return rows;
}

}  // namespace

void add_plugin_views(SysViews& views, const Loader& loader, const Registry& registry) {
  views.add("plugins", "Installed plugins, their state, and why one does not run.",
            {{"name", MORTISE_SQL_TEXT},
             {"version", MORTISE_SQL_TEXT},
             {"phase", MORTISE_SQL_TEXT},
             {"state", MORTISE_SQL_TEXT},
             {"reason", MORTISE_SQL_TEXT},
             {"start_order", MORTISE_SQL_INT4},
             {"start_us", MORTISE_SQL_INT8},
             {"needs", MORTISE_SQL_TEXT},
             {"offers", MORTISE_SQL_TEXT},
             {"summary", MORTISE_SQL_TEXT},
             {"library", MORTISE_SQL_TEXT}},
            [&loader] { return plugin_rows(loader); });
  views.add("plugin_interfaces", "Who provides which interface.",
            {{"interface", MORTISE_SQL_TEXT},
             {"slot", MORTISE_SQL_TEXT},
             {"provider", MORTISE_SQL_TEXT},
             {"major", MORTISE_SQL_INT4},
             {"minor", MORTISE_SQL_INT4},
             {"is_active", MORTISE_SQL_BOOL}},
            [&registry] { return interface_rows(registry); });
}

void add_service_views(SysViews& views) {
  views.add("settings", "Every setting, its value and who set it.",
            {{"name", MORTISE_SQL_TEXT},
             {"value", MORTISE_SQL_TEXT},
             {"type", MORTISE_SQL_TEXT},
             {"source", MORTISE_SQL_TEXT},
             {"default_value", MORTISE_SQL_TEXT},
             {"range", MORTISE_SQL_TEXT},
             {"pending", MORTISE_SQL_TEXT},
             {"needs_restart", MORTISE_SQL_BOOL},
             {"scope", MORTISE_SQL_TEXT},
             {"help", MORTISE_SQL_TEXT}},
            setting_rows);
  views.add("metrics", "Counters, gauges and histograms of kernel and plugins.",
            {{"scope", MORTISE_SQL_TEXT},
             {"name", MORTISE_SQL_TEXT},
             {"kind", MORTISE_SQL_TEXT},
             {"value", MORTISE_SQL_INT8},
             {"sum", MORTISE_SQL_INT8},
             {"help", MORTISE_SQL_TEXT}},
            metric_rows);
  views.add("activity", "Sessions and what they do.",
            {{"pid", MORTISE_SQL_INT4},
             {"user_name", MORTISE_SQL_TEXT},
             {"database", MORTISE_SQL_TEXT},
             {"application_name", MORTISE_SQL_TEXT},
             {"client_address", MORTISE_SQL_TEXT},
             {"state", MORTISE_SQL_TEXT},
             {"statement", MORTISE_SQL_TEXT},
             {"txid", MORTISE_SQL_INT8},
             {"connected_at", MORTISE_SQL_TIMESTAMPTZ},
             {"transaction_began_at", MORTISE_SQL_TIMESTAMPTZ},
             {"statement_began_at", MORTISE_SQL_TIMESTAMPTZ},
             {"state_changed_at", MORTISE_SQL_TIMESTAMPTZ}},
            activity_rows);
  views.add("memory", "Memory accounts: who uses how much, and how much they may.",
            {{"account", MORTISE_SQL_TEXT},
             {"used_bytes", MORTISE_SQL_INT8},
             {"peak_bytes", MORTISE_SQL_INT8},
             {"budget_bytes", MORTISE_SQL_INT8}},
            memory_rows);
}

}  // namespace mortise::plugin
