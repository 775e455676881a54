// SPDX-License-Identifier: Apache-2.0
#include "rows.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <span>

#include "words.hpp"

namespace mortise::tpch {
namespace {

constexpr double kFactorMin = 0.01;
constexpr double kFactorMax = 10000;

// One supplier in 2,000 has a complaint in its comment, another one a recommendation.
constexpr int64_t kRemarkEverySuppliers = 2000;

template <size_t N>
std::string_view pick(RowRandom& random, const std::array<Word, N>& words) {
  return words[random.index(N)];
}

void put_digits(char* out, int64_t value, int digits) {
  for (int i = digits - 1; i >= 0; --i) {
    out[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

// Address, nation, phone and balance, in this order of draws.
void fill_party(RowRandom& random, Party& party) {
  static constexpr std::string_view kSymbols =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ,";
  static_assert(kSymbols.size() == 64);
  party.address_chars = static_cast<uint64_t>(random.uniform(10, 40));
  for (uint64_t i = 0; i < party.address_chars; i += 10) {
    uint64_t bits = random.next();  // ten symbols of six bits
    for (uint64_t j = i; j < std::min(i + 10, party.address_chars); ++j, bits >>= 6) {
      party.address[j] = kSymbols[bits & 63];
    }
  }
  party.nation_key = random.uniform(0, static_cast<int64_t>(kNations.size()) - 1);
  party.phone.fill('-');
  put_digits(&party.phone[0], party.nation_key + 10, 2);
  put_digits(&party.phone[3], random.uniform(100, 999), 3);
  put_digits(&party.phone[7], random.uniform(100, 999), 3);
  put_digits(&party.phone[11], random.uniform(1000, 9999), 4);
  party.balance_cents = random.uniform(-99999, 999999);
}

// Whether `number` is the supplier of its block of 2,000 that carries remark `which`.  The last
// block may be short and has one all the same, so that small scales test the rule too.
bool has_remark(int64_t number, int64_t suppliers, int64_t which) {
  const int64_t block = (number - 1) / kRemarkEverySuppliers;
  const int64_t begin = block * kRemarkEverySuppliers;
  const int64_t size = std::min(kRemarkEverySuppliers, suppliers - begin);
  RowRandom random(Stream::supplier_remark, static_cast<uint64_t>(block));
  const int64_t complaint = random.uniform(0, size - 1);
  const int64_t praise = (complaint + 1 + random.uniform(0, size - 2)) % size;
  return number - 1 - begin == (which == 0 ? complaint : praise);
}

// Writes "Customer", a gap of the old text, and `word` at random places of the comment.
void put_remark(RowRandom& random, std::span<char> comment, std::string_view word) {
  static constexpr std::string_view kSubject = "Customer";
  const auto size = static_cast<int64_t>(comment.size());
  const auto subject_chars = static_cast<int64_t>(kSubject.size());
  const auto word_chars = static_cast<int64_t>(word.size());
  const int64_t subject_at = random.uniform(0, size - subject_chars - word_chars);
  const int64_t word_at = random.uniform(subject_at + subject_chars, size - word_chars);
  std::memcpy(&comment[static_cast<size_t>(subject_at)], kSubject.data(), kSubject.size());
  std::memcpy(&comment[static_cast<size_t>(word_at)], word.data(), word.size());
}

bool suppliers_are_distinct(const Scale& scale) {
  for (int64_t part = 1; part <= scale.parts(); part += scale.suppliers()) {
    for (int64_t i = 0; i < 4; ++i) {
      for (int64_t j = i + 1; j < 4; ++j) {
        if (scale.supplier_of(part, i) == scale.supplier_of(part, j)) return false;
      }
    }
  }
  return true;
}

}  // namespace

Result<Scale> Scale::of(double factor) {
  if (!(factor >= kFactorMin) || !(factor <= kFactorMax)) {
    return invalid("the scale factor has to lie between 0.01 and 10000");
  }
  const Scale scale(std::llround(factor * 10000));
  if (!suppliers_are_distinct(scale)) {
    return invalid(
        "at this scale factor a part has the same supplier twice; take 0.01, or 0.03 "
        "and more");
  }
  return scale;
}

Region RowMaker::region(int64_t number) const {
  MORTISE_ASSERT(number >= 1 && number <= static_cast<int64_t>(kRegions.size()));
  RowRandom random(Stream::region, static_cast<uint64_t>(number));
  return {number - 1, kRegions[static_cast<size_t>(number - 1)], pool_.piece(random, {31, 115})};
}

Nation RowMaker::nation(int64_t number) const {
  MORTISE_ASSERT(number >= 1 && number <= static_cast<int64_t>(kNations.size()));
  RowRandom random(Stream::nation, static_cast<uint64_t>(number));
  const NationRow& row = kNations[static_cast<size_t>(number - 1)];
  return {number - 1, row.name, row.region, pool_.piece(random, {31, 114})};
}

Supplier RowMaker::supplier(int64_t number) const {
  RowRandom random(Stream::supplier, static_cast<uint64_t>(number));
  Supplier row;
  row.key = number;
  fill_party(random, row);
  const std::string_view comment = pool_.piece(random, {25, 100});
  row.comment_chars = comment.size();
  std::memcpy(row.comment.data(), comment.data(), comment.size());
  const std::span<char> text(row.comment.data(), comment.size());
  if (has_remark(number, scale_.suppliers(), 0)) {
    put_remark(random, text, "Complaints");
  } else if (has_remark(number, scale_.suppliers(), 1)) {
    put_remark(random, text, "Recommends");
  }
  return row;
}

Part RowMaker::part(int64_t number) const {
  RowRandom random(Stream::part, static_cast<uint64_t>(number));
  Part row;
  row.key = number;
  std::array<uint64_t, 5> taken{};
  for (size_t i = 0; i < row.name.size(); ++i) {
    do {
      taken[i] = random.index(kColours.size());
    } while (std::find(taken.begin(), taken.begin() + static_cast<std::ptrdiff_t>(i), taken[i]) !=
             taken.begin() + static_cast<std::ptrdiff_t>(i));
    row.name[i] = kColours[taken[i]];
  }
  row.manufacturer = random.uniform(1, 5);
  row.brand = row.manufacturer * 10 + random.uniform(1, 5);
  row.type = {pick(random, kTypeSizes), pick(random, kTypeFinishes), pick(random, kTypeMetals)};
  row.size = random.uniform(1, 50);
  row.container = {pick(random, kContainerSizes), pick(random, kContainerKinds)};
  row.retail_price_cents = retail_price_cents(number);
  row.comment = pool_.piece(random, {5, 22});
  return row;
}

PartSupp RowMaker::partsupp(int64_t number) const {
  RowRandom random(Stream::partsupp, static_cast<uint64_t>(number));
  PartSupp row;
  row.part_key = (number - 1) / 4 + 1;
  row.supplier_key = scale_.supplier_of(row.part_key, (number - 1) % 4);
  row.available = random.uniform(1, 9999);
  row.cost_cents = random.uniform(100, 100000);
  row.comment = pool_.piece(random, {49, 198});
  return row;
}

Customer RowMaker::customer(int64_t number) const {
  RowRandom random(Stream::customer, static_cast<uint64_t>(number));
  Customer row;
  row.key = number;
  fill_party(random, row);
  row.segment = pick(random, kSegments);
  row.comment = pool_.piece(random, {29, 116});
  return row;
}

Line RowMaker::line(RowRandom& random, int64_t order_day) const {
  Line row;
  row.part_key = random.uniform(1, scale_.parts());
  row.supplier_key = scale_.supplier_of(row.part_key, random.uniform(0, 3));
  row.quantity = random.uniform(1, 50);
  row.price_cents = row.quantity * retail_price_cents(row.part_key);
  row.discount_percent = random.uniform(0, 10);
  row.tax_percent = random.uniform(0, 8);
  row.ship_day = order_day + random.uniform(1, 121);
  row.commit_day = order_day + random.uniform(30, 90);
  row.receipt_day = row.ship_day + random.uniform(1, 30);
  const char returned = random.uniform(0, 1) == 0 ? 'R' : 'A';
  row.return_flag = row.receipt_day <= kCurrentDay ? returned : 'N';
  row.status = row.ship_day > kCurrentDay ? 'O' : 'F';
  row.instruction = pick(random, kInstructions);
  row.mode = pick(random, kModes);
  row.comment = pool_.piece(random, {10, 43});
  return row;
}

Order RowMaker::order(int64_t number) const {
  RowRandom random(Stream::order, static_cast<uint64_t>(number));
  Order row;
  row.key = order_key(number);
  // Customers whose key is a multiple of three never order anything.
  const int64_t customers = scale_.customers() - scale_.customers() / 3;
  const int64_t customer = random.uniform(0, customers - 1);
  row.customer_key = customer / 2 * 3 + 1 + customer % 2;
  row.day = random.uniform(0, kOrderDayMax);
  row.priority = pick(random, kPriorities);
  row.clerk = random.uniform(1, scale_.clerks());
  row.comment = pool_.piece(random, {19, 78});
  row.line_count = random.uniform(1, Order::kLinesMax);

  RowRandom line_random(Stream::line, static_cast<uint64_t>(number));
  int64_t total = 0;  // in 1/10,000 of a cent
  int64_t open_count = 0;
  for (int64_t i = 0; i < row.line_count; ++i) {
    Line& l = row.lines[static_cast<size_t>(i)];
    l = line(line_random, row.day);
    total += l.price_cents * (100 + l.tax_percent) * (100 - l.discount_percent);
    open_count += l.status == 'O' ? 1 : 0;
  }
  row.total_cents = (total + 5000) / 10000;
  row.status = open_count == 0 ? 'F' : open_count == row.line_count ? 'O' : 'P';
  return row;
}

}  // namespace mortise::tpch
