// SPDX-License-Identifier: Apache-2.0
#include "kernel/observe/log.hpp"

#include <algorithm>
#include <vector>

#include "kernel/plugin/service/services.hpp"
#include "mortise/cpp/boundary.hpp"
#include "mortise/cpp/plugin.hpp"
#include "mortise/iface/log.h"

namespace mortise::plugin {

namespace {

observe::LogLevel level_of(uint32_t level) {
  return static_cast<observe::LogLevel>(std::min(level, MORTISE_LOG_ERROR));
}

uint32_t MORTISE_CALL is_enabled(mortise_str_t scope, uint32_t level) {
  return observe::process_log().is_enabled(view_of(scope), level_of(level)) ? 1 : 0;
}

void MORTISE_CALL write(mortise_str_t scope, uint32_t level, mortise_str_t event,
                        const mortise_log_field_t* fields, uint32_t fields_count) {
  // Cannot fail: without memory the line is lost.
  (void)guard(nullptr, [&]() -> Status {
    std::vector<observe::LogField> converted;
    converted.reserve(fields_count);
    for (uint32_t i = 0; i < fields_count; ++i) {
      converted.push_back({view_of(fields[i].name), view_of(fields[i].value)});
    }
    observe::process_log().write(view_of(scope), level_of(level), view_of(event), converted);
    return {};
  });
}

constexpr mortise_iface_log_t kTable = {header_of<mortise_iface_log_t>(), is_enabled, write};

}  // namespace

const void* log_table() {
  return &kTable;
}

}  // namespace mortise::plugin
