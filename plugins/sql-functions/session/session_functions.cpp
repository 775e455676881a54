// SPDX-License-Identifier: Apache-2.0

// Functions that answer facts of the session and change its settings.

#include "evaluate.hpp"
#include "instance.hpp"
#include "session/lists.hpp"

namespace mortise::sql_functions {
namespace {

#if defined(__x86_64__)
constexpr std::string_view kProcessor = "x86_64";
#elif defined(__aarch64__)
constexpr std::string_view kProcessor = "aarch64";
#else
constexpr std::string_view kProcessor = "unknown";
#endif

std::string_view current_database(Call& call) {
  return view_of(call.session()->database);
}
std::optional<std::string_view> current_schema(Call& call) {
  const std::string_view schema = view_of(call.session()->schema);
  if (schema.empty()) return std::nullopt;
  return schema;
}
std::string_view current_user(Call& call) {
  return view_of(call.session()->user);
}
std::string_view session_user(Call& call) {
  return view_of(call.session()->session_user);
}
int32_t backend_pid(Call& call) {
  return static_cast<int32_t>(call.session()->process_id);
}

Result<std::optional<std::string>> read_setting(Call& call, std::string_view name,
                                                bool missing_ok) {
  const mortise_session_context_t* session = call.session();
  if (session->setting_get == nullptr) return unsupported("settings cannot be read here");
  ErrorSlot slot;
  mortise_str_t value{};
  const mortise_status_t status =
      session->setting_get(session->settings, str_of(name), &value, slot.get());
  if (status == MORTISE_E_NOT_FOUND) {
    if (missing_ok) return std::optional<std::string>();
    return Status(Code::not_found, "42704",
                  "unrecognized configuration parameter \"" + std::string(name) + "\"");
  }
  if (status < 0) return slot.status(status);
  return std::optional(std::string(view_of(value)));
}
// Clients read the first two words; the rest is for people.
Result<std::string> version(Call& call) {
  MORTISE_TRY_ASSIGN(const std::optional<std::string> spoken,
                     read_setting(call, "server_version", false));
  std::string text = "PostgreSQL " + spoken.value_or("") + " (Mortise";
  if (const std::string_view own = instance().product_version(); !own.empty()) {
    text += ' ';
    text += own;
  }
  text += ") on ";
  text += kProcessor;
  text += "-pc-linux-gnu, compiled by " __VERSION__ ", ";
  text += std::to_string(sizeof(void*) * 8);
  text += "-bit";
  return text;
}

Result<std::optional<std::string>> current_setting(Call& call, std::string_view name) {
  return read_setting(call, name, false);
}
Result<std::optional<std::string>> current_setting_or_null(Call& call, std::string_view name,
                                                           bool missing_ok) {
  return read_setting(call, name, missing_ok);
}

Result<std::optional<std::string>> set_config(Call& call, std::optional<std::string_view> name,
                                              std::optional<std::string_view> value,
                                              std::optional<bool> is_local) {
  if (!name) return Status(Code::invalid, "22004", "SET requires parameter name");
  const mortise_session_context_t* session = call.session();
  if (session->setting_set == nullptr) return unsupported("settings cannot be changed here");
  ErrorSlot slot;
  const mortise_status_t status =
      session->setting_set(session->settings, str_of(*name), str_of(value.value_or("")),
                           is_local.value_or(false) ? 1 : 0, slot.get());
  if (status < 0) return slot.status(status);
  return read_setting(call, *name, false);
}

std::string_view encoding_name(int32_t number) {
  constexpr int32_t kUtf8 = 6;
  if (number == 0) return "SQL_ASCII";
  return number == kUtf8 ? "UTF8" : "";
}
int32_t encoding_number(std::string_view name) {
  constexpr int32_t kUtf8 = 6;
  std::string lower;
  for (const char c : name) {
    if (c != '-' && c != '_') lower.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
  }
  if (lower == "utf8" || lower == "unicode") return kUtf8;
  return lower == "sqlascii" ? 0 : -1;
}
std::string_view utf8() {
  return "UTF8";
}

constexpr mortise_function_t kTable[] = {
    scalar<":text">(89, "version", row<&version>,
                    {.volatility = MORTISE_VOLATILITY_STABLE, .cannot_fail = true}),
    scalar<":name">(861, "current_database", row<&current_database>,
                    {.volatility = MORTISE_VOLATILITY_STABLE, .cannot_fail = true}),
    scalar<":name">(1402, "current_schema", row<&current_schema>,
                    {.volatility = MORTISE_VOLATILITY_STABLE, .cannot_fail = true}),
    scalar<":name">(745, "current_user", row<&current_user>,
                    {.volatility = MORTISE_VOLATILITY_STABLE, .cannot_fail = true}),
    scalar<":name">(746, "session_user", row<&session_user>,
                    {.volatility = MORTISE_VOLATILITY_STABLE, .cannot_fail = true}),
    scalar<":int4">(2026, "pg_backend_pid", row<&backend_pid>,
                    {.volatility = MORTISE_VOLATILITY_STABLE, .cannot_fail = true}),
    scalar<"text:text">(2077, "current_setting", row<&current_setting>,
                        {.volatility = MORTISE_VOLATILITY_STABLE}),
    scalar<"text,bool:text">(3294, "current_setting", row<&current_setting_or_null>,
                             {.volatility = MORTISE_VOLATILITY_STABLE}),
    scalar<"text,text,bool:text">(2078, "set_config", row<&set_config>,
                                  {.volatility = MORTISE_VOLATILITY_VOLATILE, .is_strict = false}),
    scalar<"int4:name">(1597, "pg_encoding_to_char", row<&encoding_name>,
                        {.volatility = MORTISE_VOLATILITY_STABLE, .cannot_fail = true}),
    scalar<"name:int4">(1264, "pg_char_to_encoding", row<&encoding_number>,
                        {.volatility = MORTISE_VOLATILITY_STABLE, .cannot_fail = true}),
    scalar<":name">(1039, "getdatabaseencoding", row<&utf8>,
                    {.volatility = MORTISE_VOLATILITY_STABLE, .cannot_fail = true}),
    scalar<":name">(810, "pg_client_encoding", row<&utf8>,
                    {.volatility = MORTISE_VOLATILITY_STABLE, .cannot_fail = true}),
};

}  // namespace

const FunctionList kSessionFunctions = kTable;

}  // namespace mortise::sql_functions
