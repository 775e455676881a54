// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "bind/registry.hpp"
#include "execute/copy.hpp"

namespace mortise::sql_engine {

namespace {

class CopyOutCursor final : public Cursor {
 public:
  CopyOutCursor(Run& run, const CopyOutOperator& op, CursorPtr input)
      : run_(run), op_(op), input_(std::move(input)), arena_(run.memory()) {
    abi_.struct_size_bytes = sizeof(abi_);
    abi_.session = run.context().session;
    abi_.view = &run.context().view;
    abi_.arena = &arena_;
    abi_.allocate = Arena::allocate_for_function;
  }

  Result<bool> next(Batch& out) override {
    MORTISE_TRY(open());
    while (true) {
      MORTISE_TRY(run_.check_interrupt());
      MORTISE_TRY_ASSIGN(const bool more, input_->next(out));
      if (!more) return false;
      MORTISE_TRY(write(out));
      run_.rows_changed += out.selected_count;
    }
  }

 private:
  Status open() {
    sink_ = run_.find_sink();
    if (sink_ == nullptr) return internal("COPY TO STDOUT has no client to write to");
    if (op_.options.format == CopyOptions::Format::binary) {
      return unsupported("COPY TO in binary format is not supported yet");
    }
    const Registry* registry = run_.services().registry;
    mortise_type_t text{};
    text.sql_type = MORTISE_SQL_TEXT;
    text.modifier = -1;
    text.physical = MORTISE_PHYSICAL_TEXT;
    texts_.resize(op_.columns.size());
    for (size_t c = 0; c < op_.columns.size(); ++c) {
      const mortise_type_info_t* info =
          registry == nullptr ? nullptr : registry->type(op_.column_types[c].sql_type);
      if (info == nullptr) return internal("a column's type is not known");
      infos_.push_back(info);
      MORTISE_TRY(texts_[c].open(run_.memory(), text));
    }
    ErrorSlot error;
    MORTISE_TRY(error.status(sink_->copy_out_begin(
        sink_->context, static_cast<uint32_t>(op_.columns.size()), 0, error.get())));
    if (!op_.options.has_header) return {};
    for (size_t c = 0; c < op_.names.size(); ++c) {
      if (c != 0) bytes_.push_back(op_.options.delimiter);
      add_value(op_.names[c], false);
    }
    bytes_.push_back('\n');
    return flush();
  }

  Status write(const Batch& batch) {
    arena_.reset();
    std::vector<mortise_column_t> texts;
    for (size_t c = 0; c < op_.columns.size(); ++c) {
      const mortise_column_t& source = batch.columns[op_.columns[c]];
      mortise_column_out_t result = texts_[c].out();
      MORTISE_TRY(to_text(c, source, batch, result));
      texts.push_back(texts_[c].column(batch.rows_count, result.flags));
    }
    std::vector<Strings> views;
    for (const mortise_column_t& text : texts) views.emplace_back(text);
    for (uint32_t i = 0; i < batch.selected_count; ++i) {
      const uint32_t row = batch.row_at(i);
      for (size_t c = 0; c < views.size(); ++c) {
        if (c != 0) bytes_.push_back(op_.options.delimiter);
        if (!views[c].is_valid(row)) {
          bytes_.append(op_.options.null_text);
        } else {
          const bool is_forced = op_.options.is_quote_all ||
                                 (c < op_.options.force_quote.size() && op_.options.force_quote[c]);
          add_value(views[c][row], is_forced);
        }
      }
      bytes_.push_back('\n');
    }
    return flush();
  }

  // Nulls are not asked about: they become nulls of the text column.
  Status to_text(size_t c, const mortise_column_t& source, const Batch& batch,
                 mortise_column_out_t& result) {
    const uint64_t mask = is_constant(source) ? 0 : ~uint64_t{0};
    uint16_t present[kBatchRows];
    uint32_t count = 0;
    for (uint32_t i = 0; i < batch.selected_count; ++i) {
      const uint32_t row = batch.row_at(i);
      if (source.validity != nullptr && !get_bit(source.validity, row & mask)) {
        texts_[c].set_null(row);
      } else {
        present[count++] = static_cast<uint16_t>(row);
      }
    }
    if (count == 0) return {};
    const mortise_arguments_t arguments = {
        &source, &op_.column_types[c], 1, batch.rows_count, present, count, 0};
    ErrorSlot error;
    return error.status(
        infos_[c]->text_out(&abi_, &op_.column_types[c], &arguments, &result, error.get()));
  }

  void add_value(std::string_view value, bool is_forced) {
    if (op_.options.format == CopyOptions::Format::csv) {
      add_csv(value, is_forced);
      return;
    }
    for (const char c : value) {
      switch (c) {
        case '\\':
          bytes_.append("\\\\");
          break;
        case '\n':
          bytes_.append("\\n");
          break;
        case '\r':
          bytes_.append("\\r");
          break;
        case '\t':
          bytes_.append("\\t");
          break;
        case '\b':
          bytes_.append("\\b");
          break;
        case '\f':
          bytes_.append("\\f");
          break;
        case '\v':
          bytes_.append("\\v");
          break;
        default:
          if (c == op_.options.delimiter) bytes_.push_back('\\');
          bytes_.push_back(c);
          break;
      }
    }
  }

  void add_csv(std::string_view value, bool is_forced) {
    const CopyOptions& o = op_.options;
    const char special[] = {o.delimiter, o.quote, '\n', '\r'};
    const bool is_quoted =
        is_forced || value == o.null_text || (op_.columns.size() == 1 && value == "\\.") ||
        value.find_first_of(std::string_view(special, 4)) != std::string_view::npos;
    if (!is_quoted) {
      bytes_.append(value);
      return;
    }
    bytes_.push_back(o.quote);
    for (const char c : value) {
      if (c == o.quote || c == o.escape) bytes_.push_back(o.escape);
      bytes_.push_back(c);
    }
    bytes_.push_back(o.quote);
  }

  Status flush() {
    const mortise_bytes_t piece = {reinterpret_cast<const uint8_t*>(bytes_.data()), bytes_.size()};
    ErrorSlot error;
    const Status status = error.status(sink_->copy_write(sink_->context, piece, error.get()));
    bytes_.clear();
    return status;
  }

  Run& run_;
  const CopyOutOperator& op_;
  CursorPtr input_;
  Arena arena_;
  mortise_evaluation_t abi_{};
  const mortise_sink_t* sink_ = nullptr;
  std::vector<const mortise_type_info_t*> infos_;
  std::vector<ColumnBuffer> texts_;
  std::string bytes_;
};

}  // namespace

Result<CursorPtr> CopyOutOperator::open(Run& run) const {
  MORTISE_TRY_ASSIGN(CursorPtr input, open_cursor(run, *inputs[0]));
  return CursorPtr(std::make_unique<CopyOutCursor>(run, *this, std::move(input)));
}

}  // namespace mortise::sql_engine
