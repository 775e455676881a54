// SPDX-License-Identifier: Apache-2.0
//
// Goal:   arrays are read and written as PostgreSQL 15 reads and writes them.
// Method: texts in and out by the array types of the registry, failures with their details; the
//         wire form byte by byte.  The broad comparison with a server is tests/differential.py.

#include <doctest/doctest.h>

#include "mortise/cpp/array_type.hpp"
#include "tests/expression.hpp"
#include "types/lists.hpp"

namespace mortise::sql_functions {
namespace {

std::string input(std::string_view type, std::string_view text) {
  TestSession session;
  return session.input(type, std::string(text)).shown();
}

std::string detail_of(std::string_view text) {
  ArrayTextElements elements;
  const Result<ArrayShape> shape = ArrayTextReader(text).read(elements);
  REQUIRE_FALSE(shape);
  return std::string(shape.error().field(MORTISE_ERROR_FIELD_DETAIL));
}

TEST_CASE("AT1: what is written reads back the same") {
  for (const char* text :
       {"{}", "{1,NULL,3}", "{{1,2},{3,4}}", "[2:3]={1,2}", "[0:0][5:6]={{1,2}}"}) {
    CHECK(input("_int4", text) == text);
  }
  CHECK(input("_text", R"({a b,"NULL",null,"",  c d ,\,})") ==
        R"({"a b","NULL",NULL,"","c d",","})");
  CHECK(input("_varchar(3)", "{abc,NULL}") == "{abc,NULL}");
  CHECK(input("_varchar(3)", "{abcd}") ==
        "ERROR 22001: value too long for type character varying(3)");
  CHECK(input("_numeric(10,2)", "{1.005,7}") == "{1.01,7.00}");
  CHECK(input("_bpchar(3)", "{a}") == "{\"a  \"}");
}

TEST_CASE("AT2: sub-arrays have one length and one depth") {
  const std::string ragged =
      "Multidimensional arrays must have sub-arrays with matching dimensions.";
  CHECK(detail_of("{{1},{2,3}}") == ragged);
  CHECK(detail_of("{{1},{{2}}}") == ragged);
  CHECK(detail_of("{{{1}},{2}}") == ragged);
}

TEST_CASE("failures carry PostgreSQL's details") {
  CHECK(detail_of("1") == "Array value must start with \"{\" or dimension information.");
  CHECK(detail_of("{1,}") == "Unexpected \"}\" character.");
  CHECK(detail_of("{1") == "Unexpected end of input.");
  CHECK(detail_of("{1}x") == "Junk after closing right brace.");
  CHECK(detail_of("{1\"2\"}") == "Unexpected array element.");
  CHECK(detail_of("[1:1]{1}") == "Missing \"=\" after array dimensions.");
  CHECK(detail_of("[1:2]={1}") == "Specified array dimensions do not match array contents.");
  CHECK(detail_of("[x]={1}") == "\"[\" must introduce explicitly-specified array dimensions.");
}

TEST_CASE("vectors begin at 0 and have no braces") {
  CHECK(input("int2vector", " 1  2 ") == "1 2");
  CHECK(input("oidvector", "4294967295") == "4294967295");
  CHECK(input("_int2vector", "{1 2,3}") == "{\"1 2\",3}");
  TestSession session;
  const auto column = session.column_of(*session.type_of("int2vector"), std::string("5 6"));
  const auto array = ArrayView::open(text_of(static_cast<mortise_view_t*>((*column)->data())[0]));
  CHECK(array->dimensions()[0] == ArrayDimension{2, 0});
}

TEST_CASE("array_prepend: the lower bound stays within its range") {
  TestSession session;
  CHECK(session.call("array_prepend", {"int4", "_int4"}, {"1", "[-2147483648:-2147483648]={1}"})
            .shown() == "ERROR 22003: integer out of range");
  CHECK(session.call("||", {"_int4", "int4"}, {"[5:5]={1}", std::nullopt}).shown() ==
        "[5:6]={1,NULL}");
  CHECK(session.call("||", {"_numeric", "numeric(10,2)"}, {"{1}", "2"}).shown() == "{1,2.00}");
}

TEST_CASE("pg_typeof answers the type of any value") {
  TestSession session;
  CHECK(session.call("pg_typeof", {"_numeric(5,1)"}, {"{1}"}).shown() == "numeric[]");
  CHECK(session.call("pg_typeof", {"date"}, {std::nullopt}).shown() == "date");
}

// What the wire form of `text` is, and what that reads back as.
struct Wire {
  std::string bytes;
  std::string back;
};
Wire wire_of(std::string_view type_name, std::string_view text) {
  TestSession session;
  const mortise_type_t type = *session.type_of(type_name);
  const mortise_type_info_t& info = *find_type(type.sql_type);
  const auto column = *session.column_of(type, std::string(text));
  TestColumn sent({MORTISE_SQL_BYTEA, -1, MORTISE_PHYSICAL_BYTES, 0, 0, 0}, 2);
  const mortise_column_t in = column->in();
  mortise_arguments_t arguments{&in, &type, 1, 2, nullptr, 2, 0};
  mortise_column_out_t out = sent.out();
  ErrorSlot slot;
  REQUIRE(info.binary_out(session.evaluation(), &type, &arguments, &out, slot.get()) >= 0);
  TestColumn read(type, 2);
  const mortise_column_t bytes = sent.in();
  const mortise_type_t bytes_type = sent.type();
  arguments.columns = &bytes;
  arguments.types = &bytes_type;
  out = read.out();
  REQUIRE(info.binary_in(session.evaluation(), &type, &arguments, &out, slot.get()) >= 0);
  return {std::string(text_of(static_cast<mortise_view_t*>(sent.data())[1])),
          **session.text_of(read, 1)};
}

TEST_CASE("the wire form is array_send's") {
  const Wire wire = wire_of("_int2", "[3:4]={7,NULL}");
  const std::string expected(
      "\0\0\0\1"
      "\0\0\0\1"
      "\0\0\0\25"
      "\0\0\0\2"
      "\0\0\0\3"
      "\0\0\0\2"
      "\0\7"
      "\377\377\377\377",
      30);
  CHECK(wire.bytes == expected);
  CHECK(wire.back == "[3:4]={7,NULL}");
  CHECK(wire_of("_text", "{{a,b},{c,NULL}}").back == "{{a,b},{c,NULL}}");
  CHECK(wire_of("_numeric(6,1)", "{1.25}").back == "{1.3}");
  CHECK(wire_of("_bool", "{}").bytes == std::string("\0\0\0\0"
                                                    "\0\0\0\0"
                                                    "\0\0\0\20",
                                                    12));
  CHECK(wire_of("oidvector", "1 2").back == "1 2");
}

TEST_CASE("malformed wire bytes are refused") {
  const auto failure_of = [](std::string_view bytes) {
    const mortise_type_info_t& element = *find_type(MORTISE_SQL_INT4);
    WireReader in(bytes);
    const Result<ArrayShape> shape = read_array_head(in, element);
    return shape ? std::string() : std::string(shape.error().sqlstate());
  };
  CHECK(failure_of("\0\0\0") == "22P03");
  CHECK(failure_of({"\0\0\0\7\0\0\0\0\0\0\0\27", 12}) == "54000");
  CHECK(failure_of({"\0\0\0\1\0\0\0\2\0\0\0\27", 12}) == "22P03");
  CHECK(failure_of({"\0\0\0\1\0\0\0\0\0\0\0\31", 12}) == "42804");
}

TEST_CASE("AY1: numeric elements stand as NUMERIC whatever the modifier") {
  TestSession session;
  const auto column = *session.column_of(*session.type_of("_numeric(10,2)"), std::string("{1}"));
  const auto array = ArrayView::open(text_of(static_cast<mortise_view_t*>(column->data())[0]));
  CHECK(array->element_physical() == MORTISE_PHYSICAL_NUMERIC);
}

TEST_CASE("more elements than a batch has rows go through in pieces") {
  std::string text = "{0";
  for (int i = 1; i < 5000; ++i) text += "," + std::to_string(i);
  text += "}";
  CHECK(input("_int8", text) == text);
  CHECK(input("_text", text) == text);
}

}  // namespace
}  // namespace mortise::sql_functions
