// SPDX-License-Identifier: Apache-2.0
#include "kernel/config/settings.hpp"

#include <algorithm>
#include <cstring>

#include "kernel/plugin/service/services.hpp"
#include "mortise/cpp/boundary.hpp"
#include "mortise/cpp/plugin.hpp"
#include "mortise/iface/settings.h"

namespace mortise::plugin {

namespace {

using config::SettingState;
using config::SettingType;
using config::SettingValue;

config::Settings& settings() {
  return *service_backends().settings;
}

// The value, if its type is one of `types`.
Result<SettingValue> typed(mortise_str_t name, std::initializer_list<SettingType> types) {
  MORTISE_TRY_ASSIGN(SettingState state, settings().find(view_of(name)));
  if (std::find(types.begin(), types.end(), state.spec.type) == types.end()) {
    return invalid(std::string("setting '")
                       .append(view_of(name))
                       .append("' is of type ")
                       .append(name_of(state.spec.type)));
  }
  return std::move(state.value);
}

mortise_status_t MORTISE_CALL get_bool(mortise_str_t name, uint32_t* value,
                                       mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    MORTISE_TRY_ASSIGN(const SettingValue found, typed(name, {SettingType::boolean}));
    *value = found.integer != 0 ? 1 : 0;
    return {};
  });
}

mortise_status_t MORTISE_CALL get_integer(mortise_str_t name, int64_t* value,
                                          mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    MORTISE_TRY_ASSIGN(const SettingValue found,
                       typed(name, {SettingType::integer, SettingType::bytes, SettingType::duration,
                                    SettingType::choice}));
    *value = found.integer;
    return {};
  });
}

mortise_status_t MORTISE_CALL get_float(mortise_str_t name, double* value, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    MORTISE_TRY_ASSIGN(const SettingValue found,
                       typed(name, {SettingType::real, SettingType::integer}));
    *value = found.real;
    return {};
  });
}

mortise_status_t MORTISE_CALL get_text(mortise_str_t name, char* buffer, uint64_t capacity_bytes,
                                       uint64_t* size_bytes, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    MORTISE_TRY_ASSIGN(const SettingValue found, settings().value(view_of(name)));
    *size_bytes = found.text.size();
    const uint64_t copied = std::min<uint64_t>(capacity_bytes, found.text.size());
    if (copied != 0) std::memcpy(buffer, found.text.data(), copied);
    return {};
  });
}

mortise_status_t MORTISE_CALL check(mortise_str_t name, mortise_str_t value,
                                    mortise_error_t* error) {
  return guard(error, [&] { return settings().check(view_of(name), view_of(value)); });
}

mortise_status_t MORTISE_CALL set_system(mortise_str_t name, mortise_str_t value,
                                         mortise_error_t* error) {
  return guard(error, [&] { return settings().set_system(view_of(name), view_of(value)); });
}

std::string_view unit_of(const SettingState& s) {
  if (s.spec.type == SettingType::bytes) return "bytes";
  if (s.spec.type == SettingType::duration) return "ms";
  return s.spec.unit;
}

void MORTISE_CALL each(int32_t(MORTISE_CALL* visit)(void* context,
                                                    const mortise_setting_info_t* info),
                       void* context) {
  // Cannot fail: without memory nothing is visited.
  (void)guard(nullptr, [&]() -> Status {
    for (const SettingState& s : settings().all()) {
      std::string choices;
      for (const std::string& c : s.spec.choices) choices.append(choices.empty() ? "" : ",") += c;
      const mortise_setting_info_t info = {str_of(s.spec.name),
                                           str_of(s.value.text),
                                           str_of(s.spec.default_text),
                                           str_of(name_of(s.spec.type)),
                                           str_of(unit_of(s)),
                                           str_of(name_of(s.source)),
                                           str_of(s.spec.help),
                                           str_of(s.spec.minimum),
                                           str_of(s.spec.maximum),
                                           str_of(choices),
                                           s.spec.needs_restart ? 1U : 0U,
                                           s.spec.is_session_scoped ? 1U : 0U};
      if (visit(context, &info) != 0) break;
    }
    return {};
  });
}

constexpr mortise_iface_settings_t kTable = {header_of<mortise_iface_settings_t>(),
                                             get_bool,
                                             get_integer,
                                             get_float,
                                             get_text,
                                             check,
                                             set_system,
                                             each};

}  // namespace

const void* settings_table() {
  return &kTable;
}

}  // namespace mortise::plugin
