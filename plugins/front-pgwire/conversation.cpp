// SPDX-License-Identifier: Apache-2.0
#include "conversation.hpp"

#include <array>
#include <charconv>
#include <cstdio>

#include "mortise/cpp/boundary.hpp"
#include "registry.hpp"

namespace mortise::front_pgwire {
namespace {

// Of a duration as settings show it: "0", "500ms", "2min".
uint64_t milliseconds_of(std::string_view text) {
  static constexpr std::pair<std::string_view, uint64_t> kUnits[] = {
      {"ms", 1}, {"s", 1000}, {"min", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
  uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  text.remove_prefix(static_cast<size_t>(read.ptr - text.data()));
  for (const auto& [unit, factor] : kUnits) {
    if (text == unit) return value * factor;
  }
  return value;
}

}  // namespace

Conversation::Conversation(const Services& services, Connection& connection)
    : services_(services), connection_(connection) {}

Conversation::~Conversation() {
  MORTISE_ASSERT(session_ == nullptr);
}

void Conversation::run() {
  bool has_gone = false;
  while (!has_ended_) {
    connection_.end_idling();
    if (is_ready_) connection_.begin_idling(idle_limit_);
    const std::optional<Message> message = connection_.take(&has_gone);
    if (!message.has_value()) {
      if (has_gone) break;
      return;
    }
    is_ready_ = false;
    on_message(*message);
    if (out_.size_bytes() >= kFlushBytes) flush();
  }
  end_session();
}

void Conversation::end_session() {
  has_ended_ = true;
  connection_.end_idling();
  if (session_ != nullptr) {
    while (!portals_.empty()) close_portal(portals_.begin()->first);
    while (!statements_.empty()) close_statement(statements_.begin()->first);
    connection_.set_session(nullptr);
    services_.query->session_close(session_);
    session_ = nullptr;
  }
  connection_.close();
  services_.registry->remove(connection_.process_id());
}

// A session that was told to end ends with what it runs.
bool Conversation::report_error(const Status& status) {
  if (status.sqlstate() == "57P01") {
    fatal(status);
    return false;
  }
  write_error(status, Severity::error, out_);
  services_.query->fail(session_);
  return true;
}

void Conversation::fatal(const Status& status) {
  write_error(status, Severity::fatal, out_);
  flush();
  has_ended_ = true;
}

void Conversation::flush() {
  // A client that is gone is noticed by the next take().
  if (!connection_.send(out_.buffer()).is_ok()) out_.buffer().clear();
}

Status Conversation::flush_if_large() {
  return out_.size_bytes() < kFlushBytes ? Status() : connection_.send(out_.buffer());
}

void Conversation::ready_for_query() {
  static constexpr char kStates[] = {'I', 'T', 'E'};
  out_.begin('Z');
  out_.u8(static_cast<uint8_t>(kStates[services_.query->transaction_state(session_)]));
  out_.end();
  flush();
  is_ready_ = true;
  set_idle_limit();
}

void Conversation::set_idle_limit() {
  const bool is_idle = services_.query->transaction_state(session_) == MORTISE_SESSION_IDLE;
  const std::string_view name =
      is_idle ? "idle_session_timeout" : "idle_in_transaction_session_timeout";
  const mortise_session_context_t* context = services_.query->context(session_);
  mortise_str_t text{};
  ErrorSlot error;
  idle_limit_ = {};
  if (context->setting_get(context->settings, str_of(name), &text, error.get()) < 0) return;
  idle_limit_.duration_ms = milliseconds_of(view_of(text));
  idle_limit_.sqlstate = is_idle ? "57P05" : "25P03";
  idle_limit_.message = is_idle ? "terminating connection due to idle-session timeout"
                                : "terminating connection due to idle-in-transaction timeout";
}

// The message was too large for the memory there is.
void Conversation::on_refused(const Message& message) {
  if (message.type == 'd' || is_skipping_) return;
  if (!report_error(message.refusal)) return;
  if (message.type == 'Q' || message.type == 'F') return on_sync();
  is_skipping_ = true;  // V2
}

void Conversation::on_message(const Message& message) {
  if (!message.refusal.is_ok()) return on_refused(message);
  switch (message.type) {
    case '\0': {
      const Status status = open_session(message.body);
      if (!status.is_ok()) return fatal(status);
      return ready_for_query();
    }
    case 'X':
      has_ended_ = true;
      return;
    case 'S':
      return on_sync();
    case 'Q': {
      if (is_skipping_) return;
      FieldReader fields(message.body);
      const std::string_view text = fields.text();
      if (!fields.is_done()) {
        if (report_error({Code::invalid, "08P01", "invalid message format"})) on_sync();
        return;
      }
      return on_query(text);
    }
    case 'd':  // what a failed COPY has left on the way
    case 'c':
    case 'f':
      return;
    case 'H':
      if (!is_skipping_) flush();
      return;
    case 'F':
      if (is_skipping_) return;
      write_error(unsupported("the function call protocol is not supported"), Severity::error,
                  out_);
      services_.query->fail(session_);
      return on_sync();
    case 'P':
    case 'B':
    case 'D':
    case 'E':
    case 'C': {
      if (is_skipping_) return;
      const Status status = on_extended(message);
      if (status.is_ok()) return;
      if (report_error(status)) is_skipping_ = true;  // V2
      return;
    }
    default: {
      std::array<char, 64> text{};
      std::snprintf(text.data(), text.size(), "invalid frontend message type %d",
                    static_cast<unsigned char>(message.type));
      return fatal({Code::invalid, "08P01", text.data()});
    }
  }
}

void Conversation::on_sync() {
  is_skipping_ = false;
  ErrorSlot error;
  const Status status =
      error.status(services_.query->sync(session_, nullptr, nullptr, error.get()));
  if (!status.is_ok()) write_error(status, Severity::error, out_);
  // Portals live as long as their transaction.
  if (services_.query->transaction_state(session_) == MORTISE_SESSION_IDLE) {
    while (!portals_.empty()) close_portal(portals_.begin()->first);
  }
  ready_for_query();
}

void Conversation::on_query(std::string_view text) {
  close_portal("");
  const Status status = run_script(text);
  if (status.is_ok() || report_error(status)) on_sync();
}

Status Conversation::run_script(std::string_view text) {
  ErrorSlot error;
  mortise_script_t* script = nullptr;
  MORTISE_TRY(
      error.status(services_.query->script_open(session_, str_of(text), &script, error.get())));
  struct Closer {
    const mortise_iface_query_t* query;
    mortise_script_t* script;
    ~Closer() { query->script_close(script); }
  } closer{services_.query, script};

  bool is_empty = true;
  while (true) {
    mortise_portal_t* handle = nullptr;
    mortise_statement_info_t info{};
    info.struct_size_bytes = sizeof info;
    ErrorSlot step;
    const mortise_status_t answer =
        services_.query->script_next(script, &handle, &info, step.get());
    MORTISE_TRY(step.status(answer));
    if (answer == MORTISE_END) break;
    is_empty = false;
    services_.metrics->add(services_.statements_total, 1);
    Portal portal = portal_of(info);
    if (portal.returns_rows) {
      MORTISE_TRY_ASSIGN(portal.writer,
                         RowWriter::open(*services_.types, portal.columns, portal.is_binary));
      write_row_description(portal.columns, portal.is_binary);
    }
    mortise_completion_t completion{};
    completion.struct_size_bytes = sizeof completion;
    MORTISE_TRY(run_portal(handle, 0, portal.writer.get(), &completion));
    out_.begin('C');
    out_.text(completion.tag);
    out_.end();
  }
  if (is_empty) {
    out_.begin('I');
    out_.end();
  }
  return {};
}

Status Conversation::run_portal(mortise_portal_t* portal, uint64_t rows_max, RowWriter* writer,
                                mortise_completion_t* completion) {
  writer_ = writer;
  is_writing_copy_ = false;
  const mortise_sink_t sink = make_sink();
  ErrorSlot error;
  const mortise_status_t answer =
      services_.query->execute(portal, rows_max, 0, &sink, completion, error.get());
  writer_ = nullptr;
  is_reading_copy_ = false;
  MORTISE_TRY(error.status(answer));
  if (is_writing_copy_) {
    out_.begin('c');
    out_.end();
  }
  return {};
}

void Conversation::copy_begin(char type, uint32_t columns_count, bool is_binary) {
  out_.begin(type);
  out_.u8(is_binary ? 1 : 0);
  out_.u16(static_cast<uint16_t>(columns_count));
  for (uint32_t i = 0; i < columns_count; ++i) out_.u16(is_binary ? 1 : 0);
  out_.end();
}

mortise_sink_t Conversation::make_sink() {
  mortise_sink_t sink{};
  sink.struct_size_bytes = sizeof sink;
  sink.context = this;
  sink.rows = [](void* context, const mortise_batch_t* batch, mortise_error_t* error) {
    return guard(error, [&]() -> Status {
      auto& self = *static_cast<Conversation*>(context);
      if (self.writer_ == nullptr) return internal("rows without a description");
      MORTISE_TRY(
          self.writer_->write(*batch, self.services_.query->context(self.session_), self.out_));
      return self.flush_if_large();
    });
  };
  sink.copy_in_begin = [](void* context, uint32_t columns_count, uint32_t is_binary,
                          mortise_error_t* error) {
    return guard(error, [&]() -> Status {
      auto& self = *static_cast<Conversation*>(context);
      self.copy_begin('G', columns_count, is_binary != 0);
      self.is_reading_copy_ = true;
      return self.connection_.send(self.out_.buffer());
    });
  };
  sink.copy_out_begin = [](void* context, uint32_t columns_count, uint32_t is_binary,
                           mortise_error_t* error) {
    return guard(error, [&]() -> Status {
      auto& self = *static_cast<Conversation*>(context);
      self.copy_begin('H', columns_count, is_binary != 0);
      self.is_writing_copy_ = true;
      return {};
    });
  };
  sink.copy_read = [](void* context, uint32_t* kind, mortise_bytes_t* bytes,
                      mortise_error_t* error) {
    return guard(
        error, [&] { return static_cast<Conversation*>(context)->copy_read(kind, bytes, error); });
  };
  sink.copy_write = [](void* context, mortise_bytes_t bytes, mortise_error_t* error) {
    return guard(error, [&]() -> Status {
      auto& self = *static_cast<Conversation*>(context);
      self.out_.begin('d');
      self.out_.bytes({reinterpret_cast<const char*>(bytes.data), bytes.size_bytes});
      self.out_.end();
      return self.flush_if_large();
    });
  };
  return sink;
}

mortise_status_t Conversation::copy_read(uint32_t* kind, mortise_bytes_t* bytes,
                                         mortise_error_t* error) {
  while (true) {
    bool has_gone = false;
    std::optional<Message> message = connection_.take(&has_gone);
    if (!message.has_value()) {  // a COPY waits, so this is only ever a client that is gone
      return report({Code::cancelled, "08006", "unexpected EOF on client connection during COPY"},
                    error);
    }
    if (!message->refusal.is_ok()) return report(message->refusal, error);
    copy_message_ = std::move(*message);
    const std::string& body = copy_message_.body;
    *bytes = {reinterpret_cast<const uint8_t*>(body.data()), body.size()};
    switch (copy_message_.type) {
      case 'd':
        *kind = MORTISE_COPY_DATA;
        return MORTISE_OK;
      case 'c':
        *kind = MORTISE_COPY_DONE;
        is_reading_copy_ = false;
        return MORTISE_OK;
      case 'f':
        *kind = MORTISE_COPY_FAIL;
        if (bytes->size_bytes > 0) --bytes->size_bytes;  // its zero byte
        is_reading_copy_ = false;
        return MORTISE_OK;
      case 'H':  // Flush and Sync are allowed here and mean nothing
      case 'S':
        break;
      default: {
        // A client that says good-bye in the middle of its data means it; the rest is lost.
        if (copy_message_.type == 'X') has_ended_ = true;
        std::array<char, 80> text{};
        std::snprintf(text.data(), text.size(),
                      "unexpected message type 0x%02X during COPY from stdin",
                      static_cast<unsigned char>(copy_message_.type));
        return report({Code::invalid, "08P01", text.data()}, error);
      }
    }
  }
}

}  // namespace mortise::front_pgwire
