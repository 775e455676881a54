// SPDX-License-Identifier: Apache-2.0

#include "session/statement.hpp"

#include <algorithm>
#include <cstring>

#include "bind/fold.hpp"
#include "mortise/cpp/assert.hpp"
#include "session/utility.hpp"

namespace mortise::sql_engine {
namespace {

constexpr int kRebindsMax = 16;

std::string_view verb_of(StatementKind kind) {
  switch (kind) {
    case StatementKind::insert:
      return "INSERT";
    case StatementKind::update:
      return "UPDATE";
    case StatementKind::erase:
      return "DELETE";
    case StatementKind::merge:
      return "MERGE";
    case StatementKind::copy_in:
      return "COPY FROM";
    case StatementKind::copy_out:
      return "COPY";
    case StatementKind::select:
      return "SELECT FOR UPDATE";
  }
  return "this statement";
}

// Utilities that touch nothing but the session's own memory.
bool is_short_utility(Node statement) {
  return statement.is(MORTISE_SYNTAX_SET) || statement.is(MORTISE_SYNTAX_SHOW) ||
         (statement.is(MORTISE_SYNTAX_TRANSACTION) &&
          statement.number() == MORTISE_TRANSACTION_BEGIN);
}

}  // namespace

bool is_same_row(const std::vector<ResultColumn>& a, const std::vector<ResultColumn>& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i].type.sql_type != b[i].type.sql_type || a[i].type.modifier != b[i].type.modifier ||
        a[i].name != b[i].name) {
      return false;
    }
  }
  return true;
}

Status changed_row() {
  return Status(Code::invalid, "0A000", "cached plan must not change result type");
}

void InfoStorage::fill(const BoundStatement& bound, mortise_statement_info_t* info) {
  parameter_types.clear();
  for (const mortise_type_t& type : bound.parameters) parameter_types.push_back(type.sql_type);
  names.clear();
  for (const ResultColumn& c : bound.columns) names.push_back(c.name);
  columns.clear();
  for (size_t i = 0; i < bound.columns.size(); ++i) {
    const ResultColumn& c = bound.columns[i];
    columns.push_back({str_of(names[i]), c.type, c.table, c.attribute});
  }
  info->parameters_count = static_cast<uint32_t>(parameter_types.size());
  info->parameter_types = parameter_types.data();
  info->columns = columns.data();
  info->columns_count = static_cast<uint32_t>(columns.size());
  info->returns_rows = bound.returns_rows ? 1 : 0;
  info->is_empty = bound.is_empty ? 1 : 0;
}

Status Statement::describe(mortise_statement_info_t* info) {
  if (!bound_->is_empty && !session_.is_current(*bound_) && !session_.transaction().is_failed()) {
    MORTISE_TRY_ASSIGN(BoundStatementPtr fresh,
                       session_.analyze(bound_->tree, bound_->root(), bound_->requested));
    // The client reads its rows as they were described when it prepared the statement.
    if (!is_same_row(fresh->columns, bound_->columns)) return changed_row();
    bound_ = std::move(fresh);
  }
  storage_.fill(*bound_, info);
  return {};
}

std::string command_tag(StatementKind kind, uint64_t rows) {
  const std::string count = std::to_string(rows);
  switch (kind) {
    case StatementKind::select:
      return "SELECT " + count;
    case StatementKind::insert:
      return "INSERT 0 " + count;
    case StatementKind::update:
      return "UPDATE " + count;
    case StatementKind::erase:
      return "DELETE " + count;
    case StatementKind::merge:
      return "MERGE " + count;
    case StatementKind::copy_in:
    case StatementKind::copy_out:
      return "COPY " + count;
  }
  return {};
}

void set_tag(mortise_completion_t& completion, std::string_view tag) {
  const size_t size = std::min(tag.size(), sizeof completion.tag - 1);
  std::memcpy(completion.tag, tag.data(), size);
  completion.tag[size] = '\0';
}

Result<std::vector<Datum>> read_parameters(Session& session, const BoundStatement& bound,
                                           const mortise_parameter_t* parameters, uint32_t count) {
  if (count != bound.parameters.size()) {
    return Status(Code::invalid, "08P01",
                  "bind message supplies " + std::to_string(count) +
                      " parameters, but prepared statement requires " +
                      std::to_string(bound.parameters.size()));
  }
  const Registry& registry = *session.services().registry;
  MORTISE_TRY_ASSIGN(const mortise_type_t text_type, registry.resolve(MORTISE_SQL_TEXT));
  std::vector<Datum> values;
  for (uint32_t i = 0; i < count; ++i) {
    const mortise_type_t& type = bound.parameters[i];
    const mortise_parameter_t& given = parameters[i];
    if (given.is_null != 0) {
      values.push_back(Datum::null(type));
      continue;
    }
    const std::string_view bytes(reinterpret_cast<const char*>(given.value.data),
                                 given.value.size_bytes);
    const mortise_type_info_t* info = registry.type(type.sql_type);
    if (info == nullptr) {
      return unsupported("type " + registry.type_name(type.sql_type) + " is not supported");
    }
    Result<Datum> value =
        read_value(*info, type, text_type, bytes, given.is_binary != 0, session.context());
    if (!value) {
      Status status = std::move(value.error());
      return std::move(status).with(MORTISE_ERROR_FIELD_WHERE,
                                    "unnamed portal parameter $" + std::to_string(i + 1));
    }
    values.push_back(std::move(*value));
  }
  return values;
}

Portal::Portal(Session& session, BoundStatementPtr bound, std::vector<Datum> parameters)
    : session_(session), bound_(std::move(bound)), parameters_(std::move(parameters)) {
  session_.add_portal(this);
}

Portal::~Portal() {
  session_.remove_portal(this);
}

mortise_status_t Portal::execute(uint64_t rows_max, uint32_t flags, const mortise_sink_t& sink,
                                 mortise_completion_t& completion, mortise_error_t* error) {
  completion.is_suspended = 0;
  completion.tag[0] = '\0';
  if (bound_->is_empty) return MORTISE_OK;
  Status status = session_.refuse_if_failed(bound_->root());
  if (!status.is_ok()) return report(session_.failed(std::move(status)), error);
  session_.set_activity(MORTISE_ACTIVITY_ACTIVE, bound_->tree->text());
  bool is_again = false;
  status = run(rows_max, flags, sink, completion, is_again);
  if (is_again) return MORTISE_AGAIN;
  if (!status.is_ok()) {
    execution_.reset();
    return report(session_.failed(std::move(status)), error);
  }
  session_.end_statement();
  return MORTISE_OK;
}

Status Portal::run(uint64_t rows_max, uint32_t flags, const mortise_sink_t& sink,
                   mortise_completion_t& completion, bool& is_again) {
  if (bound_->plan == nullptr) {
    return run_utility_statement(rows_max, flags, sink, completion, is_again);
  }
  return run_plan(rows_max, flags, sink, completion, is_again);
}

Status Portal::run_utility_statement(uint64_t rows_max, uint32_t flags, const mortise_sink_t& sink,
                                     mortise_completion_t& completion, bool& is_again) {
  if ((flags & MORTISE_QUERY_SHORT_ONLY) != 0 && !is_short_utility(bound_->root())) {
    is_again = true;
    return {};
  }
  UtilityRun run{session_, *this, *bound_->tree, bound_->root(), sink};
  run.rows_max = rows_max;
  const bool runs_again = inner != nullptr;  // EXECUTE, suspended before
  if (!is_utility_done_ || runs_again) {
    // What this transaction holds of names stays open only while a statement is bound.
    Result<std::string> tag = run_utility(run);
    if (!tag) return with_character_position(std::move(tag.error()), bound_->tree->text());
    utility_tag_ = std::move(*tag);
    is_utility_done_ = true;
  }
  set_tag(completion, utility_tag_);
  completion.is_suspended = run.is_suspended ? 1 : 0;
  if (run.has_sent_rows || !bound_->returns_rows) return {};
  bool is_done = true;
  MORTISE_TRY(send_text_rows(sink, rows_max, &is_done));
  completion.is_suspended = is_done ? 0 : 1;
  return {};
}

Status Portal::rebind() {
  MORTISE_TRY_ASSIGN(BoundStatementPtr fresh,
                     session_.analyze(bound_->tree, bound_->root(), bound_->requested));
  if (!may_change_row_ && !is_same_row(fresh->columns, bound_->columns)) return changed_row();
  for (size_t i = 0; i < parameters_.size(); ++i) {
    const bool fits = i < fresh->parameters.size() &&
                      fresh->parameters[i].sql_type == parameters_[i].type().sql_type;
    if (!fits) return changed_row();
  }
  bound_ = std::move(fresh);
  return {};
}

Status Portal::lock_current(bool is_short, bool& is_again) {
  for (int i = 0;; ++i) {
    Status locked =
        session_.lock_relations(bound_->relations, is_short ? MORTISE_NOWAIT : MORTISE_WAIT);
    if (is_short && locked.code() == Code::busy) {
      is_again = true;
      return {};
    }
    MORTISE_TRY(locked);
    if (session_.is_current(*bound_)) return {};
    if (i > 0) {
      // Something else in the catalog may keep changing.
      MORTISE_TRY_ASSIGN(const bool is_bound_to_these, session_.has_its_relations(*bound_));
      if (is_bound_to_these) return {};
    }
    if (is_short) {
      is_again = true;
      return {};
    }
    if (i == kRebindsMax) {
      return conflict("the definitions that a statement uses keep changing");
    }
    MORTISE_TRY(rebind());
  }
}

Status Portal::settle() {
  if (bound_->plan == nullptr) return {};
  MORTISE_TRY(session_.start_statement());
  bool is_again = false;
  MORTISE_TRY(lock_current(false, is_again));
  is_settled_ = true;
  may_change_row_ = false;
  return {};
}

Status Portal::open_execution(bool is_short, bool& is_again) {
  if (!is_settled_) MORTISE_TRY(session_.start_statement());
  Transaction& transaction = session_.transaction();
  if (transaction.options().is_read_only && !bound_->is_read_only) {
    return Status(
        Code::invalid, "25006",
        "cannot execute " + std::string(verb_of(bound_->kind)) + " in a read-only transaction");
  }
  if (!is_settled_) {
    MORTISE_TRY(lock_current(is_short, is_again));
    if (is_again) return {};
  }
  // After the locks: what a lock was waited for is to be seen.
  mortise_read_view_t view{};
  MORTISE_TRY(transaction.statement_begin(view));
  const bool is_too_old =
      view.snapshot < bound_->indexes_from && view.snapshot < bound_->oldest_snapshot;
  if (is_too_old) MORTISE_TRY(rebind());
  ExecutionContext context;
  context.services = &session_.services();
  context.txn = transaction.txn();
  context.view = view;
  context.isolation = transaction.options().isolation;
  context.session = session_.context();
  context.account = session_.account();
  context.parameters = parameters_;
  context.is_short_only = is_short;
  MORTISE_TRY_ASSIGN(execution_, open(bound_->plan, context));
  rows_before_ = 0;
  return {};
}

Status Portal::run_plan(uint64_t rows_max, uint32_t flags, const mortise_sink_t& sink,
                        mortise_completion_t& completion, bool& is_again) {
  if (is_done_) {
    set_tag(completion, command_tag(bound_->kind, 0));
    return {};
  }
  const bool is_short = (flags & MORTISE_QUERY_SHORT_ONLY) != 0;
  if (is_short && (execution_ != nullptr || !bound_->plan->is_short())) {
    is_again = true;
    return {};
  }
  if (execution_ == nullptr) {
    MORTISE_TRY(open_execution(is_short, is_again));
    if (is_again) return {};
  }
  const bool is_select = bound_->kind == StatementKind::select;
  MORTISE_TRY_ASSIGN(const RunState state, execution_->run(sink, rows_max));
  if (state == RunState::again) {
    execution_.reset();
    is_again = true;
    return {};
  }
  const uint64_t rows = execution_->rows_count() - (is_select ? rows_before_ : 0);
  rows_before_ = execution_->rows_count();
  set_tag(completion, command_tag(bound_->kind, rows));
  completion.is_suspended = state == RunState::suspended ? 1 : 0;
  if (state != RunState::done) return {};
  execution_.reset();
  is_done_ = true;
  return {};
}

Status Portal::start_cursor() {
  bool is_again = false;
  return open_execution(false, is_again);
}

Result<uint64_t> Portal::fetch(uint64_t rows_max, const mortise_sink_t* sink, bool* is_done) {
  *is_done = is_done_;
  if (is_done_ || execution_ == nullptr) return uint64_t{0};
  mortise_sink_t nowhere{};
  nowhere.struct_size_bytes = sizeof nowhere;
  nowhere.rows = [](void*, const mortise_batch_t*, mortise_error_t*) -> mortise_status_t {
    return MORTISE_OK;
  };
  MORTISE_TRY_ASSIGN(const RunState state,
                     execution_->run(sink == nullptr ? nowhere : *sink, rows_max));
  const uint64_t rows = execution_->rows_count() - rows_before_;
  rows_before_ = execution_->rows_count();
  if (state == RunState::done) {
    is_done_ = true;
    *is_done = true;
    execution_.reset();
  }
  return rows;
}

Status Portal::send_text_rows(const mortise_sink_t& sink, uint64_t rows_max, bool* is_done) {
  const auto columns_count = static_cast<uint32_t>(bound_->columns.size());
  MORTISE_TRY_ASSIGN(const mortise_type_t text,
                     session_.services().registry->resolve(MORTISE_SQL_TEXT));
  while (text_rows_.next < text_rows_.rows.size()) {
    size_t count =
        std::min<size_t>(text_rows_.rows.size() - text_rows_.next, MORTISE_BATCH_ROWS_DEFAULT);
    if (rows_max != 0) count = std::min<size_t>(count, rows_max);
    const size_t padded = (count + 3) / 4 * 4;
    std::vector<std::vector<mortise_view_t>> views(columns_count,
                                                   std::vector<mortise_view_t>(padded));
    std::vector<mortise_column_t> columns(columns_count);
    const std::vector<mortise_type_t> types(columns_count, text);
    for (uint32_t c = 0; c < columns_count; ++c) {
      for (size_t r = 0; r < count; ++r) {
        views[c][r] = view_to(text_rows_.rows[text_rows_.next + r][c]);
      }
      columns[c].data = views[c].data();
    }
    mortise_batch_t batch{};
    batch.struct_size_bytes = sizeof batch;
    batch.rows_count = static_cast<uint32_t>(count);
    batch.selected_count = batch.rows_count;
    batch.columns_count = columns_count;
    batch.columns = columns.data();
    batch.types = types.data();
    ErrorSlot error;
    MORTISE_TRY(error.status(sink.rows(sink.context, &batch, error.get())));
    text_rows_.next += count;
    if (rows_max != 0) break;
  }
  *is_done = text_rows_.next >= text_rows_.rows.size();
  return {};
}

}  // namespace mortise::sql_engine
