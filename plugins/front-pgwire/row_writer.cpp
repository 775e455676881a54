// SPDX-License-Identifier: Apache-2.0
#include "row_writer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <new>

#include "mortise/cpp/boundary.hpp"

namespace mortise::front_pgwire {
namespace {

constexpr size_t kChunkBytes = 64 * 1024;

// Types whose text is that of a plain number or string, whatever the session's settings.
bool is_direct_type(const mortise_type_t& type) {
  switch (type.sql_type) {
    case MORTISE_SQL_INT2:
    case MORTISE_SQL_INT4:
    case MORTISE_SQL_INT8:
    case MORTISE_SQL_TEXT:
    case MORTISE_SQL_VARCHAR:
    case MORTISE_SQL_NAME:
    case MORTISE_SQL_BOOL:
      return true;
    default:
      return false;
  }
}

template <typename T>
void write_integer(T value, bool is_binary, MessageWriter& out) {
  if (is_binary) {
    out.u32(sizeof(T));
    for (int shift = (static_cast<int>(sizeof(T)) - 1) * 8; shift >= 0; shift -= 8) {
      out.u8(static_cast<uint8_t>(static_cast<uint64_t>(value) >> shift));
    }
    return;
  }
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  const std::string_view text(digits.data(), static_cast<size_t>(end - digits.data()));
  out.u32(static_cast<uint32_t>(text.size()));
  out.bytes(text);
}

}  // namespace

Result<std::unique_ptr<RowWriter>> RowWriter::open(const Types& types,
                                                   std::span<const mortise_result_column_t> columns,
                                                   std::vector<uint8_t> is_binary) {
  MORTISE_ASSERT(columns.size() == is_binary.size());
  std::unique_ptr<RowWriter> writer(new RowWriter());
  for (size_t i = 0; i < columns.size(); ++i) {
    const mortise_type_t& type = columns[i].type;
    const mortise_type_info_t* info = types.find(type.sql_type);
    const bool is_direct = is_direct_type(type);
    if (info == nullptr && !is_direct) {
      return unsupported("no enabled plugin can write values of type " +
                         std::to_string(type.sql_type));
    }
    writer->columns_.push_back({info, type, is_binary[i] != 0, is_direct, {}});
  }
  return writer;
}

void* RowWriter::allocate(void* arena, uint64_t size_bytes, mortise_error_t* error) {
  auto& self = *static_cast<RowWriter*>(arena);
  const size_t wanted = (size_bytes + 7) / 8 * 8;
  if (self.chunks_.empty() || self.chunk_size_bytes_ - self.chunk_used_bytes_ < wanted) {
    const size_t chunk_bytes = std::max(kChunkBytes, wanted);
    std::unique_ptr<uint8_t[]> chunk(new (std::nothrow) uint8_t[chunk_bytes]);
    if (chunk == nullptr) {
      (void)report(no_memory("out of memory while writing a result"), error);
      return nullptr;
    }
    self.chunks_.push_back(std::move(chunk));
    self.chunk_size_bytes_ = chunk_bytes;
    self.chunk_used_bytes_ = 0;
  }
  void* place = self.chunks_.back().get() + self.chunk_used_bytes_;
  self.chunk_used_bytes_ += wanted;
  return place;
}

Status RowWriter::convert(Column& column, const mortise_batch_t& batch, uint32_t index,
                          const mortise_evaluation_t& evaluation) {
  const uint32_t rows = batch.rows_count;
  column.converted.views.resize(std::max<size_t>(rows, 1));
  column.converted.validity.assign(bitmap_size_bytes(std::max<uint64_t>(rows, 1)) / 8,
                                   ~uint64_t{0});
  mortise_arguments_t arguments{};
  arguments.columns = &batch.columns[index];
  arguments.types = &batch.types[index];
  arguments.columns_count = 1;
  arguments.rows_count = rows;
  arguments.selection = batch.selection;
  arguments.selected_count = batch.selected_count;
  mortise_column_out_t out{column.converted.validity.data(), column.converted.views.data(), 0, 0};
  ErrorSlot error;
  const auto conversion = column.is_binary ? column.info->binary_out : column.info->text_out;
  if (conversion == nullptr) {
    return {Code::unsupported, "42883",
            std::string("no binary output function available for type ")
                .append(view_of(column.info->display))};
  }
  MORTISE_TRY(
      error.status(conversion(&evaluation, &batch.types[index], &arguments, &out, error.get())));
  if ((out.flags & MORTISE_COLUMN_CONSTANT) != 0) {
    std::fill(column.converted.views.begin(), column.converted.views.end(),
              column.converted.views[0]);
    if (!get_bit(column.converted.validity.data(), 0)) {
      std::fill(column.converted.validity.begin(), column.converted.validity.end(), 0);
    }
  }
  return {};
}

void RowWriter::write_direct(const mortise_column_t& values, const mortise_type_t& type,
                             bool is_binary, uint32_t row, MessageWriter& out) {
  switch (type.physical) {
    case MORTISE_PHYSICAL_INT16:
      return write_integer(Values<int16_t>(values)[row], is_binary, out);
    case MORTISE_PHYSICAL_INT32:
      return write_integer(Values<int32_t>(values)[row], is_binary, out);
    case MORTISE_PHYSICAL_INT64:
      return write_integer(Values<int64_t>(values)[row], is_binary, out);
    case MORTISE_PHYSICAL_BOOL: {
      const bool value = Booleans(values)[row];
      out.u32(1);
      out.u8(is_binary ? (value ? 1 : 0) : static_cast<uint8_t>(value ? 't' : 'f'));
      return;
    }
    default: {
      const std::string_view text = Strings(values)[row];
      out.u32(static_cast<uint32_t>(text.size()));
      out.bytes(text);
      return;
    }
  }
}

Status RowWriter::write(const mortise_batch_t& batch, const mortise_session_context* session,
                        MessageWriter& out) {
  MORTISE_ASSERT(batch.columns_count == columns_.size());
  chunks_.clear();
  mortise_evaluation_t evaluation{};
  evaluation.struct_size_bytes = sizeof evaluation;
  evaluation.session = session;
  evaluation.arena = this;
  evaluation.allocate = allocate;
  for (uint32_t i = 0; i < batch.columns_count; ++i) {
    if (!columns_[i].is_direct) MORTISE_TRY(convert(columns_[i], batch, i, evaluation));
  }
  for_each_selected(batch.rows_count, batch.selection, batch.selected_count, [&](uint32_t row) {
    out.begin('D');
    out.u16(static_cast<uint16_t>(columns_.size()));
    for (uint32_t i = 0; i < batch.columns_count; ++i) {
      const mortise_column_t& values = batch.columns[i];
      const uint32_t at = is_constant(values) ? 0 : row;
      const Column& column = columns_[i];
      if (values.validity != nullptr && !get_bit(values.validity, at)) {
        out.u32(UINT32_MAX);
      } else if (column.is_direct) {
        write_direct(values, batch.types[i], column.is_binary, row, out);
      } else if (!get_bit(column.converted.validity.data(), row)) {
        out.u32(UINT32_MAX);
      } else {
        const std::string_view text = text_of(column.converted.views[row]);
        out.u32(static_cast<uint32_t>(text.size()));
        out.bytes(text);
      }
    }
    out.end();
  });
  return {};
}

}  // namespace mortise::front_pgwire
