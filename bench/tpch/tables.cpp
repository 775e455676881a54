// SPDX-License-Identifier: Apache-2.0
#include "tables.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>

#include "words.hpp"

namespace mortise::tpch {
namespace {

// Lines go beyond the last order day: 121 days to shipping, 30 to receipt, all within kDays.
static_assert(kOrderDayMax + 121 + 30 < kDays);

std::string all_days() {
  std::string text;
  const std::chrono::sys_days first = std::chrono::January / 1 / 1992;
  for (int64_t i = 0; i < kDays; ++i) {
    const std::chrono::year_month_day d(first + std::chrono::days(i));
    char one[32];
    std::snprintf(one, sizeof one, "%04d-%02u-%02u", int(d.year()), unsigned(d.month()),
                  unsigned(d.day()));
    text += one;
  }
  return text;
}

using WriteRow = void (*)(const RowMaker&, int64_t number, RowWriter&);
using RowCount = int64_t (*)(const Scale&);

void write_region(const RowMaker& maker, int64_t number, RowWriter& out) {
  const Region r = maker.region(number);
  out.put(r.key);
  out.put(r.name);
  out.put(r.comment);
  out.end_row();
}

void write_nation(const RowMaker& maker, int64_t number, RowWriter& out) {
  const Nation n = maker.nation(number);
  out.put(n.key);
  out.put(n.name);
  out.put(n.region_key);
  out.put(n.comment);
  out.end_row();
}

void write_party(const Party& party, std::string_view prefix, RowWriter& out) {
  out.put(party.key);
  out.put_numbered(prefix, party.key);
  out.put(std::string_view(party.address.data(), party.address_chars));
  out.put(party.nation_key);
  out.put(std::string_view(party.phone.data(), party.phone.size()));
  out.put_cents(party.balance_cents);
}

void write_supplier(const RowMaker& maker, int64_t number, RowWriter& out) {
  const Supplier s = maker.supplier(number);
  write_party(s, "Supplier#", out);
  out.put(std::string_view(s.comment.data(), s.comment_chars));
  out.end_row();
}

void write_customer(const RowMaker& maker, int64_t number, RowWriter& out) {
  const Customer c = maker.customer(number);
  write_party(c, "Customer#", out);
  out.put(c.segment);
  out.put(c.comment);
  out.end_row();
}

void write_part(const RowMaker& maker, int64_t number, RowWriter& out) {
  const Part p = maker.part(number);
  char maker_name[] = "Manufacturer#0";
  maker_name[sizeof maker_name - 2] = static_cast<char>('0' + p.manufacturer);
  char brand[] = "Brand#00";
  brand[sizeof brand - 3] = static_cast<char>('0' + p.brand / 10);
  brand[sizeof brand - 2] = static_cast<char>('0' + p.brand % 10);
  out.put(p.key);
  out.put_joined(p.name);
  out.put(std::string_view(maker_name));
  out.put(std::string_view(brand));
  out.put_joined(p.type);
  out.put(p.size);
  out.put_joined(p.container);
  out.put_cents(p.retail_price_cents);
  out.put(p.comment);
  out.end_row();
}

void write_partsupp(const RowMaker& maker, int64_t number, RowWriter& out) {
  const PartSupp ps = maker.partsupp(number);
  out.put(ps.part_key);
  out.put(ps.supplier_key);
  out.put(ps.available);
  out.put_cents(ps.cost_cents);
  out.put(ps.comment);
  out.end_row();
}

void write_order(const RowMaker& maker, int64_t number, RowWriter& out) {
  const Order o = maker.order(number);
  out.put(o.key);
  out.put(o.customer_key);
  out.put(std::string_view(&o.status, 1));
  out.put_cents(o.total_cents);
  out.put_day(o.day);
  out.put(o.priority);
  out.put_numbered("Clerk#", o.clerk);
  out.put(int64_t{0});
  out.put(o.comment);
  out.end_row();
}

void write_lines(const RowMaker& maker, int64_t number, RowWriter& out) {
  const Order o = maker.order(number);
  for (int64_t i = 0; i < o.line_count; ++i) {
    const Line& l = o.lines[static_cast<size_t>(i)];
    out.put(o.key);
    out.put(l.part_key);
    out.put(l.supplier_key);
    out.put(i + 1);
    out.put(l.quantity);
    out.put_cents(l.price_cents);
    out.put_cents(l.discount_percent);
    out.put_cents(l.tax_percent);
    out.put(std::string_view(&l.return_flag, 1));
    out.put(std::string_view(&l.status, 1));
    out.put_day(l.ship_day);
    out.put_day(l.commit_day);
    out.put_day(l.receipt_day);
    out.put(l.instruction);
    out.put(l.mode);
    out.put(l.comment);
    out.end_row();
  }
}

int64_t region_count(const Scale&) {
  return static_cast<int64_t>(kRegions.size());
}
int64_t nation_count(const Scale&) {
  return static_cast<int64_t>(kNations.size());
}
int64_t supplier_count(const Scale& s) {
  return s.suppliers();
}
int64_t customer_count(const Scale& s) {
  return s.customers();
}
int64_t part_count(const Scale& s) {
  return s.parts();
}
int64_t partsupp_count(const Scale& s) {
  return s.partsupps();
}
int64_t order_count(const Scale& s) {
  return s.orders();
}

struct Table {
  RowCount count;  // of driving rows: a lineitem call writes the lines of one order
  WriteRow write;
};

constexpr std::array<std::string_view, 8> kNames = {"region", "nation",   "supplier", "customer",
                                                    "part",   "partsupp", "orders",   "lineitem"};
constexpr std::array<Table, 8> kTables = {{{region_count, write_region},
                                           {nation_count, write_nation},
                                           {supplier_count, write_supplier},
                                           {customer_count, write_customer},
                                           {part_count, write_part},
                                           {partsupp_count, write_partsupp},
                                           {order_count, write_order},
                                           {order_count, write_lines}}};

}  // namespace

RowWriter::RowWriter(std::FILE* stream, Format format)
    : stream_(stream), format_(format), buffer_(kBufferBytes), day_text_(all_days()) {}

void RowWriter::append(std::string_view text) {
  std::memcpy(buffer_.data() + used_bytes_, text.data(), text.size());
  used_bytes_ += text.size();
}

void RowWriter::append_digits(uint64_t value, int digits_min) {
  char digits[20];
  int at = 20;
  do {
    digits[--at] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  while (20 - at < digits_min) digits[--at] = '0';
  append(std::string_view(digits + at, static_cast<size_t>(20 - at)));
}

void RowWriter::separate() {
  if (!first_in_row_) buffer_[used_bytes_++] = format_ == Format::tbl ? '|' : '\t';
  first_in_row_ = false;
}

void RowWriter::put(std::string_view text) {
  separate();
  append(text);
}

void RowWriter::put(int64_t value) {
  MORTISE_DEBUG_ASSERT(value >= 0);
  separate();
  append_digits(static_cast<uint64_t>(value), 1);
}

void RowWriter::put_cents(int64_t cents) {
  separate();
  if (cents < 0) buffer_[used_bytes_++] = '-';
  const auto magnitude = static_cast<uint64_t>(cents < 0 ? -cents : cents);
  append_digits(magnitude / 100, 1);
  buffer_[used_bytes_++] = '.';
  append_digits(magnitude % 100, 2);
}

void RowWriter::put_day(int64_t day) {
  MORTISE_DEBUG_ASSERT(day >= 0 && day < kDays);
  put(std::string_view(day_text_).substr(static_cast<size_t>(day) * 10, 10));
}

void RowWriter::put_numbered(std::string_view prefix, int64_t number) {
  put(prefix);
  append_digits(static_cast<uint64_t>(number), 9);
}

void RowWriter::put_joined(std::span<const std::string_view> words) {
  separate();
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) buffer_[used_bytes_++] = ' ';
    append(words[i]);
  }
}

void RowWriter::end_row() {
  if (format_ == Format::tbl) buffer_[used_bytes_++] = '|';
  buffer_[used_bytes_++] = '\n';
  first_in_row_ = true;
  ++row_count_;
  if (used_bytes_ + kRowBytesMax > kBufferBytes) drain();
}

void RowWriter::drain() {
  if (std::fwrite(buffer_.data(), 1, used_bytes_, stream_) != used_bytes_) failed_ = true;
  used_bytes_ = 0;
}

Status RowWriter::finish() {
  drain();
  if (std::fflush(stream_) != 0) failed_ = true;
  if (failed_) return io_failure(std::string("cannot write: ") + std::strerror(errno));
  return {};
}

std::span<const std::string_view> table_names() {
  return kNames;
}

Status write_table(const RowMaker& maker, std::string_view table, Slice slice, RowWriter& out) {
  if (slice.count < 1 || slice.index < 0 || slice.index >= slice.count) {
    return invalid("a part has to be one of the parts");
  }
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] != table) continue;
    const int64_t count = kTables[i].count(maker.scale());
    const int64_t begin = count * slice.index / slice.count;
    const int64_t end = count * (slice.index + 1) / slice.count;
    for (int64_t number = begin + 1; number <= end; ++number) kTables[i].write(maker, number, out);
    return {};
  }
  return not_found("there is no TPC-H table of this name: " + std::string(table));
}

}  // namespace mortise::tpch
