// SPDX-License-Identifier: Apache-2.0
//
// Goal:   the runner sees every difference between a script and a database, and no other.
// Method: scripts as text, and a transport whose answers are written down here; the transport over
//         the wire is used by every script in tests/sql.

#include "runner.hpp"

#include <doctest/doctest.h>

#include <map>
#include <utility>

#include "render.hpp"

namespace mortise::sqltest {
namespace {

constexpr uint32_t kInt4 = 23;
constexpr uint32_t kText = 25;

Answer table(std::vector<uint32_t> types, std::vector<Row> rows) {
  Answer answer;
  answer.has_rows = true;
  for (uint32_t type : types) answer.columns.push_back({"c", type});
  answer.rows = std::move(rows);
  return answer;
}

Answer counted(int64_t rows) {
  Answer answer;
  answer.affected_rows = rows;
  return answer;
}

Answer failed(std::string sqlstate, std::string message, uint32_t position = 0) {
  Answer answer;
  answer.failure = Failure{std::move(sqlstate), std::move(message), position};
  return answer;
}

// Answers known texts; remembers what it was asked and through which session.
class KnownAnswers final : public Transport {
 public:
  std::map<std::string, Answer> answers;
  std::vector<std::pair<int, std::string>> asked;
  std::string copied;
  int sessions_opened = 0;

  bool is_called(std::string_view name) const override { return name == "embedded"; }
  Result<std::unique_ptr<Session>> open() override {
    return std::unique_ptr<Session>(new KnownSession(*this, ++sessions_opened));
  }

 private:
  class KnownSession final : public Session {
   public:
    KnownSession(KnownAnswers& owner, int number) : owner_(owner), number_(number) {}
    Result<Answer> run(const Request& request) override {
      owner_.asked.emplace_back(number_, request.sql);
      if (request.copy_data) owner_.copied = *request.copy_data;
      if (request.sql == "lose") return io_failure("gone");
      const auto found = owner_.answers.find(request.sql);
      return found == owner_.answers.end() ? Answer() : found->second;
    }

   private:
    KnownAnswers& owner_;
    int number_;
  };
};

struct Bench {
  KnownAnswers database;
  Options options{"mortise", false, false};
  Report report;
  std::vector<std::string> lines;

  // The number of differences.
  size_t run(std::string_view text) {
    Result<Script> script = parse_script("x.test", text);
    REQUIRE(script.has_value());
    Runner runner(database, options);
    REQUIRE(runner.run_script(*script).is_ok());
    report = runner.report();
    lines = script->lines;
    return report.differences.size();
  }
  std::string rewritten() const {
    std::string text;
    for (const std::string& line : lines) text += line + '\n';
    return text;
  }
};

std::string reason(std::string_view text) {
  const Result<Script> script = parse_script("x.test", text);
  return script ? std::string() : std::string(script.error().message());
}

TEST_CASE("script: what cannot be read is refused with its line") {
  CHECK(reason("# remark\n\nstatment ok\nselect 1\n") == "x.test:3: unknown directive: statment");
  CHECK(reason("statement maybe\nselect 1\n").starts_with("x.test:1: a statement ends"));
  CHECK(reason("statement ok\n\n") == "x.test:2: the SQL is missing");
  CHECK(reason("query Q\nselect 1\n").starts_with("x.test:1: a query names the type"));
  CHECK(reason("query I upsidedown\nselect 1\n").starts_with("x.test:1: a sort mode"));
  CHECK(reason("skipif mortise\n").ends_with("a condition stands before nothing"));
  CHECK(reason("hash-threshold many\n").ends_with("hash-threshold wants a number"));
  CHECK(reason("statement ok\nselect 1\n----\n1\n").ends_with("a statement expects no rows"));
  CHECK(reason("copy ok\ncopy t from stdin\n").ends_with("the data of the COPY are missing"));
  CHECK(reason("statement ok\nselect 1").empty());
}

TEST_CASE("runner: a value, a row, an order or a type that differs is a difference") {
  Bench bench;
  bench.database.answers["q"] = table({kInt4, kText}, {{"1", "a b"}, {"2", std::nullopt}});
  CHECK(bench.run("query IT\nq\n----\n1\ta b\n2\tNULL\n") == 0);
  CHECK(bench.run("query I?\nq\n----\n1\ta b\n2\tNULL\n") == 0);
  CHECK(bench.run("query IT\nq\n----\n1\n a b\n2\nNULL\n") == 1);
  CHECK(bench.run("query IT\nq\n----\n1\na b\n2\nNULL\n") == 0);  // a value per line
  CHECK(bench.run("query IT\nq\n----\n1\ta b\n2\tnull\n") == 1);
  CHECK(bench.run("query IT\nq\n----\n2\tNULL\n1\ta b\n") == 1);
  CHECK(bench.run("query IT\nq\n----\n1\ta b\n") == 1);
  CHECK(bench.run("query IT\nq\n----\n") == 1);
  CHECK(bench.run("query TT\nq\n----\n1\ta b\n2\tNULL\n") == 1);
  CHECK(bench.run("query ITT\nq\n----\n1\ta b\n2\tNULL\n") == 1);
  CHECK(bench.run("query IT\nno rows\n----\n1\ta b\n") == 1);
}

TEST_CASE("runner: sorting is the script's choice") {
  Bench bench;
  bench.database.answers["q"] = table({kInt4, kInt4}, {{"2", "1"}, {"1", "9"}});
  CHECK(bench.run("query II rowsort\nq\n----\n1\t9\n2\t1\n") == 0);
  CHECK(bench.run("query II rowsort\nq\n----\n2\t1\n1\t9\n") == 1);
  CHECK(bench.run("query II valuesort\nq\n----\n1\n1\n2\n9\n") == 0);
}

TEST_CASE("runner: an error that differs in state, place or text is a difference") {
  Bench bench;
  bench.database.answers["q"] = failed("22012", "division by zero", 7);
  CHECK(bench.run("statement error\nq\n") == 0);
  CHECK(bench.run("statement error 22012\nq\n") == 0);
  CHECK(bench.run("statement error 22012@7 ^division by .*o$\nq\n") == 0);
  CHECK(bench.run("statement error division\nq\n") == 0);
  CHECK(bench.run("statement error 22003\nq\n") == 1);
  CHECK(bench.run("statement error 22012@8\nq\n") == 1);
  CHECK(bench.run("statement error 22012 by one\nq\n") == 1);
  CHECK(bench.run("statement error 22012 (\nq\n") == 1);  // a pattern that is none
  CHECK(bench.run("statement ok\nq\n") == 1);
  CHECK(bench.run("query I\nq\n----\n1\n") == 1);
  CHECK(bench.run("statement error\nfine\n") == 1);
}

TEST_CASE("runner: the number of affected rows counts where it is named") {
  Bench bench;
  bench.database.answers["q"] = counted(3);
  CHECK(bench.run("statement ok\nq\n") == 0);
  CHECK(bench.run("statement count 3\nq\n") == 0);
  CHECK(bench.run("statement count 2\nq\n") == 1);
  CHECK(bench.run("statement count 0\nno count\n") == 1);
}

TEST_CASE("runner: large answers are compared by their hash") {
  Bench bench;
  bench.database.answers["q"] = table({kInt4}, {{"1"}, {"2"}, {"3"}});
  // printf '1\n2\n3\n' | md5sum
  CHECK(bench.run("query I\nq\n----\n3 values hashing to c0710d6b4f15dfa88f600b0e6b624077\n") == 0);
  CHECK(bench.run("query I\nq\n----\n3 values hashing to c0710d6b4f15dfa88f600b0e6b624078\n") == 1);
  bench.options.rewrite = true;
  bench.run("hash-threshold 2\n\nquery I\nq\n----\n");
  CHECK(bench.lines.back() == "3 values hashing to c0710d6b4f15dfa88f600b0e6b624077");
}

TEST_CASE("runner: equal labels mean equal answers") {
  Bench bench;
  bench.database.answers["q"] = table({kInt4}, {{"1"}});
  bench.database.answers["r"] = table({kInt4}, {{"2"}});
  CHECK(bench.run("query I nosort a\nq\n----\n1\n\nquery I nosort a\nq\n----\n1\n") == 0);
  CHECK(bench.run("query I nosort a\nq\n----\n1\n\nquery I nosort a\nr\n----\n2\n") == 1);
}

TEST_CASE("runner: conditions name the target or the transport") {
  Bench bench;
  bench.run(
      "skipif mortise\nstatement ok\na\n\nskipif postgres\nstatement ok\nb\n\n"
      "onlyif embedded\nstatement ok\nc\n\nonlyif wire\nstatement ok\nd\n");
  REQUIRE(bench.database.asked.size() == 2);
  CHECK(bench.database.asked[0].second == "b");
  CHECK(bench.database.asked[1].second == "c");
  CHECK(bench.report.skipped_count == 2);
}

TEST_CASE("runner: halt ends the script") {
  Bench bench;
  CHECK(bench.run("statement ok\na\n\nhalt\n\nstatement error\nb\n") == 0);
  CHECK(bench.database.asked.size() == 1);
}

TEST_CASE("runner: a connection name is a session, and a lost one is replaced") {
  Bench bench;
  CHECK(bench.run("statement ok\na\n\nconnection two\n\nstatement ok\nb\n\n"
                  "connection default\n\nstatement ok\nc\n\nstatement ok\nlose\n\n"
                  "statement ok\nd\n") == 1);
  const auto& asked = bench.database.asked;
  REQUIRE(asked.size() == 5);
  CHECK(asked[0].first == asked[2].first);
  CHECK(asked[1].first != asked[0].first);
  CHECK(asked[4].first != asked[0].first);
}

TEST_CASE("runner: Q1 what a script creates is dropped behind it, last first, in a new session") {
  Bench bench;
  bench.run(
      "statement ok\ncreate table A(x int)\n\nstatement ok\ncreate temp table b (x int)\n\n"
      "statement ok\nCREATE TABLE IF NOT EXISTS c\n(x int)\n\n"
      "statement ok\ncreate view v as select 1\n\nstatement ok\ncreate index on a (x)\n");
  const auto& asked = bench.database.asked;
  REQUIRE(asked.size() == 9);
  CHECK(asked[5].second == "drop view v cascade");
  CHECK(asked[6].second == "drop table c cascade");
  CHECK(asked[7].second == "drop table b cascade");
  CHECK(asked[8].second == "drop table a cascade");
  CHECK(asked[8].first != asked[0].first);
}

TEST_CASE("runner: the data of a COPY reach the database as they stand") {
  Bench bench;
  bench.database.answers["copy t from stdin"] = counted(2);
  CHECK(bench.run("copy count 2\ncopy t from stdin\n----\n1\t\\N\n\\.x\n") == 0);
  CHECK(bench.database.copied == "1\t\\N\n\\.x\n");
}

TEST_CASE("runner: Q2 and Q3 rewriting changes the expectations that fail and nothing else") {
  Bench bench;
  bench.options.rewrite = true;
  bench.database.answers["q\n+ r"] = table({kInt4}, {{"1"}});
  bench.database.answers["bad"] = failed("42601", "syntax error at \"(\"");
  bench.database.answers["two"] = counted(2);
  const std::string_view text =
      "# remark\n\nquery T rowsort\nq\n+ r\n----\n7\n8\n\nstatement ok\nbad\n\n"
      "query I\nbad\n----\n1\n\nstatement error 42601 syntax\nbad\n\nstatement count 1\ntwo\n\n"
      "statement error\nfine\n\n# end\n";
  CHECK(bench.run(text) == 0);
  CHECK(bench.rewritten() ==
        "# remark\n\nquery I rowsort\nq\n+ r\n----\n1\n\n"
        "statement error 42601 ^syntax error at \"\\(\"$\nbad\n\n"
        "statement error 42601 ^syntax error at \"\\(\"$\nbad\n\n"
        "statement error 42601 syntax\nbad\n\nstatement count 2\ntwo\n\n"
        "statement ok\nfine\n\n# end\n");
  bench.options.rewrite = false;
  CHECK(bench.run(bench.rewritten()) == 0);
}

TEST_CASE("runner: Q4 marking puts skipif before what fails and takes it from what passes") {
  Bench bench;
  bench.options.mark = true;
  bench.database.answers["bad"] = failed("0A000", "not there");
  const std::string_view text =
      "# remark\nstatement ok\nbad\n\nskipif mortise\nstatement ok\ngood\n\n"
      "skipif postgres\nskipif mortise\nstatement ok\nbad\n\nskipif wire\nstatement ok\nbad\n\n"
      "onlyif wire\nstatement ok\nbad\n";
  CHECK(bench.run(text) == 0);
  const std::string marked = bench.rewritten();
  CHECK(marked ==
        "# remark\nskipif mortise\nstatement ok\nbad\n\nstatement ok\ngood\n\n"
        "skipif postgres\nskipif mortise\nstatement ok\nbad\n\n"
        "skipif wire\nskipif mortise\nstatement ok\nbad\n\nonlyif wire\nstatement ok\nbad\n");
  bench.options.mark = false;
  CHECK(bench.run(marked) == 0);
}

TEST_CASE("render: a row without columns is a row") {
  Bench bench;
  bench.database.answers["q"] = table({}, {{}, {}});
  CHECK(bench.run("query -\nq\n----\n()\n()\n") == 0);
  CHECK(bench.run("query -\nq\n----\n()\n") == 1);
}

TEST_CASE("render: a value never breaks its line or its record") {
  CHECK(render_value(std::nullopt) == "NULL");
  CHECK(render_value("") == "(empty)");
  CHECK(render_value("a\tb\nc\\d\re") == "a\\tb\\nc\\\\d\\re");
  CHECK(render_value("\x01\x7f") == "\\x01\\x7f");
  CHECK(render_value("  ") == " \\x20");
  CHECK(render_value("\xc3\xa4 ") == "\xc3\xa4 ");
}

}  // namespace
}  // namespace mortise::sqltest
