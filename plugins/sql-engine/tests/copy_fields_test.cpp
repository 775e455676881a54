// SPDX-License-Identifier: Apache-2.0
//
// Goal: COPY's text and CSV are split as PostgreSQL splits them, wherever the pieces are cut.
// Method: data with expected fields, handed over whole and cut at every position.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "execute/copy_fields.hpp"
#include "fake_host.hpp"

namespace mortise::sql_engine::testing {

namespace {

using Row = std::vector<std::string>;  // "<null>" stands for null

struct SplitOutcome {
  Status status;
  std::vector<Row> rows;
  std::vector<uint64_t> lines;
};

// Feeds `data` in two pieces cut at `cut`, keeping what was not consumed, as CopyIn does.
SplitOutcome split_at(const std::string& data, size_t cut, const CopyOptions& options,
                      uint32_t fields) {
  FieldSplitter splitter(options, fields);
  splitter.set_table_name("t");
  splitter.set_column_names({"a", "b", "c"});
  SplitOutcome outcome;
  std::vector<std::vector<mortise_view_t>> values(fields, std::vector<mortise_view_t>(kBatchRows));
  std::vector<std::vector<uint64_t>> validity(fields,
                                              std::vector<uint64_t>(kBatchRows / 64, ~uint64_t{0}));
  FieldSplitter::Fields split;
  for (uint32_t c = 0; c < fields; ++c) {
    split.values.push_back(values[c].data());
    split.validity.push_back(validity[c].data());
  }
  std::string held = data.substr(0, cut);
  bool is_end = false;
  while (true) {
    for (auto& bits : validity) std::fill(bits.begin(), bits.end(), ~uint64_t{0});
    uint64_t consumed = 0;
    Status status = splitter.split(reinterpret_cast<uint8_t*>(held.data()), held.size(), is_end,
                                   split, &consumed);
    if (!status.is_ok()) {
      outcome.status = std::move(status);
      return outcome;
    }
    for (uint32_t r = 0; r < split.rows_count; ++r) {
      Row row;
      for (uint32_t c = 0; c < fields; ++c) {
        row.push_back(get_bit(validity[c].data(), r) ? std::string(text_of(values[c][r]))
                                                     : "<null>");
      }
      outcome.rows.push_back(std::move(row));
      outcome.lines.push_back(split.lines[r]);
    }
    held.erase(0, consumed);
    if (splitter.is_finished()) return outcome;
    if (is_end) {
      if (consumed == 0) return outcome;
      continue;
    }
    held += data.substr(cut);
    is_end = true;
  }
}

void check_everywhere(const std::string& data, const CopyOptions& options, uint32_t fields,
                      const std::vector<Row>& expected) {
  for (size_t cut = 0; cut <= data.size(); ++cut) {
    const SplitOutcome outcome = split_at(data, cut, options, fields);
    CHECK_MESSAGE(outcome.status.is_ok(), std::string(outcome.status.message()));
    CHECK_MESSAGE(outcome.rows == expected, "cut at " << cut);
  }
}

CopyOptions csv() {
  CopyOptions options;
  options.format = CopyOptions::Format::csv;
  options.delimiter = ',';
  options.null_text = "";
  return options;
}

}  // namespace

TEST_CASE("text fields end at tabs and lines, backslashes speak, and \\N is null") {
  check_everywhere(
      "1\tone\tx\n2\t\\N\t\n3\ta\\tb\\\\c\\x41\\101\t\\\\N\r\nlast\t\t\\N", CopyOptions(), 3,
      {{"1", "one", "x"}, {"2", "<null>", ""}, {"3", "a\tb\\cAA", "\\N"}, {"last", "", "<null>"}});
}

TEST_CASE("the end marker ends the data") {
  check_everywhere("1\t2\n\\.\n3\t4\n", CopyOptions(), 2, {{"1", "2"}});
}

TEST_CASE("a text longer than a vector register is found whole") {
  const std::string longer(1000, 'x');
  check_everywhere(longer + "\t" + longer.substr(0, 17) + "\n", CopyOptions(), 2,
                   {{longer, longer.substr(0, 17)}});
}

TEST_CASE("CSV fields may be quoted, hold quotes, delimiters and line ends") {
  check_everywhere("1,\"a,b\",x\n2,\"say \"\"hi\"\"\",\n3,\"two\nlines\",\"\"\r\n4,,end", csv(), 3,
                   {{"1", "a,b", "x"},
                    {"2", "say \"hi\"", "<null>"},
                    {"3", "two\nlines", ""},
                    {"4", "<null>", "end"}});
}

TEST_CASE("too few and too many fields are 22P04 with the line") {
  SplitOutcome outcome = split_at("1\t2\n3\n", 6, CopyOptions(), 2);
  CHECK(outcome.status.sqlstate() == "22P04");
  CHECK(outcome.status.message() == "missing data for column \"b\"");
  CHECK(outcome.status.field(MORTISE_ERROR_FIELD_WHERE) == "COPY t, line 2: \"3\"");
  outcome = split_at("1\t2\t3\n", 6, CopyOptions(), 2);
  CHECK(outcome.status.message() == "extra data after last expected column");
  outcome = split_at("1,\"open\n", 8, csv(), 2);
  CHECK(outcome.status.message() == "unterminated CSV quoted field");
}

TEST_CASE("bytes that are no UTF-8, also those that an escape makes, are 22021 with the line") {
  SplitOutcome outcome = split_at("1\tx\n2\t\xff\n", 8, CopyOptions(), 2);
  CHECK(outcome.status.sqlstate() == "22021");
  CHECK(outcome.status.field(MORTISE_ERROR_FIELD_WHERE) == "COPY t, line 2");
  outcome = split_at("1\t\\xff\n", 8, CopyOptions(), 2);
  CHECK(outcome.status.sqlstate() == "22021");
  outcome = split_at("1\t\\xc3\\xa9\n", 11, CopyOptions(), 2);
  CHECK(outcome.rows == std::vector<Row>{{"1", "\xc3\xa9"}});
}

TEST_CASE("lines within quotes count, so that a later error names the right line") {
  const SplitOutcome outcome = split_at("\"a\nb\",1\n2,3\n", 12, csv(), 2);
  REQUIRE(outcome.lines.size() == 2);
  CHECK(outcome.lines[1] == 3);
}

}  // namespace mortise::sql_engine::testing
