// SPDX-License-Identifier: Apache-2.0
//
// Goal:   the generated tables obey the value rules of TPC-H clause 4.2 and fit together.
// Method: all rows of the smallest scale, checked rule by rule; what PostgreSQL thinks of them
//         (types, keys, references, answers) is postgres_test.py's.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "rows.hpp"
#include "tables.hpp"
#include "words.hpp"

namespace mortise::tpch {
namespace {

const RowMaker& maker() {
  static const RowMaker instance(*Scale::of(0.01));
  return instance;
}

// What `slice` of the table looks like as a file.
std::string written(const RowMaker& from, std::string_view table, Slice slice,
                    Format format = Format::copy_text) {
  std::FILE* stream = std::tmpfile();
  REQUIRE(stream != nullptr);
  RowWriter writer(stream, format);
  CHECK(write_table(from, table, slice, writer).is_ok());
  CHECK(writer.finish().is_ok());
  std::string text(static_cast<size_t>(std::ftell(stream)), '\0');
  std::rewind(stream);
  CHECK(std::fread(text.data(), 1, text.size(), stream) == text.size());
  std::fclose(stream);
  return text;
}

TEST_CASE("tpch: row counts grow with the scale as clause 4.2.5 says") {
  const Scale one = *Scale::of(1);
  CHECK(one.suppliers() == 10'000);
  CHECK(one.parts() == 200'000);
  CHECK(one.partsupps() == 800'000);
  CHECK(one.customers() == 150'000);
  CHECK(one.orders() == 1'500'000);
  CHECK(one.clerks() == 1'000);
}

TEST_CASE("tpch: a scale that cannot keep the rules is refused") {
  CHECK(Scale::of(0).error().code() == Code::invalid);
  CHECK(Scale::of(-1).error().code() == Code::invalid);
  CHECK(Scale::of(0.001).error().code() == Code::invalid);
  CHECK(Scale::of(1e9).error().code() == Code::invalid);
  CHECK(Scale::of(0.012).error().code() == Code::invalid);  // 120 suppliers: one comes twice
  for (int percent = 3; percent <= 400; ++percent) CHECK(Scale::of(percent / 100.0).has_value());
}

TEST_CASE("tpch: N1 a row does not depend on the rows made before it") {
  const std::string comment(maker().order(77).comment);
  for (int64_t i = 1; i < 50; ++i) (void)maker().order(i);
  CHECK(maker().order(77).comment == comment);
  const RowMaker larger(*Scale::of(0.1));
  CHECK(larger.order(77).comment == comment);
  CHECK(larger.order(77).day == maker().order(77).day);
}

TEST_CASE("tpch: the parts of a table, one after the other, are the table") {
  for (std::string_view table : table_names()) {
    CAPTURE(table);
    const std::string whole = written(maker(), table, {0, 1});
    std::string joined;
    for (int64_t i = 0; i < 7; ++i) joined += written(maker(), table, {i, 7});
    CHECK(joined == whole);
    CHECK(written(maker(), table, {0, 1}) == whole);
  }
}

TEST_CASE("tpch: a table that does not exist and a part that does not exist are refused") {
  RowWriter writer(stdout, Format::tbl);
  CHECK(write_table(maker(), "item", {}, writer).code() == Code::not_found);
  CHECK(write_table(maker(), "part", {3, 3}, writer).code() == Code::invalid);
  CHECK(writer.row_count() == 0);
}

TEST_CASE("tpch: both formats have the columns of the schema and no character to escape") {
  const std::map<std::string_view, size_t> columns = {
      {"region", 3}, {"nation", 4},   {"supplier", 7}, {"customer", 8},
      {"part", 9},   {"partsupp", 5}, {"orders", 9},   {"lineitem", 16}};
  for (std::string_view table : table_names()) {
    CAPTURE(table);
    std::string text = written(maker(), table, {0, 20});
    const auto rows = static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
    CHECK(static_cast<size_t>(std::count(text.begin(), text.end(), '\t')) ==
          rows * (columns.at(table) - 1));
    CHECK(text.find_first_of("\\|\r") == std::string::npos);
    const std::string tbl = written(maker(), table, {0, 20}, Format::tbl);
    CHECK(static_cast<size_t>(std::count(tbl.begin(), tbl.end(), '|')) == rows * columns.at(table));
    for (char& c : text) c = c == '\t' ? '|' : c;
    std::string bare;
    for (size_t at = 0; at < tbl.size(); ++at) {
      if (tbl[at] == '|' && tbl[at + 1] == '\n') continue;
      bare += tbl[at];
    }
    CHECK(bare == text);
  }
}

TEST_CASE("tpch: T1 the text pool is printable ASCII without separators") {
  const TextPool pool;
  for (char c : pool.all()) REQUIRE((c >= ' ' && c <= '~' && c != '|' && c != '\\'));
  CHECK(pool.all().size() == TextPool::kPoolBytes);
}

TEST_CASE("tpch: G2 every part has four different suppliers, all of which exist") {
  for (double factor : {0.01, 0.1, 1.0}) {
    const Scale scale = *Scale::of(factor);
    for (int64_t part = 1; part <= scale.parts(); ++part) {
      std::set<int64_t> suppliers;
      for (int64_t i = 0; i < 4; ++i) suppliers.insert(scale.supplier_of(part, i));
      REQUIRE(suppliers.size() == 4);
      REQUIRE(*suppliers.begin() >= 1);
      REQUIRE(*suppliers.rbegin() <= scale.suppliers());
    }
  }
}

TEST_CASE("tpch: parts obey clause 4.2.3") {
  CHECK(retail_price_cents(1) == 90100);
  CHECK(retail_price_cents(1000) == 90000 + 100);
  for (int64_t i = 1; i <= maker().scale().parts(); ++i) {
    const Part p = maker().part(i);
    REQUIRE(p.key == i);
    REQUIRE(std::set<std::string_view>(p.name.begin(), p.name.end()).size() == 5);
    REQUIRE(p.brand / 10 == p.manufacturer);
    REQUIRE((p.brand % 10 >= 1 && p.brand % 10 <= 5));
    REQUIRE((p.size >= 1 && p.size <= 50));
    REQUIRE((p.comment.size() >= 5 && p.comment.size() <= 22));
    REQUIRE(p.retail_price_cents == retail_price_cents(i));
  }
}

TEST_CASE("tpch: suppliers and customers obey clause 4.2.3") {
  int64_t complaints = 0;
  int64_t praises = 0;
  const RowMaker larger(*Scale::of(0.5));  // 5,000 suppliers: three blocks of remarks
  for (int64_t i = 1; i <= larger.scale().suppliers(); ++i) {
    const Supplier s = larger.supplier(i);
    const std::string_view comment(s.comment.data(), s.comment_chars);
    REQUIRE((comment.size() >= 25 && comment.size() <= 100));
    const size_t subject = comment.find("Customer");
    const size_t complaint = comment.find("Complaints");
    complaints += complaint != comment.npos && subject < complaint ? 1 : 0;
    praises += comment.find("Recommends") != comment.npos ? 1 : 0;
  }
  CHECK(complaints == 3);
  CHECK(praises == 3);
  for (int64_t i = 1; i <= maker().scale().customers(); ++i) {
    const Customer c = maker().customer(i);
    REQUIRE((c.address_chars >= 10 && c.address_chars <= 40));
    REQUIRE((c.balance_cents >= -99999 && c.balance_cents <= 999999));
    const std::string phone(c.phone.data(), c.phone.size());
    REQUIRE(phone.substr(0, 3) == std::to_string(c.nation_key + 10) + '-');
    REQUIRE((phone[6] == '-' && phone[10] == '-'));
    REQUIRE((c.comment.size() >= 29 && c.comment.size() <= 116));
  }
}

void check_line(const Order& o, const Line& l) {
  REQUIRE((l.quantity >= 1 && l.quantity <= 50));
  REQUIRE(l.price_cents == l.quantity * retail_price_cents(l.part_key));
  REQUIRE((l.discount_percent >= 0 && l.discount_percent <= 10));
  REQUIRE((l.tax_percent >= 0 && l.tax_percent <= 8));
  REQUIRE((l.ship_day > o.day && l.ship_day <= o.day + 121));
  REQUIRE((l.commit_day >= o.day + 30 && l.commit_day <= o.day + 90));
  REQUIRE((l.receipt_day > l.ship_day && l.receipt_day <= l.ship_day + 30));
  REQUIRE((l.return_flag == 'N') == (l.receipt_day > kCurrentDay));
  REQUIRE((l.status == 'O') == (l.ship_day > kCurrentDay));
  bool supplied = false;
  for (int64_t i = 0; i < 4; ++i) {
    supplied = supplied || maker().scale().supplier_of(l.part_key, i) == l.supplier_key;
  }
  REQUIRE(supplied);
}

TEST_CASE("tpch: orders and their lines obey clause 4.2.3") {
  std::set<int64_t> buyers;
  int64_t lines = 0;
  for (int64_t i = 1; i <= maker().scale().orders(); ++i) {
    const Order o = maker().order(i);
    REQUIRE(o.key % 32 < 8);
    REQUIRE(o.customer_key % 3 != 0);
    REQUIRE((o.customer_key >= 1 && o.customer_key <= maker().scale().customers()));
    REQUIRE((o.day >= 0 && o.day <= kOrderDayMax));
    REQUIRE((o.line_count >= 1 && o.line_count <= Order::kLinesMax));
    buyers.insert(o.customer_key);
    int64_t open_count = 0;
    double total = 0;
    for (int64_t j = 0; j < o.line_count; ++j) {
      const Line& l = o.lines[static_cast<size_t>(j)];
      check_line(o, l);
      open_count += l.status == 'O' ? 1 : 0;
      total += double(l.price_cents) * (1 + double(l.tax_percent) / 100) *
               (1 - double(l.discount_percent) / 100);
    }
    REQUIRE(o.status == (open_count == 0 ? 'F' : open_count == o.line_count ? 'O' : 'P'));
    REQUIRE(std::abs(double(o.total_cents) - total) < 0.51);  // rounded once, at the end
    lines += o.line_count;
  }
  CHECK(buyers.size() == 1000);  // two thirds of the customers, each of them
  CHECK(double(lines) / double(maker().scale().orders()) == doctest::Approx(4).epsilon(0.02));
}

TEST_CASE("tpch: order keys are the first eight of every thirty-two and never repeat") {
  int64_t previous = 0;
  for (int64_t i = 1; i <= 1000; ++i) {
    CHECK(order_key(i) > previous);
    previous = order_key(i);
  }
  CHECK(order_key(7) == 7);
  CHECK(order_key(8) == 32);
  CHECK(order_key(1'500'000) <= 6'000'000);
}

TEST_CASE("tpch: days are calendar days") {
  const std::string text = written(maker(), "orders", {0, 1});
  CHECK(text.find("\t1992-02-29\t") != std::string::npos);
  CHECK(text.find("\t1993-02-29\t") == std::string::npos);
  CHECK(text.find("\t1998-08-02\t") != std::string::npos);  // the last order day
  CHECK(text.find("\t1998-08-03\t") == std::string::npos);
}

}  // namespace
}  // namespace mortise::tpch
