// SPDX-License-Identifier: Apache-2.0
//
// Goal:   every family of statements arrives in neutral words, and wrong texts in PostgreSQL's.
// Method: trees are rendered as text, kind:text#number!flags(children), and compared whole; a long
//         list of statements must be read without refusal.

#include "parse.hpp"

#include <doctest/doctest.h>

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "mortise/cpp/boundary.hpp"
#include "nesting.hpp"

namespace mortise::dialect_postgres {
namespace {

struct Node {
  uint32_t kind;
  uint32_t flags;
  uint32_t position_bytes;
  std::string text;
  int64_t number;
  std::vector<mortise_syntax_id_t> children;
};

struct Recorder {
  std::vector<Node> nodes = {{}};  // number 0 is nothing
  std::vector<mortise_syntax_statement_t> statements;
  mortise_syntax_builder_t builder{};

  Recorder() {
    builder.struct_size_bytes = sizeof builder;
    builder.context = this;
    builder.node = [](void* context, uint32_t kind, uint32_t flags, uint32_t position_bytes,
                      mortise_str_t text, int64_t number, const mortise_syntax_id_t* children,
                      uint32_t children_count) {
      auto& self = *static_cast<Recorder*>(context);
      self.nodes.push_back({kind,
                            flags,
                            position_bytes,
                            std::string(view_of(text)),
                            number,
                            {children, children + children_count}});
      return static_cast<mortise_syntax_id_t>(self.nodes.size() - 1);
    };
    builder.statement = [](void* context, mortise_syntax_id_t root, uint32_t begin, uint32_t end) {
      static_cast<Recorder*>(context)->statements.push_back({root, begin, end, 0});
    };
  }

  std::string render(mortise_syntax_id_t id) const {
    if (id == 0) return "-";
    static const std::map<uint32_t, std::string> names = {
        {MORTISE_SYNTAX_LIST, "list"},     {MORTISE_SYNTAX_NAME, "name"},
        {MORTISE_SYNTAX_STAR, "*"},        {MORTISE_SYNTAX_INTEGER, "int"},
        {MORTISE_SYNTAX_NUMERIC, "num"},   {MORTISE_SYNTAX_STRING, "str"},
        {MORTISE_SYNTAX_COLUMN, "col"},    {MORTISE_SYNTAX_OPERATOR, "op"},
        {MORTISE_SYNTAX_SELECT, "select"}, {MORTISE_SYNTAX_TARGET, "target"},
        {MORTISE_SYNTAX_TABLE, "table"},   {MORTISE_SYNTAX_BETWEEN, "between"},
        {MORTISE_SYNTAX_LIKE, "like"},     {MORTISE_SYNTAX_ASSIGN, "assign"},
        {MORTISE_SYNTAX_UPDATE, "update"}, {MORTISE_SYNTAX_ROW, "row"},
        {MORTISE_SYNTAX_BOOLEAN, "bool"},  {MORTISE_SYNTAX_JOIN, "join"},
        {MORTISE_SYNTAX_WINDOW, "window"}, {MORTISE_SYNTAX_CALL, "call"},
        {MORTISE_SYNTAX_CAST, "cast"},     {MORTISE_SYNTAX_TYPE, "type"},
        {MORTISE_SYNTAX_SET, "set"},       {MORTISE_SYNTAX_TRANSACTION, "transaction"},
        {MORTISE_SYNTAX_OPTION, "option"}, {MORTISE_SYNTAX_PARAMETER, "param"},
    };
    const Node& n = nodes[id];
    const auto found = names.find(n.kind);
    std::string out = found == names.end() ? "k" + std::to_string(n.kind) : found->second;
    if (!n.text.empty()) out += ":" + n.text;
    if (n.number != 0) out += "#" + std::to_string(n.number);
    if (n.flags != 0) out += "!" + std::to_string(n.flags);
    if (!n.children.empty()) {
      out += "(";
      for (size_t i = 0; i < n.children.size(); ++i) {
        out += (i == 0 ? "" : " ") + render(n.children[i]);
      }
      out += ")";
    }
    return out;
  }
};

std::string tree_of(std::string_view text) {
  Recorder recorder;
  const Status status = parse(text, recorder.builder, nullptr);
  if (!status.is_ok()) {
    return std::string(status.sqlstate()) + " " + std::string(status.message()) + " @" +
           std::to_string(status.position_chars());
  }
  std::string out;
  for (const auto& s : recorder.statements) out += recorder.render(s.root) + "\n";
  return out;
}

TEST_CASE("parse: a query keeps its clauses in their places") {
  CHECK(tree_of("SELECT a.x AS y, * FROM t AS a WHERE x BETWEEN 1 AND 2") ==
        "select(- - list(target:y(col(name:a name:x)) target(col(*))) "
        "list(table:a(list(name:t) - -)) between(col(name:x) int#1 int#2) - - - - - - - -)\n");
}

TEST_CASE("parse: zero is a number although the grammar leaves it out") {
  CHECK(tree_of("SELECT 0, false") ==
        "select(- - list(target(int) target(bool)) - - - - - - - - - -)\n");
}

TEST_CASE("parse: a number below zero is read from the text, which the grammar's tree leaves out") {
  const auto shows = [](std::string_view text, const char* part) {
    const std::string tree = tree_of(text);
    INFO(tree);
    CHECK(tree.find(part) != std::string::npos);
  };
  shows("SELECT -4", "int#-4");
  shows("SELECT 'é', - /* 7 -- /* 8 */ */ -- 9\n (4)", "int#-4");
  shows("SELECT 1 - 0", "op:-(int#1 int -)");
  shows("SELECT -2147483647", "int#-2147483647");
  shows("SELECT 1; SELECT -5", "int#-5");
  shows("CREATE SEQUENCE s9 INCREMENT BY -3 MINVALUE - 100", "int#-3");
  shows("CREATE SEQUENCE s9 INCREMENT BY -3 MINVALUE - 100", "int#-100");
  shows("CREATE TABLE t (a int) WITH (fillfactor2 = -7)", "int#-7");
  shows("SELECT a::int[]", "int#-1");
  shows("SELECT a::int[3]", "int#3");
}

TEST_CASE("parse: NOT LIKE with ESCAPE has three parts") {
  CHECK(tree_of("SELECT a NOT ILIKE 'x' ESCAPE '!'") ==
        "select(- - list(target(like!65537(col(name:a) str:x str:!))) - - - - - - - - - -)\n");
}

TEST_CASE("parse: assignment of a row is one assignment of several columns") {
  CHECK(tree_of("UPDATE t SET (a, b) = (1, 2), c = 3") ==
        "update(- table(list(name:t) - -) list(assign(list(name:a name:b) row(int#1 int#2)) "
        "assign(name:c int#3)) - - -)\n");
}

TEST_CASE("parse: a join without a condition is a cross join") {
  CHECK(tree_of("SELECT 1 FROM a CROSS JOIN b").find("join#5(") != std::string::npos);
  CHECK(tree_of("SELECT 1 FROM a NATURAL JOIN b").find("join#1!65536(") != std::string::npos);
  CHECK(tree_of("SELECT 1 FROM a FULL JOIN b USING (id)").find("join#4(") != std::string::npos);
}

TEST_CASE("parse: several statements know their bytes") {
  Recorder recorder;
  REQUIRE(parse("select 1; ; select 22", recorder.builder, nullptr).is_ok());
  REQUIRE(recorder.statements.size() == 2);
  CHECK(recorder.statements[0].begin_bytes == 0);
  CHECK(recorder.statements[0].end_bytes == 8);
  CHECK(recorder.statements[1].end_bytes == 21);
}

TEST_CASE("parse: an empty text has no statements") {
  CHECK(tree_of("") == "");
  CHECK(tree_of("  -- nothing\n") == "");
}

TEST_CASE("parse: a syntax error has PostgreSQL's words and a position in characters") {
  CHECK(tree_of("SELEC 1") == "42601 syntax error at or near \"SELEC\" @1");
  CHECK(tree_of("SELECT 'é', 1 FRM t x") == "42601 syntax error at or near \"t\" @19");
  CHECK(tree_of("SELECT (1") == "42601 syntax error at end of input @10");
  CHECK(tree_of("SELECT 'abc") == "42601 unterminated quoted string at or near \"'abc\" @8");
}

TEST_CASE("parse: text that is not UTF-8 is named by its bytes") {
  CHECK(tree_of("SELECT '\xff'") == "22021 invalid byte sequence for encoding \"UTF8\": 0xff @0");
  CHECK(tree_of(std::string_view("SELECT \0 1", 10)) ==
        "22021 invalid byte sequence for encoding \"UTF8\": 0x00 @0");
}

TEST_CASE("parse: D2 refuses what the tree has no word for") {
  CHECK(tree_of("CREATE TABLE p PARTITION OF q DEFAULT") ==
        "0A000 partitioning is not supported @0");
  CHECK(tree_of("CREATE RULE r AS ON SELECT TO t DO INSTEAD SELECT 1").starts_with("0A000"));
}

TEST_CASE("parse: deep nesting is refused where no large stack is lent") {
  std::string deep = "SELECT ";
  for (int i = 0; i < 3000; ++i) deep += "(1+";
  deep += "1";
  for (int i = 0; i < 3000; ++i) deep += ")";
  CHECK(tree_of(deep).starts_with("54001"));
}

TEST_CASE("nesting: D3 counts tokens between commas over open parentheses") {
  CHECK(nesting_levels_max("select 1, 2, 3") == 2);
  CHECK(nesting_levels_max("f(a, b, (c))") == 4);
  CHECK(nesting_levels_max("((((1))))") == 5);
  CHECK(nesting_levels_max("1+1+1+1") == 7);
}

TEST_CASE("nesting: D3 a comma inside quotes or comments does not end anything") {
  CHECK(nesting_levels_max("a ',' b") == 3);
  CHECK(nesting_levels_max("a 'x'',y' b") == 4);
  CHECK(nesting_levels_max("a E'\\',' b") == 4);
  CHECK(nesting_levels_max("a \",\" b") == 3);
  CHECK(nesting_levels_max("a $q$ , $q$ b") == 3);
  CHECK(nesting_levels_max("a /* , /* , */ , */ b") == 2);
  CHECK(nesting_levels_max("a -- ,\n b") == 2);
}

constexpr std::string_view kStatements[] = {
    "with recursive r(n) as (select 1 union all select n+1 from r) select * from r limit 3",
    "select distinct on (a) a, b from t order by a, b desc nulls last",
    "select count(*) filter (where x), sum(distinct y) over w from t window w as (order by z)",
    "select * from generate_series(1, 3) with ordinality as g(a, n), lateral (select a) x",
    "select case x when 1 then 'a' else 'b' end, coalesce(a, b), nullif(a, b), greatest(1, 2)",
    "select extract(year from d), substring(s from 1 for 2), trim(both 'x' from s), d at time "
    "zone 'utc'",
    "select current_date, current_timestamp(3), localtime, current_user, current_schema",
    "select a[1], a[1:2], (r).f, (r).*, array[1,2], row(1,2), array(select 1)",
    "select x in (1,2), x not in (select 1), x = any(array[1]), x > all (select 1), exists "
    "(select 1)",
    "select a is distinct from b, a is not null, b is not true, x similar to 'a', n between "
    "symmetric 2 and 1",
    "select a from t group by rollup (a, b), cube (c), grouping sets ((), (a)) having count(*) > "
    "1",
    "select * from t for update of t skip locked",
    "values (1, 'a'), (2, default)",
    "select 1 union all select 2 except select 3 order by 1 limit 1 offset 2",
    "select * from t tablesample bernoulli (10) repeatable (1)",
    "table t",
    "insert into t (a, b) values (1, default) on conflict (a) where b > 0 do update set b = "
    "excluded.b where t.a > 1 returning *",
    "insert into t default values",
    "insert into s.t overriding system value select * from u on conflict on constraint c do "
    "nothing",
    "update t set a = 1 from u where t.id = u.id returning t.*",
    "delete from only t using u where t.a = u.a returning a",
    "merge into t using s on t.a = s.a when matched then update set b = s.b when not matched "
    "then insert (a) values (s.a)",
    "copy t (a, b) from stdin with (format csv, header true, delimiter ';')",
    "copy (select 1) to stdout",
    "copy t from '/tmp/x' csv",
    "truncate a, b restart identity cascade",
    "create table if not exists s.t (a int primary key, b varchar(10) not null default 'x' check "
    "(b <> ''), c numeric(15,2), constraint u unique (a, b), foreign key (c) references z (c) "
    "match full on delete cascade on update set null) with (fillfactor = 70)",
    "create temp table t (like u including all, a int generated always as identity (start 3), b "
    "int generated always as (a + 1) stored) on commit drop",
    "create table t as select 1 as a with no data",
    "create unique index concurrently if not exists i on t using btree (a desc nulls last, "
    "lower(b)) include (c) where a > 1",
    "create or replace view v (a) as select 1 with cascaded check option",
    "create materialized view m as select 1",
    "create sequence if not exists s increment by 2 owned by t.a",
    "create type e as enum ('a', 'b')",
    "create domain d as int not null check (value > 0)",
    "create schema if not exists x authorization y",
    "create role r login superuser password 'x'",
    "create user u",
    "create database d owner x",
    "create extension if not exists hstore",
    "alter table if exists t add column x int default 1, drop column if exists y cascade, alter "
    "column z type text using z::text, alter z set default 1, alter w drop default, alter w set "
    "not null, alter w drop not null, add constraint c unique (a), drop constraint d, owner to "
    "o, set (fillfactor = 10), alter i add generated always as identity, alter i set generated "
    "by default, alter i drop identity, validate constraint v",
    "alter table t rename column a to b",
    "alter table t rename to u",
    "alter table t rename constraint a to b",
    "alter schema a rename to b",
    "alter role a rename to b",
    "alter table t set schema x",
    "alter sequence s restart with 3",
    "alter role r with superuser",
    "drop table if exists a.b, c cascade",
    "drop index concurrently i",
    "drop schema a",
    "drop role if exists a, b",
    "drop database d",
    "drop function f(int, text)",
    "comment on column t.a is 'x'",
    "comment on table t is null",
    "grant select, insert on t to x with grant option",
    "revoke all on schema s from public",
    "grant r to u",
    "begin isolation level serializable read only deferrable",
    "start transaction",
    "commit and chain",
    "end",
    "rollback",
    "abort",
    "savepoint a",
    "release savepoint a",
    "rollback to savepoint a",
    "prepare transaction 'x'",
    "commit prepared 'x'",
    "rollback prepared 'x'",
    "set local a.b to 'x', 1",
    "set time zone 'UTC'",
    "set names 'utf8'",
    "set search_path = a, b",
    "set transaction isolation level repeatable read",
    "set x to default",
    "set x from current",
    "set session characteristics as transaction read only",
    "reset x",
    "reset all",
    "show x",
    "show all",
    "set role none",
    "set session authorization default",
    "explain (analyze, format json) select 1",
    "explain update t set a = 1",
    "prepare p (int) as select $1",
    "execute p (1)",
    "deallocate p",
    "deallocate all",
    "declare c scroll cursor with hold for select 1",
    "fetch backward 3 from c",
    "move all in c",
    "fetch absolute -1 c",
    "close c",
    "close all",
    "listen x",
    "unlisten *",
    "notify x, 'y'",
    "discard all",
    "vacuum (analyze) t",
    "analyze t",
    "checkpoint",
    "reindex table t",
    "lock table t in share mode nowait",
    "do 'x'",
    "call f(1)",
    "alter system set a = 1",
    "alter system reset all",
    "set constraints all deferred",
    "cluster t",
};

TEST_CASE("parse: the statements of everyday clients are read") {
  for (const std::string_view text : kStatements) {
    CAPTURE(text);
    Recorder recorder;
    const Status status = parse(text, recorder.builder, nullptr);
    CHECK_MESSAGE(status.is_ok(), std::string(status.message()));
    CHECK(recorder.statements.size() == 1);
  }
}

TEST_CASE("parse: constants do not change a fingerprint") {
  const Result<uint64_t> one = fingerprint("select a from t where b = 1");
  const Result<uint64_t> two = fingerprint("SELECT a FROM t  WHERE b = 22");
  const Result<uint64_t> other = fingerprint("select b from t where b = 1");
  REQUIRE(one.has_value());
  CHECK(*one == *two);
  CHECK(*one != *other);
}

}  // namespace
}  // namespace mortise::dialect_postgres
