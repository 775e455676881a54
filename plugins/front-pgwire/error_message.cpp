// SPDX-License-Identifier: Apache-2.0
#include "error_message.hpp"

#include "mortise/cpp/assert.hpp"
#include "mortise/iface/draft/query.h"

namespace mortise::front_pgwire {
namespace {

void field(char code, std::string_view value, MessageWriter& out) {
  if (value.empty()) return;
  out.u8(static_cast<uint8_t>(code));
  // A zero byte would end the field early.
  out.text(value.substr(0, value.find('\0')));
}

struct NamedField {
  uint32_t field;
  char code;
};
constexpr NamedField kFields[] = {
    {MORTISE_ERROR_FIELD_DETAIL, 'D'}, {MORTISE_ERROR_FIELD_HINT, 'H'},
    {MORTISE_ERROR_FIELD_WHERE, 'W'},  {MORTISE_ERROR_FIELD_SCHEMA, 's'},
    {MORTISE_ERROR_FIELD_TABLE, 't'},  {MORTISE_ERROR_FIELD_COLUMN, 'c'},
    {MORTISE_ERROR_FIELD_TYPE, 'd'},   {MORTISE_ERROR_FIELD_CONSTRAINT, 'n'},
};

}  // namespace

void write_error(const Status& status, Severity severity, MessageWriter& out) {
  MORTISE_ASSERT(!status.is_ok());
  const std::string_view word = severity == Severity::fatal ? "FATAL" : "ERROR";
  out.begin('E');
  field('S', word, out);
  field('V', word, out);
  field('C', status.sqlstate(), out);
  field('M', status.message().empty() ? std::string_view("failed") : status.message(), out);
  if (status.position_chars() != 0) field('P', std::to_string(status.position_chars()), out);
  for (const NamedField& f : kFields) field(f.code, status.field(f.field), out);
  out.u8(0);
  out.end();
}

void write_notice(uint32_t severity, std::string_view sqlstate, std::string_view message,
                  std::string_view detail, std::string_view hint, MessageWriter& out) {
  static constexpr std::string_view kWords[] = {"DEBUG", "LOG", "INFO", "NOTICE", "WARNING"};
  const std::string_view word =
      severity >= MORTISE_NOTICE_DEBUG && severity <= MORTISE_NOTICE_WARNING
          ? kWords[severity - MORTISE_NOTICE_DEBUG]
          : std::string_view("NOTICE");
  out.begin('N');
  field('S', word, out);
  field('V', word, out);
  field('C', sqlstate.empty() ? std::string_view("00000") : sqlstate, out);
  field('M', message, out);
  field('D', detail, out);
  field('H', hint, out);
  out.u8(0);
  out.end();
}

}  // namespace mortise::front_pgwire
