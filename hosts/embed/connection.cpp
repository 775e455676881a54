// SPDX-License-Identifier: Apache-2.0
#include "hosts/embed/connection.hpp"

#include <array>
#include <atomic>

namespace mortise::embed {

namespace {

// Numbers of embedded sessions start high: process ids of network sessions are given by fronts.
std::atomic<uint32_t> next_session{0x40000000};

std::string_view severity_name(uint32_t severity) {
  static constexpr std::array<std::string_view, 6> kNames = {"",     "DEBUG",  "LOG",
                                                             "INFO", "NOTICE", "WARNING"};
  return kNames[severity < kNames.size() ? severity : 5];
}

}  // namespace

Result<std::unique_ptr<Session>> Session::open(const mortise_host_t* host,
                                               const SessionOptions& options,
                                               NoticeHandler on_notice) {
  std::unique_ptr<Session> session(new Session);
  MORTISE_TRY_ASSIGN(session->query_, Host(host).need<mortise_iface_query_t>(MORTISE_IFACE_QUERY));
  session->types_.find_types(host);
  session->on_notice_ = std::move(on_notice);
  const mortise_session_options_t wanted = {sizeof(mortise_session_options_t),
                                            next_session.fetch_add(1, std::memory_order_relaxed),
                                            str_of(options.user),
                                            str_of(options.database),
                                            str_of(options.application_name),
                                            str_of("")};
  mortise_session_events_t events{};
  events.struct_size_bytes = sizeof(events);
  events.context = session.get();
  events.notice = [](void* context, uint32_t severity, mortise_str_t, mortise_str_t message,
                     mortise_str_t, mortise_str_t) {
    const Session& self = *static_cast<const Session*>(context);
    if (self.on_notice_) self.on_notice_(severity_name(severity), view_of(message));
  };
  events.parameter = [](void*, mortise_str_t, mortise_str_t) {};
  ErrorSlot error;
  MORTISE_TRY(error.status(
      session->query_->session_open(&wanted, &events, &session->session_, error.get())));
  return session;
}

Session::~Session() {
  if (session_ != nullptr) query_->session_close(session_);
}

Result<std::unique_ptr<Script>> Session::run(std::string_view sql) {
  std::unique_ptr<Script> script(new Script(*this));
  ErrorSlot error;
  const Status opened =
      error.status(query_->script_open(session_, str_of(sql), &script->script_, error.get()));
  if (!opened.is_ok()) return script->fail(opened);
  return script;
}

Status Session::execute(std::string_view sql) {
  MORTISE_TRY_ASSIGN(const std::unique_ptr<Script> script, run(sql));
  for (;;) {
    MORTISE_TRY_ASSIGN(const bool has_statement, script->next_statement());
    if (!has_statement) return script->close();
    for (;;) {
      MORTISE_TRY_ASSIGN(const bool has_batch, script->next_batch());
      if (!has_batch) break;
    }
  }
}

Script::~Script() {
  // Nobody is left to be told of a failure.
  (void)close();
}

Status Script::fail(Status failure) {
  if (script_ != nullptr) session_.query_->script_close(script_);
  script_ = nullptr;
  portal_ = nullptr;
  is_finished_ = true;
  if (needs_sync_) {
    needs_sync_ = false;
    ErrorSlot ignored;  // the first failure is the one to tell
    session_.query_->sync(session_.session_, nullptr, nullptr, ignored.get());
  }
  return failure;
}

Result<bool> Script::next_statement() {
  if (script_ == nullptr) return false;
  while (!is_finished_) {
    MORTISE_TRY(next_batch());
  }
  columns_.clear();
  names_.clear();
  tag_.clear();
  texts_.reset();
  copy_.clear();
  mortise_statement_info_t info{};
  info.struct_size_bytes = sizeof(info);
  ErrorSlot error;
  const mortise_status_t status =
      session_.query_->script_next(script_, &portal_, &info, error.get());
  if (status < 0) return fail(error.status(status));
  if (status == MORTISE_END) return false;
  returns_rows_ = info.returns_rows != 0;
  for (uint32_t i = 0; i < info.columns_count; ++i) {
    columns_.push_back(info.columns[i]);
    names_.emplace_back(view_of(info.columns[i].name));
  }
  copy_done_ = false;
  is_finished_ = false;
  return true;
}

Result<bool> Script::next_batch() {
  if (is_finished_ || script_ == nullptr) return false;
  copy_.clear();
  texts_.reset();
  const mortise_sink_t sink = make_sink();
  mortise_completion_t completion{};
  completion.struct_size_bytes = sizeof(completion);
  ErrorSlot error;
  const mortise_status_t status = session_.query_->execute(portal_, returns_rows_ ? kRowsMax : 0, 0,
                                                           &sink, &completion, error.get());
  if (status < 0) return fail(error.status(status));
  if (completion.is_suspended == 0) {
    is_finished_ = true;
    tag_ = completion.tag;
  }
  return copy_.rows_count() != 0;
}

Status Script::close() {
  if (script_ != nullptr) session_.query_->script_close(script_);
  script_ = nullptr;
  is_finished_ = true;
  if (!needs_sync_) return {};
  needs_sync_ = false;
  ErrorSlot error;
  return error.status(session_.query_->sync(session_.session_, nullptr, nullptr, error.get()));
}

Result<const TextTable*> Script::texts() {
  if (!texts_) {
    MORTISE_TRY_ASSIGN(texts_, session_.types_.convert(
                                   copy_.batch(), session_.query_->context(session_.session_)));
  }
  return &*texts_;
}

mortise_status_t Script::on_rows(void* context, const mortise_batch_t* batch,
                                 mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    static_cast<Script*>(context)->copy_.add(*batch);
    return {};
  });
}

mortise_status_t Script::on_copy_read(void* context, uint32_t* kind, mortise_bytes_t* bytes,
                                      mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    Script& self = *static_cast<Script*>(context);
    std::optional<std::string> piece;
    if (self.session_.copy_source_ && !self.copy_done_) piece = self.session_.copy_source_();
    if (!self.session_.copy_source_) return unsupported("COPY FROM STDIN has no source here");
    self.copy_done_ = !piece;
    self.copy_piece_ = std::move(piece).value_or("");
    *kind = self.copy_done_ ? MORTISE_COPY_DONE : MORTISE_COPY_DATA;
    *bytes = {reinterpret_cast<const uint8_t*>(self.copy_piece_.data()), self.copy_piece_.size()};
    return {};
  });
}

mortise_sink_t Script::make_sink() {
  mortise_sink_t sink{};
  sink.struct_size_bytes = sizeof(sink);
  sink.context = this;
  sink.rows = on_rows;
  sink.copy_in_begin = [](void*, uint32_t, uint32_t, mortise_error_t*) -> mortise_status_t {
    return MORTISE_OK;
  };
  sink.copy_out_begin = sink.copy_in_begin;
  sink.copy_read = on_copy_read;
  sink.copy_write = [](void* context, mortise_bytes_t bytes,
                       mortise_error_t* error) -> mortise_status_t {
    return guard(error, [&]() -> Status {
      const Script& self = *static_cast<const Script*>(context);
      if (!self.session_.copy_target_) return unsupported("COPY TO STDOUT has no target here");
      self.session_.copy_target_({reinterpret_cast<const char*>(bytes.data), bytes.size_bytes});
      return {};
    });
  };
  return sink;
}

}  // namespace mortise::embed
