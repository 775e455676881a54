// SPDX-License-Identifier: Apache-2.0
#include "kernel/plugin/sys_views.hpp"

#include <algorithm>
#include <cstring>

#include "kernel/platform/io.hpp"
#include "kernel/plugin/service/services.hpp"
#include "mortise/cpp/batch.hpp"
#include "mortise/cpp/boundary.hpp"
#include "mortise/cpp/plugin.hpp"
#include "mortise/iface/draft/type.h"

namespace mortise::plugin {

namespace {

uint16_t physical_of(uint32_t sql_type) {
  switch (sql_type) {
    case MORTISE_SQL_BOOL:
      return MORTISE_PHYSICAL_BOOL;
    case MORTISE_SQL_INT4:
      return MORTISE_PHYSICAL_INT32;
    case MORTISE_SQL_FLOAT8:
      return MORTISE_PHYSICAL_FLOAT64;
    case MORTISE_SQL_TEXT:
      return MORTISE_PHYSICAL_TEXT;
    default:
      return MORTISE_PHYSICAL_INT64;
  }
}

// One column of one batch, in buffers as batch.h asks.
class ColumnBuffer {
 public:
  ColumnBuffer(uint16_t physical, uint32_t rows)
      : physical_(physical),
        validity_(bitmap_size_bytes(rows)),
        data_(physical == MORTISE_PHYSICAL_BOOL
                  ? bitmap_size_bytes(rows)
                  : (uint64_t{width_bytes(physical)} * rows + 63) / 64 * 64) {}

  void set(uint32_t row, const Cell& cell) {
    if (std::holds_alternative<std::monostate>(cell)) return;
    set_bit(words(validity_), row);
    if (const auto* truth = std::get_if<bool>(&cell)) {
      assign_bit(words(data_), row, *truth);
    } else if (const auto* text = std::get_if<std::string>(&cell)) {
      put(row, view_to(*text));
    } else if (const auto* real = std::get_if<double>(&cell)) {
      put(row, *real);
    } else if (physical_ == MORTISE_PHYSICAL_INT32) {
      put(row, static_cast<int32_t>(std::get<int64_t>(cell)));
    } else {
      put(row, std::get<int64_t>(cell));
    }
  }

  mortise_column_t column() { return {words(validity_), data_.data(), 0, 0}; }

 private:
  static uint64_t* words(platform::AlignedBuffer& buffer) {
    return reinterpret_cast<uint64_t*>(buffer.data());
  }
  template <typename T>
  void put(uint32_t row, const T& value) {
    std::memcpy(data_.data() + sizeof(T) * row, &value, sizeof(T));
  }

  uint16_t physical_;
  platform::AlignedBuffer validity_;
  platform::AlignedBuffer data_;
};

}  // namespace

struct SysViews::View {
  std::string name;
  std::string help;
  std::vector<SysColumn> columns;
  std::vector<mortise_sysview_column_t> described;
  std::function<std::vector<Row>()> rows;
};

namespace {

struct Cursor {
  std::vector<Row> rows;
  size_t next = 0;
  std::vector<uint32_t> wanted;
  std::vector<mortise_type_t> types;
  std::vector<ColumnBuffer> buffers;
  std::vector<mortise_column_t> columns;
};

mortise_type_t type_of(uint32_t sql_type) {
  mortise_type_t type{};
  type.sql_type = sql_type;
  type.modifier = -1;
  type.physical = physical_of(sql_type);
  return type;
}

mortise_status_t next_batch(Cursor& cursor, mortise_batch_t* batch) {
  const size_t left = cursor.rows.size() - cursor.next;
  if (left == 0) return MORTISE_END;
  const auto count = static_cast<uint32_t>(std::min<size_t>(left, MORTISE_BATCH_ROWS_DEFAULT));
  cursor.buffers.clear();
  cursor.columns.clear();
  for (size_t c = 0; c < cursor.wanted.size(); ++c) {
    ColumnBuffer& buffer = cursor.buffers.emplace_back(cursor.types[c].physical, count);
    for (uint32_t row = 0; row < count; ++row) {
      buffer.set(row, cursor.rows[cursor.next + row][cursor.wanted[c]]);
    }
    cursor.columns.push_back(buffer.column());
  }
  cursor.next += count;
  *batch = {sizeof(mortise_batch_t),
            count,
            static_cast<uint32_t>(cursor.wanted.size()),
            count,
            nullptr,
            cursor.columns.data(),
            cursor.types.data(),
            nullptr};
  return MORTISE_OK;
}

template <typename View>
mortise_status_t MORTISE_CALL open_view(void* context, const mortise_evaluation_t*,
                                        const mortise_read_view_t*, const uint32_t* columns,
                                        uint32_t columns_count, const mortise_sysview_hint_t*,
                                        uint32_t, void** out, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    const View& view = *static_cast<const View*>(context);
    auto cursor = std::make_unique<Cursor>();
    for (uint32_t i = 0; i < columns_count; ++i) {
      if (columns[i] >= view.columns.size()) {
        return internal("sys." + view.name + " has no column " + std::to_string(columns[i]));
      }
      cursor->wanted.push_back(columns[i]);
      cursor->types.push_back(type_of(view.columns[columns[i]].sql_type));
    }
    cursor->rows = view.rows();
    *out = cursor.release();
    return {};
  });
}

mortise_status_t MORTISE_CALL next_of_view(void* cursor, mortise_batch_t* batch,
                                           mortise_error_t* error) {
  return guard(error, [&] { return next_batch(*static_cast<Cursor*>(cursor), batch); });
}

void MORTISE_CALL close_view(void* cursor) {
  delete static_cast<Cursor*>(cursor);
}

}  // namespace

SysViews::SysViews() = default;
SysViews::~SysViews() = default;

void SysViews::add(std::string_view name, std::string_view help, std::vector<SysColumn> columns,
                   std::function<std::vector<Row>()> rows) {
  auto view = std::make_unique<View>();
  view->name = name;
  view->help = help;
  view->columns = std::move(columns);
  view->rows = std::move(rows);
  for (const SysColumn& c : view->columns) {
    view->described.push_back({str_of(c.name), c.sql_type, 0});
  }
  views_.push_back(std::move(view));
}

const mortise_iface_sysview_t* SysViews::table() {
  described_.clear();
  for (const auto& view : views_) {
    mortise_sysview_t d{};
    d.object = kObjectFirst + static_cast<uint32_t>(described_.size());
    d.columns_count = static_cast<uint32_t>(view->described.size());
    d.schema = literal("sys");
    d.name = str_of(view->name);
    d.columns = view->described.data();
    d.help = str_of(view->help);
    d.context = view.get();
    d.is_view = 1;
    d.open = open_view<View>;
    d.next = next_of_view;
    d.close = close_view;
    described_.push_back(d);
  }
  table_ = {header_of<mortise_iface_sysview_t>(), described_.data(),
            static_cast<uint32_t>(described_.size()), sizeof(mortise_sysview_t)};
  return &table_;
}

Cell timestamp_cell(int64_t unix_us) {
  constexpr int64_t kYear2000Us = 946'684'800'000'000;
  if (unix_us == 0) return {};
  return unix_us - kYear2000Us;
}

}  // namespace mortise::plugin
