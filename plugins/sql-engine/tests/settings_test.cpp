// SPDX-License-Identifier: Apache-2.0
//
// Goal:   SET, SET LOCAL and RESET leave what PostgreSQL 15 leaves, also after rollbacks.
// Method: the settings alone, driven as a session drives them.

#include "session/settings.hpp"

#include <doctest/doctest.h>

namespace mortise::sql_engine {
namespace {

std::string shown(const SessionSettings& settings, std::string_view name) {
  const Result<std::string> value = settings.get(name);
  return value ? *value : std::string(value.error().sqlstate());
}

TEST_CASE("names are found in any case and values are spelled properly") {
  SessionSettings s;
  REQUIRE(s.set("DATESTYLE", "german", false).is_ok());
  CHECK(shown(s, "DateStyle") == "German, DMY");
  REQUIRE(s.set("datestyle", "ymd", false).is_ok());
  CHECK(shown(s, "datestyle") == "German, YMD");
  REQUIRE(s.set("enable_sort", "f", false).is_ok());
  CHECK(shown(s, "enable_sort") == "off");
}

TEST_CASE("quantities are read and shown with units") {
  SessionSettings s;
  REQUIRE(s.set("statement_timeout", "90s", false).is_ok());
  CHECK(shown(s, "statement_timeout") == "90s");
  REQUIRE(s.set("statement_timeout", "120000", false).is_ok());
  CHECK(shown(s, "statement_timeout") == "2min");
  CHECK(shown(s, "work_mem") == "4MB");
  REQUIRE(s.set("work_mem", "1GB", false).is_ok());
  CHECK(s.value("work_mem") == "1048576");
}

TEST_CASE("bad values and names are refused in PostgreSQL's words") {
  SessionSettings s;
  Status status = s.set("nope", "1", false);
  CHECK(status.sqlstate() == "42704");
  CHECK(status.message() == "unrecognized configuration parameter \"nope\"");
  status = s.set("enable_sort", "maybe", false);
  CHECK(status.message() == "parameter \"enable_sort\" requires a Boolean value");
  status = s.set("bytea_output", "x", false);
  CHECK(status.message() == "invalid value for parameter \"bytea_output\": \"x\"");
  CHECK(status.field(MORTISE_ERROR_FIELD_HINT) == "Available values: escape, hex.");
  status = s.set("server_version", "9", false);
  CHECK(status.sqlstate() == "55P02");
  status = s.set("work_mem", "1", false);
  CHECK(status.message() ==
        "1 kB is outside the valid range for parameter \"work_mem\" (64 .. 2147483647)");
}

TEST_CASE("a rollback takes back what its transaction has set") {
  SessionSettings s;
  REQUIRE(s.set("work_mem", "128", false).is_ok());
  s.begin_transaction();
  REQUIRE(s.set("work_mem", "256", false).is_ok());
  s.end_transaction(false);
  CHECK(s.value("work_mem") == "128");
}

TEST_CASE("SET LOCAL ends with its transaction, SET does not") {
  SessionSettings s;
  s.begin_transaction();
  REQUIRE(s.set("work_mem", "256", false).is_ok());
  REQUIRE(s.set("work_mem", "512", true).is_ok());
  CHECK(s.value("work_mem") == "512");
  s.end_transaction(true);
  CHECK(s.value("work_mem") == "256");
}

TEST_CASE("a savepoint's rollback takes back what came after it") {
  SessionSettings s;
  s.begin_transaction();
  REQUIRE(s.set("work_mem", "256", false).is_ok());
  const size_t mark = s.mark();
  REQUIRE(s.set("work_mem", "512", false).is_ok());
  s.roll_back_to(mark);
  s.end_transaction(true);
  CHECK(s.value("work_mem") == "256");
}

TEST_CASE("a name with a dot is anybody's") {
  SessionSettings s;
  REQUIRE(s.set("my.own", "x", false).is_ok());
  CHECK(shown(s, "my.own") == "x");
  s.begin_transaction();
  REQUIRE(s.set("my.other", "y", true).is_ok());
  s.end_transaction(true);
  CHECK(shown(s, "my.other") == "");
}

TEST_CASE("listeners hear of changes only") {
  SessionSettings s;
  int changes = 0;
  s.set_listeners([&](const std::string&, const std::string&) { ++changes; }, nullptr);
  REQUIRE(s.set("application_name", "psql", false).is_ok());
  REQUIRE(s.set("application_name", "psql", false).is_ok());
  CHECK(changes == 1);
}

}  // namespace
}  // namespace mortise::sql_engine
