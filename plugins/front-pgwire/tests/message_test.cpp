// SPDX-License-Identifier: Apache-2.0
//
// Goal:   no byte sequence makes the framing read outside its buffer or lose its place.
// Method: hand-made streams, whole and cut at every byte.

#include "message.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "error_message.hpp"

namespace mortise::front_pgwire {
namespace {

const uint8_t* bytes_of(const std::string& s) {
  return reinterpret_cast<const uint8_t*>(s.data());
}

TEST_CASE("framer: a stream gives the same messages however it is cut") {
  MessageWriter writer;
  writer.begin('Q');
  writer.text("select 1");
  writer.end();
  writer.begin('S');
  writer.end();
  const std::string stream = writer.buffer();
  for (size_t cut = 0; cut <= stream.size(); ++cut) {
    CAPTURE(cut);
    Framer framer(1000);
    std::vector<std::string> seen;
    const auto drain = [&] {
      char type = 0;
      std::string_view body;
      while (framer.next(true, &type, &body) == Framer::Answer::message) {
        seen.push_back(type + std::string(body));
      }
    };
    framer.add(bytes_of(stream), cut);
    drain();
    framer.add(bytes_of(stream) + cut, stream.size() - cut);
    drain();
    REQUIRE(seen.size() == 2);
    CHECK(seen[0] == std::string("Qselect 1\0", 10));
    CHECK(seen[1] == "S");
    CHECK(framer.is_empty());
  }
}

TEST_CASE("framer: a length below its own size or above the limit is refused") {
  char type = 0;
  std::string_view body;
  Framer small(1000);
  small.add(bytes_of(std::string("Q\0\0\0\3", 5)), 5);
  CHECK(small.next(true, &type, &body) == Framer::Answer::malformed);
  Framer large(1000);
  large.add(bytes_of(std::string("Q\0\0\4\0", 5)), 5);
  CHECK(large.next(true, &type, &body) == Framer::Answer::too_long);
}

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
