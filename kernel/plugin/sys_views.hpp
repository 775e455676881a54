// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what does the server know about itself, as rows?
//
// The kernel's provider of mortise.sysview/1, slot "kernel": sys.plugins, sys.plugin_interfaces,
// sys.settings, sys.metrics, sys.activity, sys.memory, and what the instance adds.  A read takes a
// picture when it is opened; nothing is locked while rows travel.
//
// Object ids 15,900 to 15,999 are the kernel's.
//
// Threads: add is [control]; reads [worker, concurrent].

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "kernel/plugin/loader.hpp"
#include "mortise/iface/draft/sysview.h"

namespace mortise::plugin {

// A value of a system relation: null, a number (int8, int4, timestamptz as microseconds since
// 2000), a float8, a truth or a text.  It has to fit its column's type.
using Cell = std::variant<std::monostate, int64_t, double, bool, std::string>;
using Row = std::vector<Cell>;

struct SysColumn {
  std::string name;
  uint32_t sql_type;  // MORTISE_SQL_BOOL, INT4, INT8, FLOAT8, TEXT, TIMESTAMPTZ
};

class SysViews {
 public:
  static constexpr uint32_t kObjectFirst = 15900;

  SysViews();
  ~SysViews();
  SysViews(const SysViews&) = delete;
  SysViews& operator=(const SysViews&) = delete;

  // A relation of schema "sys".  `rows` is called for every read, on the reader's thread.
  // Before table() is handed out.
  void add(std::string_view name, std::string_view help, std::vector<SysColumn> columns,
           std::function<std::vector<Row>()> rows);

  // Lives as long as this object.
  const mortise_iface_sysview_t* table();

 private:
  struct View;
  std::vector<std::unique_ptr<View>> views_;
  std::vector<mortise_sysview_t> described_;
  mortise_iface_sysview_t table_{};
};

// sys.plugins, sys.plugin_interfaces.
void add_plugin_views(SysViews& views, const Loader& loader, const Registry& registry);
// sys.settings, sys.metrics, sys.activity, sys.memory; over the installed services.
void add_service_views(SysViews& views);

// Microseconds since 1970 as a timestamptz's microseconds since 2000; null for 0.
Cell timestamp_cell(int64_t unix_us);

}  // namespace mortise::plugin
