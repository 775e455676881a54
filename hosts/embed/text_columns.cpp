// SPDX-License-Identifier: Apache-2.0
#include "hosts/embed/text_columns.hpp"

#include <algorithm>
#include <cstring>

#include "mortise/cpp/batch.hpp"
#include "mortise/cpp/boundary.hpp"
#include "mortise/cpp/plugin.hpp"

namespace mortise::embed {

namespace {

uint32_t stored_width(uint16_t physical) {
  return physical == MORTISE_PHYSICAL_BOOL ? 1 : width_bytes(physical);
}

uint64_t* words(platform::AlignedBuffer& buffer) {
  return reinterpret_cast<uint64_t*>(buffer.data());
}
const uint64_t* words(const platform::AlignedBuffer& buffer) {
  return reinterpret_cast<const uint64_t*>(buffer.data());
}

}  // namespace

void BatchCopy::clear() {
  rows_ = 0;
  columns_.clear();
  strings_.clear();
  settle();
}

void BatchCopy::add(const mortise_batch_t& batch) {
  if (columns_.empty()) columns_.resize(batch.columns_count);
  MORTISE_ASSERT(columns_.size() == batch.columns_count);
  for (uint32_t c = 0; c < batch.columns_count; ++c) add_column(columns_[c], batch, c);
  rows_ += batch.selection == nullptr ? batch.rows_count : batch.selected_count;
  settle();
}

void BatchCopy::add_column(Column& column, const mortise_batch_t& batch, uint32_t index) {
  const mortise_column_t& from = batch.columns[index];
  column.type = batch.types[index];
  const uint32_t width = stored_width(column.type.physical);
  const uint64_t mask = is_constant(from) ? 0 : ~uint64_t{0};
  const auto* bytes = static_cast<const std::byte*>(from.data);
  for_each_selected(
      batch.rows_count, batch.selection, batch.selected_count, [&](uint32_t selected) {
        const uint64_t row = selected & mask;
        const bool valid = from.validity == nullptr || get_bit(from.validity, row);
        const size_t at = column.values.size();
        column.values.resize(at + width);
        column.validity.push_back(valid ? 1 : 0);
        if (!valid) return;
        if (column.type.physical == MORTISE_PHYSICAL_BOOL) {
          column.values[at] = std::byte{
              get_bit(static_cast<const uint64_t*>(from.data), row) ? uint8_t{1} : uint8_t{0}};
          return;
        }
        if (!is_view(column.type.physical)) {
          std::memcpy(column.values.data() + at, bytes + row * width, width);
          return;
        }
        mortise_view_t view;
        std::memcpy(&view, bytes + row * width, sizeof(view));
        if (view.size_bytes > MORTISE_VIEW_INLINE_BYTES_MAX) {
          auto kept = std::make_unique<char[]>(view.size_bytes);
          std::memcpy(kept.get(), view.u.data, view.size_bytes);
          view = view_to({kept.get(), view.size_bytes});
          strings_.push_back(std::move(kept));
        }
        std::memcpy(column.values.data() + at, &view, sizeof(view));
      });
}

void BatchCopy::settle() {
  abi_columns_.clear();
  abi_types_.clear();
  for (Column& c : columns_) {
    const bool is_bool = c.type.physical == MORTISE_PHYSICAL_BOOL;
    const uint64_t padded = (c.values.size() + 63) / 64 * 64;
    c.data_buffer = platform::AlignedBuffer(is_bool ? bitmap_size_bytes(rows_) : padded);
    c.validity_buffer = platform::AlignedBuffer(bitmap_size_bytes(rows_));
    if (!is_bool && !c.values.empty()) {
      std::memcpy(c.data_buffer.data(), c.values.data(), c.values.size());
    }
    for (uint32_t row = 0; row < rows_; ++row) {
      if (c.validity[row] != 0) set_bit(words(c.validity_buffer), row);
      if (is_bool && c.values[row] != std::byte{0}) set_bit(words(c.data_buffer), row);
    }
    abi_columns_.push_back({words(c.validity_buffer), c.data_buffer.data(), 0, 0});
    abi_types_.push_back(c.type);
  }
  batch_ = {sizeof(mortise_batch_t),
            rows_,
            static_cast<uint32_t>(columns_.size()),
            rows_,
            nullptr,
            abi_columns_.data(),
            abi_types_.data(),
            nullptr};
}

bool TextTable::is_null(uint32_t row, uint32_t column) const {
  const Column& c = columns_[column];
  return !get_bit(words(c.validity), c.is_constant ? 0 : row);
}

const char* TextTable::text(uint32_t row, uint32_t column, uint64_t* size_bytes) const {
  if (is_null(row, column)) {
    *size_bytes = 0;
    return nullptr;
  }
  const Column& c = columns_[column];
  const auto* views = reinterpret_cast<const mortise_view_t*>(c.views.data());
  const std::string_view text = text_of(views[c.is_constant ? 0 : row]);
  *size_bytes = text.size();
  return text.data();
}

void TextColumns::find_types(const mortise_host_t* host) {
  types_.clear();
  Host(host).each<mortise_iface_type_t>(
      MORTISE_IFACE_TYPE, [&](std::string_view, const mortise_iface_type_t* table) {
        for (uint32_t i = 0; i < table->types_count; ++i) {
          const auto* type = reinterpret_cast<const mortise_type_info_t*>(
              reinterpret_cast<const std::byte*>(table->types) +
              uint64_t{i} * table->type_stride_bytes);
          types_.emplace(type->sql_type, type);
        }
      });
}

Result<TextTable> TextColumns::convert(const mortise_batch_t& batch,
                                       const mortise_session_context_t* context) const {
  MORTISE_ASSERT(batch.selection == nullptr);
  TextTable out;
  mortise_evaluation_t evaluation{};
  evaluation.struct_size_bytes = sizeof(evaluation);
  evaluation.session = context;
  evaluation.arena = &out.blocks_;
  evaluation.allocate = [](void* arena, uint64_t size, mortise_error_t*) -> void* {
    auto& blocks = *static_cast<std::vector<std::unique_ptr<char[]>>*>(arena);
    blocks.push_back(std::make_unique<char[]>(size + 8));
    return blocks.back().get();
  };
  for (uint32_t c = 0; c < batch.columns_count; ++c) {
    const mortise_type_t& type = batch.types[c];
    const auto found = types_.find(type.sql_type);
    if (found == types_.end()) {
      return unsupported("nobody knows the text form of type " + std::to_string(type.sql_type));
    }
    TextTable::Column column;
    column.views = platform::AlignedBuffer(
        std::max<uint64_t>(64, uint64_t{batch.rows_count} * sizeof(mortise_view_t)));
    column.validity =
        platform::AlignedBuffer(std::max<uint64_t>(64, bitmap_size_bytes(batch.rows_count)));
    std::vector<uint16_t> present;
    for (uint32_t row = 0; row < batch.rows_count; ++row) {
      if (!get_bit(batch.columns[c].validity, row)) continue;
      set_bit(words(column.validity), row);
      present.push_back(static_cast<uint16_t>(row));
    }
    const mortise_arguments_t arguments = {&batch.columns[c],
                                           &type,
                                           1,
                                           batch.rows_count,
                                           present.data(),
                                           static_cast<uint32_t>(present.size()),
                                           0};
    mortise_column_out_t result = {words(column.validity), column.views.data(), 0, 0};
    ErrorSlot error;
    if (!present.empty()) {
      MORTISE_TRY(error.status(
          found->second->text_out(&evaluation, &type, &arguments, &result, error.get())));
    }
    column.is_constant = (result.flags & MORTISE_COLUMN_CONSTANT) != 0;
    out.columns_.push_back(std::move(column));
  }
  return out;
}

}  // namespace mortise::embed
