// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which values stand in row i of a TPC-H table?
//
// One struct per table and one method that fills it from the row's number, by the rules of TPC-H
// clause 4.2.3.  An order is made together with its lines, because its price and status follow
// from them; both tables make the same order from the same number.
//
// Invariants
//   G1  A row depends on its number and on the scale's key ranges only (random.hpp, N1).
//   G2  Every foreign key names a row that exists; (part, supplier) of a line exists in partsupp.
//   G3  Money is in cents, dates are days since 1992-01-01: exact, no floating point.
//
// Threads: constant after construction; [any].

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "mortise/cpp/result.hpp"
#include "random.hpp"
#include "text_pool.hpp"

namespace mortise::tpch {

// How many rows there are.  All counts follow from the number of suppliers (10,000 at scale 1).
class Scale {
 public:
  // `invalid` when the scale is outside the range, or so small that the rule which spreads a
  // part over four suppliers names one of them twice.
  static Result<Scale> of(double factor);

  int64_t suppliers() const { return suppliers_; }
  int64_t parts() const { return suppliers_ * 20; }
  int64_t partsupps() const { return suppliers_ * 80; }
  int64_t customers() const { return suppliers_ * 15; }
  int64_t orders() const { return suppliers_ * 150; }
  int64_t clerks() const { return suppliers_ >= 10 ? suppliers_ / 10 : 1; }

  // Supplier number `which` (0..3) of a part.
  int64_t supplier_of(int64_t part_key, int64_t which) const {
    const int64_t s = suppliers_;
    return (part_key + which * (s / 4 + (part_key - 1) / s)) % s + 1;
  }

 private:
  explicit Scale(int64_t suppliers) : suppliers_(suppliers) {}
  int64_t suppliers_;
};

struct Region {
  int64_t key;
  std::string_view name;
  std::string_view comment;
};

struct Nation {
  int64_t key;
  std::string_view name;
  int64_t region_key;
  std::string_view comment;
};

// What supplier and customer have in common.
struct Party {
  int64_t key;
  std::array<char, 40> address;
  uint64_t address_chars;
  int64_t nation_key;
  std::array<char, 15> phone;  // always full
  int64_t balance_cents;
};

struct Supplier : Party {
  std::array<char, 101> comment;
  uint64_t comment_chars;
};

struct Customer : Party {
  std::string_view segment;
  std::string_view comment;
};

struct Part {
  int64_t key;
  std::array<std::string_view, 5> name;  // separated by one space
  int64_t manufacturer;
  int64_t brand;
  std::array<std::string_view, 3> type;
  int64_t size;
  std::array<std::string_view, 2> container;
  int64_t retail_price_cents;
  std::string_view comment;
};

struct PartSupp {
  int64_t part_key;
  int64_t supplier_key;
  int64_t available;
  int64_t cost_cents;
  std::string_view comment;
};

struct Line {
  int64_t part_key;
  int64_t supplier_key;
  int64_t quantity;
  int64_t price_cents;
  int64_t discount_percent;
  int64_t tax_percent;
  char return_flag;
  char status;
  int64_t ship_day;
  int64_t commit_day;
  int64_t receipt_day;
  std::string_view instruction;
  std::string_view mode;
  std::string_view comment;
};

struct Order {
  static constexpr int64_t kLinesMax = 7;

  int64_t key;
  int64_t customer_key;
  char status;
  int64_t total_cents;
  int64_t day;
  std::string_view priority;
  int64_t clerk;
  std::string_view comment;
  int64_t line_count;
  std::array<Line, kLinesMax> lines;
};

inline constexpr int64_t kDays = 2557;        // 1992-01-01 .. 1998-12-31
inline constexpr int64_t kCurrentDay = 1263;  // 1995-06-17
inline constexpr int64_t kOrderDayMax = kDays - 1 - 151;

// Price of a part: clause 4.2.3, P_RETAILPRICE.
constexpr int64_t retail_price_cents(int64_t part_key) {
  return 90000 + (part_key / 10) % 20001 + 100 * (part_key % 1000);
}

// Keys are sparse: the first 8 of every 32 are in use.  `number` counts from 1.
constexpr int64_t order_key(int64_t number) {
  return ((number >> 3) << 5) | (number & 7);
}

// Makes rows.  `number` counts from 1 in every table (partsupp: 4 rows per part, by part).
class RowMaker {
 public:
  explicit RowMaker(Scale scale) : scale_(scale) {}

  Region region(int64_t number) const;
  Nation nation(int64_t number) const;
  Supplier supplier(int64_t number) const;
  Part part(int64_t number) const;
  PartSupp partsupp(int64_t number) const;
  Customer customer(int64_t number) const;
  Order order(int64_t number) const;

  const Scale& scale() const { return scale_; }

 private:
  Line line(RowRandom& random, int64_t order_day) const;

  Scale scale_;
  TextPool pool_;
};

}  // namespace mortise::tpch
