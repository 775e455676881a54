// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "bind/registry.hpp"
#include "execute/copy.hpp"
#include "execute/copy_fields.hpp"

namespace mortise::sql_engine {

namespace {

// Gathered before rows are split, so that batches are full whatever size the client's pieces have.
constexpr uint64_t kGatherBytes = 512 * 1024;

class CopyInCursor final : public Cursor, public RowOrigin {
 public:
  CopyInCursor(Run& run, const CopyInOperator& op)
      : run_(run),
        op_(op),
        splitter_(op.options, static_cast<uint32_t>(op.columns.size())),
        arena_(run.memory()) {
    abi_.struct_size_bytes = sizeof(abi_);
    abi_.session = run.context().session;
    abi_.view = &run.context().view;
    abi_.arena = &arena_;
    abi_.allocate = Arena::allocate_for_function;
    run_.row_origin = this;
  }
  ~CopyInCursor() override { run_.row_origin = nullptr; }

  Status located(Status failure, uint32_t row) const override {
    return std::move(failure).with(
        MORTISE_ERROR_FIELD_WHERE,
        "COPY " + op_.relation->name() + ", line " + std::to_string(split_.lines[row]));
  }

  Status open() {
    sink_ = run_.find_sink();
    if (sink_ == nullptr) return internal("COPY FROM STDIN has no client to read from");
    if (op_.options.format == CopyOptions::Format::binary) {
      return unsupported("COPY FROM in binary format is not supported yet");
    }
    const Registry* registry = run_.services().registry;
    mortise_type_t text{};
    text.sql_type = MORTISE_SQL_TEXT;
    text.modifier = -1;
    text.physical = MORTISE_PHYSICAL_TEXT;
    std::vector<std::string> names;
    fields_.resize(op_.columns.size());
    converted_.resize(op_.columns.size());
    for (size_t c = 0; c < op_.columns.size(); ++c) {
      const schema::ColumnDef& column = op_.relation->columns()[op_.columns[c]];
      names.push_back(column.name);
      const mortise_type_info_t* info =
          registry == nullptr ? nullptr : registry->type(column.type.sql_type);
      if (info == nullptr) return internal("a column's type is not known: " + column.name);
      infos_.push_back(info);
      MORTISE_TRY(fields_[c].open(run_.memory(), text));
      MORTISE_TRY(converted_[c].open(run_.memory(), column.type));
      split_.values.push_back(fields_[c].data<mortise_view_t>());
      split_.validity.push_back(fields_[c].validity());
    }
    splitter_.set_table_name(op_.relation->name());
    splitter_.set_column_names(std::move(names));
    ErrorSlot error;
    return error.status(sink_->copy_in_begin(
        sink_->context, static_cast<uint32_t>(op_.columns.size()), 0, error.get()));
  }

  Result<bool> next(Batch& out) override {
    if (sink_ == nullptr) MORTISE_TRY(open());
    if (op_.options.has_header && !is_header_read_) MORTISE_TRY(read_header());
    while (true) {
      MORTISE_TRY(run_.check_interrupt());
      if (begin_ == end_ && is_end_) return false;
      for (ColumnBuffer& field : fields_) field.reset();
      uint64_t consumed = 0;
      MORTISE_TRY(
          splitter_.split(buffer_.data() + begin_, end_ - begin_, is_end_, split_, &consumed));
      begin_ += consumed;
      if (splitter_.is_finished()) {
        begin_ = end_;
        MORTISE_TRY(skip_rest());
      }
      if (split_.rows_count == 0) {
        if (is_end_) return false;
        MORTISE_TRY(gather_bytes());
        continue;
      }
      MORTISE_TRY(convert(out));
      return true;
    }
  }

 private:
  // Moves what is left to the front and reads until there is plenty.
  Status gather_bytes() {
    const uint64_t left = end_ - begin_;
    if (buffer_.data() == nullptr) {
      MORTISE_TRY_ASSIGN(buffer_, Block::allocate(run_.memory(), kGatherBytes * 2));
    }
    if (left != 0) std::memmove(buffer_.data(), buffer_.data() + begin_, left);
    begin_ = 0;
    end_ = left;
    const uint64_t wanted = left + kGatherBytes;
    while (!is_end_ && end_ < wanted) {
      uint32_t kind = MORTISE_COPY_DATA;
      mortise_bytes_t piece{};
      ErrorSlot error;
      MORTISE_TRY(error.status(sink_->copy_read(sink_->context, &kind, &piece, error.get())));
      if (kind == MORTISE_COPY_FAIL) {
        return cancelled("COPY from stdin failed: " +
                         std::string(reinterpret_cast<const char*>(piece.data), piece.size_bytes));
      }
      if (kind == MORTISE_COPY_DONE) {
        is_end_ = true;
        break;
      }
      if (end_ + piece.size_bytes > buffer_.size_bytes()) {
        MORTISE_TRY_ASSIGN(Block larger,
                           Block::allocate(run_.memory(), (end_ + piece.size_bytes) * 2));
        std::memcpy(larger.data(), buffer_.data(), end_);
        buffer_ = std::move(larger);
      }
      if (piece.size_bytes != 0) std::memcpy(buffer_.data() + end_, piece.data, piece.size_bytes);
      end_ += piece.size_bytes;
    }
    return {};
  }

  // After "\." the client may go on sending; what it sends does not count.
  Status skip_rest() {
    while (!is_end_) {
      uint32_t kind = MORTISE_COPY_DATA;
      mortise_bytes_t piece{};
      ErrorSlot error;
      MORTISE_TRY(error.status(sink_->copy_read(sink_->context, &kind, &piece, error.get())));
      is_end_ = kind != MORTISE_COPY_DATA;
    }
    return {};
  }

  Status read_header() {
    is_header_read_ = true;
    std::vector<std::string> names;
    while (true) {
      if (begin_ != end_ || is_end_) {
        uint64_t consumed = 0;
        MORTISE_TRY_ASSIGN(const bool is_complete,
                           splitter_.take_header(buffer_.data() + begin_, end_ - begin_, is_end_,
                                                 names, &consumed));
        begin_ += consumed;
        if (is_complete) break;
        if (is_end_) return {};
      }
      MORTISE_TRY(gather_bytes());
    }
    if (!op_.options.is_header_matched) return {};
    for (size_t c = 0; c < op_.columns.size(); ++c) {
      const std::string& wanted = op_.relation->columns()[op_.columns[c]].name;
      if (c < names.size() && names[c] == wanted && names.size() == op_.columns.size()) continue;
      const std::string got = c < names.size() ? names[c] : std::string();
      return Status(Code::invalid, "22P04",
                    "column name mismatch in header line field " + std::to_string(c + 1) +
                        ": got \"" + got + "\", expected \"" + wanted + "\"")
          .with(MORTISE_ERROR_FIELD_WHERE, "COPY " + op_.relation->name() + ", line 1");
    }
    return {};
  }

  Status convert(Batch& out) {
    arena_.reset();
    const uint32_t rows = split_.rows_count;
    out.columns.clear();
    for (size_t c = 0; c < op_.columns.size(); ++c) {
      const mortise_type_t& type = op_.relation->columns()[op_.columns[c]].type;
      const mortise_column_t text = fields_[c].column(rows);
      std::vector<uint16_t> present;
      mortise_arguments_t arguments = {&text, &fields_[c].type(), 1, rows, nullptr, rows, 0};
      if (text.validity != nullptr) {
        for (uint32_t row = 0; row < rows; ++row) {
          if (get_bit(text.validity, row)) present.push_back(static_cast<uint16_t>(row));
        }
        arguments.selection = present.data();
        arguments.selected_count = static_cast<uint32_t>(present.size());
      }
      mortise_column_out_t result = converted_[c].out();
      if (arguments.selected_count != 0) {
        ErrorSlot error;
        const mortise_status_t status =
            infos_[c]->text_in(&abi_, &type, &arguments, &result, error.get());
        if (status < 0) return blame(c, type, arguments, error.status(status));
      }
      if (text.validity != nullptr) {
        for (uint32_t w = 0; w < (rows + 63) / 64; ++w) {
          converted_[c].validity()[w] &= text.validity[w];
        }
      }
      if ((result.flags & MORTISE_COLUMN_CONSTANT) != 0) {
        return internal("a type's input function answered a constant");
      }
      out.columns.push_back(converted_[c].column(rows));
    }
    out.row_ids = nullptr;
    out.select_all(rows);
    return {};
  }

  // Finds the first row that fails by itself, for the message.
  Status blame(size_t c, const mortise_type_t& type, const mortise_arguments_t& arguments,
               Status failure) {
    const std::string& name = op_.relation->columns()[op_.columns[c]].name;
    for (uint32_t i = 0; i < arguments.selected_count; ++i) {
      const auto row = static_cast<uint16_t>(
          arguments.selection == nullptr ? i : uint32_t{arguments.selection[i]});
      mortise_arguments_t one = arguments;
      one.selection = &row;
      one.selected_count = 1;
      mortise_column_out_t result = converted_[c].out();
      ErrorSlot error;
      const mortise_status_t status = infos_[c]->text_in(&abi_, &type, &one, &result, error.get());
      if (status >= 0) continue;
      std::string value(text_of(fields_[c].data<mortise_view_t>()[row]));
      if (value.size() > 100) value = value.substr(0, 100) + "...";
      return error.status(status).with(MORTISE_ERROR_FIELD_WHERE,
                                       "COPY " + op_.relation->name() + ", line " +
                                           std::to_string(split_.lines[row]) + ", column " + name +
                                           ": \"" + value + "\"");
    }
    return failure;
  }

  Run& run_;
  const CopyInOperator& op_;
  FieldSplitter splitter_;
  Arena arena_;
  mortise_evaluation_t abi_{};
  const mortise_sink_t* sink_ = nullptr;
  std::vector<const mortise_type_info_t*> infos_;
  std::vector<ColumnBuffer> fields_;
  std::vector<ColumnBuffer> converted_;
  FieldSplitter::Fields split_;
  Block buffer_;
  uint64_t begin_ = 0;
  uint64_t end_ = 0;
  bool is_end_ = false;
  bool is_header_read_ = false;
};

}  // namespace

Result<CursorPtr> CopyInOperator::open(Run& run) const {
  return CursorPtr(std::make_unique<CopyInCursor>(run, *this));
}

}  // namespace mortise::sql_engine
