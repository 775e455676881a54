// SPDX-License-Identifier: Apache-2.0
//
// Goal:   names and texts are written in SQL so that they are read back as they were.
// Method: the cases that PostgreSQL's own functions give another form.

#include "mortise/cpp/sql_text.hpp"

#include <doctest/doctest.h>

using mortise::needs_quotes;
using mortise::quote_identifier;
using mortise::quote_literal;

TEST_CASE("names are quoted where they would not be read back") {
  CHECK(quote_identifier("plain_1") == "plain_1");
  CHECK(quote_identifier("_x") == "_x");
  CHECK(quote_identifier("Upper") == "\"Upper\"");
  CHECK(quote_identifier("1st") == "\"1st\"");
  CHECK(quote_identifier("a\"b") == "\"a\"\"b\"");
  CHECK(quote_identifier("") == "\"\"");
  CHECK(quote_identifier("caf\xC3\xA9") == "\"caf\xC3\xA9\"");
}

TEST_CASE("keywords are quoted unless they are reserved nowhere") {
  for (const char* word : {"select", "where", "with", "all", "timestamp", "xmltable"}) {
    CAPTURE(word);
    CHECK(needs_quotes(word));
  }
  for (const char* word : {"name", "year", "selects", "zone"}) {
    CAPTURE(word);
    CHECK(!needs_quotes(word));
  }
}

TEST_CASE("texts double their quotes, and say so when they hold backslashes") {
  CHECK(quote_literal("") == "''");
  CHECK(quote_literal("it's") == "'it''s'");
  CHECK(quote_literal("a\\b'") == "E'a\\\\b'''");
}
