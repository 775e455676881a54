// SPDX-License-Identifier: Apache-2.0
//
// Goal:   no byte sequence makes a reader of fields leave its message.
// Method: hand-made messages.

#include "message.hpp"

#include <doctest/doctest.h>

#include <string>

#include "error_message.hpp"

namespace mortise::front_pgwire {
namespace {

TEST_CASE("fields: reading past the end fails and stays failed") {
  FieldReader fields(std::string_view("\0\1", 2));
  CHECK(fields.u32() == 0);
  CHECK(!fields.is_good());
  CHECK(fields.u8() == 0);
  CHECK(fields.text().empty());
}

TEST_CASE("fields: a text without its zero byte fails") {
  FieldReader fields("abc");
  CHECK(fields.text().empty());
  CHECK(!fields.is_good());
}

TEST_CASE("fields: what is left over is noticed") {
  FieldReader fields(std::string_view("a\0b", 3));
  CHECK(fields.text() == "a");
  CHECK(fields.is_good());
  CHECK(!fields.is_done());
}

TEST_CASE("errors: a zero byte in a message cannot end the response early") {
  MessageWriter out;
  write_error({Code::invalid, "22021", std::string("a\0b", 3)}, Severity::error, out);
  CHECK(out.buffer().find("Ma") != std::string::npos);
  CHECK(out.buffer().back() == '\0');
}

}  // namespace
}  // namespace mortise::front_pgwire
