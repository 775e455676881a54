// SPDX-License-Identifier: Apache-2.0
//
// Goal: the C++ face of libmortise, and E2: what was committed is there after the next open.
// Method: a throwaway directory, opened twice.
//
// Tidy: may catch, because the C++ face of libmortise throws.
#include <doctest/doctest.h>
#include <mortise_embed.hpp>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace {

struct Directory {
  Directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "embed-XXXXXX").string();
    path = std::filesystem::path(mkdtemp(pattern.data())) / "data";
  }
  ~Directory() { std::filesystem::remove_all(path.parent_path()); }
  std::filesystem::path path;
};

using mortise::embed::Database;
using mortise::embed::Failure;
using mortise::embed::Rows;

TEST_CASE("embed: E2 what was committed is there after the next open") {
  Directory directory;
  {
    Database db = Database::open(directory.path.string(), {.create = true});
    auto session = db.session();
    session.execute("create table t (id int primary key, name text)");
    session.execute("insert into t values (1, 'one'), (2, null)");
    session.execute("begin; insert into t values (3, 'three')");
  }
  Database db = Database::open(directory.path.string());
  auto session = db.session();
  const Rows rows = session.query("select id, name from t order by id");
  REQUIRE(rows.size() == 2);
  CHECK(rows.columns()[1] == "name");
  CHECK(*rows[0][1] == "one");
  CHECK_FALSE(rows[1][1].has_value());
}

TEST_CASE("embed: a database that sessions use is not closed under them") {
  Directory directory;
  Database db = Database::open(directory.path.string(), {.create = true});
  {
    auto session = db.session();
    CHECK_THROWS_WITH_AS(db.close(), "the database cannot be closed while sessions use it",
                         Failure);
    CHECK(*session.query("select 1")[0][0] == "1");
  }
  db.close();
}

TEST_CASE("embed: a failure carries code, message and position") {
  Directory directory;
  Database db = Database::open(directory.path.string(), {.create = true});
  auto session = db.session();
  bool failed = false;
  try {
    session.query("select no_such_column from pg_no_such_table");
  } catch (const Failure& failure) {
    failed = true;
    CHECK(failure.sqlstate == "42P01");
    CHECK(failure.position_chars > 0);
  }
  CHECK(failed);
}

TEST_CASE("embed: rows beyond one batch come in order") {
  Directory directory;
  Database db = Database::open(directory.path.string(), {.create = true});
  auto session = db.session();
  session.execute("create table n (i int); insert into n select * from generate_series(1, 5000)");
  const Rows rows = session.query("select i from n order by i");
  REQUIRE(rows.size() == 5000);
  CHECK(*rows[0][0] == "1");
  CHECK(*rows[4999][0] == "5000");
}

}  // namespace
