// SPDX-License-Identifier: Apache-2.0

// Longer than 500 lines, because what one field means depends on all that were read before it.
//
// The reader of dates and times: splits the text into fields by shape, then gives each a meaning by
// what is still missing.  The procedure and its order of guesses are PostgreSQL's, because what
// "1/2/3" or "040506" means is defined by nothing else.

#include "datetime/parse.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <string>
#include <vector>

#include "datetime/calendar.hpp"
#include "datetime/time_text.hpp"
#include "failures.hpp"
#include "instance.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::sql_functions {
namespace {

using time_text::Field;
using time_text::find_token;
using time_text::Shape;
using time_text::split_fields;
using time_text::Token;
using time_text::Word;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alpha(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0;
}

enum class Fault { none, bad_format, out_of_range, bad_month_or_day, zone_too_far, unknown_zone };

// Bits of what is known.
enum : uint32_t {
  kYear = 1,
  kMonth = 2,
  kDay = 4,
  kHour = 8,
  kMinute = 16,
  kSecond = 32,
  kZone = 64,
  kDaylight = 128,
  kHalf = 256,
  kEra = 512,
  kWeekday = 1024,
  kYearDay = 2048,
};
constexpr uint32_t kDateBits = kYear | kMonth | kDay;
constexpr uint32_t kTimeBits = kHour | kMinute | kSecond;

// "12", "12.5": whole part and microseconds; false when it is something else.
bool read_fraction(std::string_view digits, int32_t* microseconds) {
  // `digits` begins with the point.
  int64_t scaled = 0;
  int32_t places = 0;
  for (size_t i = 1; i < digits.size(); ++i) {
    if (!is_digit(digits[i])) return false;
    if (places < 7) {
      scaled = scaled * 10 + (digits[i] - '0');
      ++places;
    }
  }
  for (; places < 7; ++places) scaled *= 10;
  *microseconds = static_cast<int32_t>((scaled + 5) / 10);
  return true;
}

bool read_integer(std::string_view digits, int64_t* value) {
  if (digits.empty() || digits.size() > 18) return false;
  *value = 0;
  for (const char c : digits) {
    if (!is_digit(c)) return false;
    *value = *value * 10 + (c - '0');
  }
  return true;
}

struct Outcome {
  enum class Kind { fields, epoch, late, early } kind = Kind::fields;
  CivilTime time{};
  uint32_t known = 0;
  std::optional<int32_t> offset;  // seconds east
  const Zone* zone = nullptr;
  std::optional<int64_t> instant;  // `now`: a moment that needs no zone
};

class Reader {
 public:
  Reader(const TimeSession& session, bool zone_allowed, bool is_time_only)
      : session_(session), zone_allowed_(zone_allowed), is_time_only_(is_time_only) {}

  Fault read(const std::vector<Field>& fields) {
    for (const Field& field : fields) {
      found_ = 0;
      if (const Fault fault = read_field(field); fault != Fault::none) return fault;
      if ((found_ & out.known) != 0) return Fault::bad_format;
      out.known |= found_;
    }
    if (prefix_ != Word::none) return Fault::bad_format;
    return finish();
  }

  Outcome out;
  std::string bad_zone;

 private:
  bool has(uint32_t bits) const { return (out.known & bits) == bits; }

  Fault read_field(const Field& field) {
    switch (field.shape) {
      case Shape::date:
        return read_date_shape(field.text);
      case Shape::time:
        if (prefix_ != Word::none && prefix_ != Word::iso_time) return Fault::bad_format;
        prefix_ = Word::none;
        return read_clock(field.text);
      case Shape::offset:
        return read_offset(field.text);
      case Shape::number:
        return read_number_shape(field.text);
      case Shape::text:
      case Shape::special:
        return read_word(field.text);
    }
    MORTISE_UNREACHABLE();
  }

  Fault read_offset(std::string_view text) {
    if (!zone_allowed_) return Fault::bad_format;
    bool is_too_far = false;
    const std::optional<int32_t> offset = parse_zone_offset(text, &is_too_far);
    if (!offset) return is_too_far ? Fault::zone_too_far : Fault::bad_format;
    out.offset = offset;
    out.zone = nullptr;
    found_ |= kZone;
    return Fault::none;
  }

  Fault read_zone_name(std::string_view name, Fault otherwise) {
    if (!zone_allowed_) return Fault::bad_format;
    const Zone* zone = instance().zones.find(name);
    if (zone == nullptr) {
      bad_zone = name;
      return otherwise;
    }
    out.zone = zone;
    found_ |= kZone;
    return Fault::none;
  }

  Fault read_date_shape(const std::string& text) {
    if (prefix_ == Word::julian) return read_julian(text);
    if (prefix_ != Word::none || has(kMonth | kDay)) {
      if (!zone_allowed_) return Fault::bad_format;
      if (!is_digit(text[0]) && prefix_ == Word::none) {
        return read_zone_name(text, Fault::unknown_zone);
      }
      // Run-together time with an offset: "040506-08".
      if (prefix_ != Word::none && prefix_ != Word::iso_time) return Fault::bad_format;
      prefix_ = Word::none;
      if (has(kTimeBits)) return Fault::bad_format;
      const size_t mark = text.find('-');
      if (mark == std::string::npos) return Fault::bad_format;
      if (const Fault fault = read_offset(text.substr(mark)); fault != Fault::none) return fault;
      return read_run_together(text.substr(0, mark));
    }
    if (is_time_only_ && !is_digit(text[0])) {
      return read_zone_name(text, Fault::unknown_zone);
    }
    return read_date(text);
  }

  Fault read_julian(const std::string& text) {
    prefix_ = Word::none;
    size_t end = text.find_first_of(".-+");
    int64_t day = 0;
    if (!read_integer(text.substr(0, end), &day) || day > 2147483493) return Fault::bad_format;
    out.time.date = civil_of(static_cast<int32_t>(day - kJulianOfEpoch));
    is_julian_ = true;
    found_ |= kDateBits;
    if (end != std::string::npos && text[end] == '.') {
      const double fraction = std::stod("0" + text.substr(end));
      const auto us = static_cast<int64_t>(std::rint(fraction * 86400e6));
      out.time.hour = static_cast<int32_t>(us / kMicrosecondsPerHour);
      out.time.minute = static_cast<int32_t>(us / kMicrosecondsPerMinute % 60);
      out.time.second = static_cast<int32_t>(us / kMicrosecondsPerSecond % 60);
      out.time.microsecond = static_cast<int32_t>(us % kMicrosecondsPerSecond);
      found_ |= kTimeBits;
    } else if (end != std::string::npos) {
      return read_offset(text.substr(end));
    }
    return Fault::none;
  }

  // h:m[:s[.f]]
  Fault read_clock(std::string_view text) {
    int64_t parts[3] = {0, 0, 0};
    int32_t microsecond = 0;
    size_t index = 0;
    while (true) {
      size_t length = 0;
      while (length < text.size() && is_digit(text[length])) ++length;
      if (length == 0 && index == 0) return Fault::bad_format;
      if (length > 0 && !read_integer(text.substr(0, length), &parts[index])) {
        return Fault::out_of_range;
      }
      text.remove_prefix(length);
      ++index;
      if (text.empty()) break;
      if (text[0] == '.') {
        if (index == 2) {  // "mm:ss.f" means minutes only within intervals
          parts[2] = parts[1];
          parts[1] = parts[0];
          parts[0] = 0;
          index = 3;
        }
        if (!read_fraction(text, &microsecond)) return Fault::bad_format;
        break;
      }
      if (index == 3) return Fault::bad_format;
      text.remove_prefix(1);
      if (text.empty() && index < 3) {
        if (index == 1) break;
        return Fault::bad_format;
      }
    }
    if (parts[0] > 1000000 || parts[1] > 59 || parts[2] > 60) return Fault::out_of_range;
    out.time.hour = static_cast<int32_t>(parts[0]);
    out.time.minute = static_cast<int32_t>(parts[1]);
    out.time.second = static_cast<int32_t>(parts[2]);
    out.time.microsecond = microsecond;
    if (microsecond >= 1000000) {
      out.time.microsecond -= 1000000;
      ++out.time.second;
    }
    found_ |= kTimeBits;
    const int64_t whole =
        time_of(out.time.hour, out.time.minute, out.time.second, out.time.microsecond);
    return whole > kMicrosecondsPerDay ? Fault::out_of_range : Fault::none;
  }

  Fault read_number_shape(const std::string& text) {
    if (prefix_ == Word::julian) return read_julian(text);
    if (prefix_ == Word::iso_time) {
      prefix_ = Word::none;
      return read_run_together(text);
    }
    const size_t point = text.find('.');
    if (point != std::string::npos && (out.known & kDateBits) == 0 && !is_time_only_) {
      return read_date(text);
    }
    if (point != std::string::npos && point > 2) return read_run_together(text);
    if (text.size() >= 6 && (!has(kDateBits) || !has(kTimeBits))) {
      return read_run_together(text);
    }
    if (is_time_only_ && text.size() >= 4) return read_run_together(text);
    return read_number(text);
  }

  // YYYYMMDD, YYMMDD, hhmmss or hhmm.
  Fault read_run_together(std::string text) {
    const size_t point = text.find('.');
    if (point != std::string::npos) {
      int32_t microsecond = 0;
      if (!read_fraction(std::string_view(text).substr(point), &microsecond)) {
        return Fault::bad_format;
      }
      out.time.microsecond = microsecond;
      text.resize(point);
    } else if (!has(kDateBits) && !is_time_only_) {
      int64_t value = 0;
      if (text.size() >= 6) {
        if (!read_integer(text.substr(text.size() - 2), &value)) return Fault::bad_format;
        out.time.date.day = static_cast<int32_t>(value);
        if (!read_integer(text.substr(text.size() - 4, 2), &value)) return Fault::bad_format;
        out.time.date.month = static_cast<int32_t>(value);
        const std::string year = text.substr(0, text.size() - 4);
        if (!read_integer(year, &value) || value > 6'000'000) return Fault::bad_format;
        out.time.date.year = static_cast<int32_t>(value);
        if (year.size() == 2) is_two_digits_ = true;
        found_ |= kDateBits;
        return Fault::none;
      }
    }
    if (has(kTimeBits)) return Fault::bad_format;
    if (text.size() != 6 && text.size() != 4) return Fault::bad_format;
    int64_t value[3] = {0, 0, 0};
    for (size_t i = 0; i * 2 < text.size(); ++i) {
      if (!read_integer(text.substr(i * 2, 2), &value[i])) return Fault::bad_format;
    }
    if (value[1] > 59 || value[2] > 60 || value[0] > 24) return Fault::out_of_range;
    out.time.hour = static_cast<int32_t>(value[0]);
    out.time.minute = static_cast<int32_t>(value[1]);
    out.time.second = static_cast<int32_t>(value[2]);
    found_ |= kTimeBits;
    return Fault::none;
  }

  // A date of up to three parts, "1999-01-08", "Jan-08-1999", "08.01.99".
  Fault read_date(std::string_view text) {
    std::vector<std::string> parts;
    size_t i = 0;
    while (i < text.size() && parts.size() < 25) {
      while (i < text.size() && !is_digit(text[i]) && !is_alpha(text[i])) ++i;
      if (i == text.size()) return Fault::bad_format;
      const bool digits = is_digit(text[i]);
      std::string part;
      while (i < text.size() && (digits ? is_digit(text[i]) : is_alpha(text[i]))) {
        part.push_back(text[i++]);
      }
      parts.push_back(std::move(part));
    }
    const uint32_t known_before = out.known;
    bool has_name = has_text_month_;
    for (std::string& part : parts) {  // names of months first: they settle the order of the rest
      if (!is_alpha(part[0])) continue;
      const Token* token = find_token(part);
      if (token != nullptr && token->word == Word::ignore) {
        part.clear();
        continue;
      }
      if (token == nullptr || token->word != Word::month || (out.known & kMonth) != 0) {
        return Fault::bad_format;
      }
      out.time.date.month = token->value;
      has_name = true;
      out.known |= kMonth;
      part.clear();
    }
    has_text_month_ = has_name;
    for (const std::string& part : parts) {
      if (part.empty()) continue;
      found_ = 0;
      if (const Fault fault = read_number(part); fault != Fault::none) return fault;
      if ((found_ & out.known) != 0) return Fault::bad_format;
      out.known |= found_;
    }
    // A time before such a date is refused: PostgreSQL takes the date for incomplete then.
    if ((out.known & ~(kYearDay | kZone)) != kDateBits) return Fault::bad_format;
    found_ = out.known & ~known_before;
    out.known = known_before;
    return Fault::none;
  }

  // A number on its own: which field it is depends on what is known already.
  Fault read_number(const std::string& text) {
    const size_t point = text.find('.');
    const std::string whole = text.substr(0, point);
    int64_t value = 0;
    if (!read_integer(whole, &value) || value > 6'000'000'00) return Fault::bad_format;
    if (point != std::string::npos) {
      if (whole.size() > 2) return read_run_together(text);
      int32_t microsecond = 0;
      if (!read_fraction(std::string_view(text).substr(point), &microsecond)) {
        return Fault::bad_format;
      }
      out.time.microsecond = microsecond;
    }
    return place_number(text, static_cast<int32_t>(value));
  }

  Fault place_number(const std::string& text, int32_t number) {
    // Three digits after a year: the day of the year.
    if (text.size() == 3 && (out.known & kDateBits) == kYear && number >= 1 && number <= 366) {
      year_day_ = number;
      found_ |= kYearDay | kMonth | kDay;
      return Fault::none;
    }
    const bool is_year = text.size() >= 3 || session_.date_order == DateOrder::ymd;
    uint32_t bit = 0;
    switch (out.known & kDateBits) {
      case 0:
        bit = is_year ? kYear : (session_.date_order == DateOrder::dmy ? kDay : kMonth);
        break;
      case kYear:
      case kDay:
        bit = kMonth;
        break;
      case kMonth:
        // The day may come before or after a month's name; three digits or more are a year.
        bit = has_text_month_ && is_year ? kYear : kDay;
        break;
      case kYear | kMonth:
        if (has_text_month_ && text.size() >= 3 && is_two_digits_) {
          // What was taken for the year was the day.
          out.time.date.day = out.time.date.year;
          is_two_digits_ = false;
          found_ |= kDay;
          out.time.date.year = number;
          return Fault::none;
        }
        bit = kDay;
        break;
      case kMonth | kDay:
        bit = kYear;
        break;
      case kDateBits:
        return read_run_together(text);
      default:
        return Fault::bad_format;
    }
    found_ |= bit;
    if (bit == kMonth) out.time.date.month = number;
    if (bit == kDay) out.time.date.day = number;
    if (bit == kYear) out.time.date.year = number;
    if (found_ == kYear) is_two_digits_ = text.size() <= 2;
    return Fault::none;
  }

  Fault read_word(const std::string& text) {
    const std::string name = text.substr(0, 10);
    if (zone_allowed_ && text != "at" && text != "t") {
      if (const ZoneAbbreviation* zone = find_abbreviation(text)) {
        out.offset = zone->seconds_east;
        found_ |= kZone;
        return Fault::none;
      }
    }
    const Token* token = find_token(name);
    if (token == nullptr) {
      if (text == "z" || text == "zulu" || text == "utc") {
        out.offset = 0;
        found_ |= kZone;
        return Fault::none;
      }
      return read_zone_name(text, Fault::bad_format);
    }
    return read_token(*token);
  }

  Fault read_token(const Token& token) {
    switch (token.word) {
      case Word::month:
        if ((out.known & kMonth) != 0 && !has_text_month_ && (out.known & kDay) == 0 &&
            out.time.date.month >= 1 && out.time.date.month <= 31) {
          out.time.date.day = out.time.date.month;
          found_ |= kDay;
        } else {
          found_ |= kMonth;
        }
        has_text_month_ = true;
        out.time.date.month = token.value;
        return Fault::none;
      case Word::weekday:
        found_ |= kWeekday;
        return Fault::none;
      case Word::half:
        found_ |= kHalf;
        half_ = token.value;
        return Fault::none;
      case Word::era:
        found_ |= kEra;
        is_bc_ = token.value == 1;
        return Fault::none;
      case Word::epoch:
        out.kind = Outcome::Kind::epoch;
        found_ |= kDateBits | kTimeBits | kZone;
        return Fault::none;
      case Word::late:
        out.kind = Outcome::Kind::late;
        found_ |= kDateBits | kTimeBits | kZone;
        return Fault::none;
      case Word::early:
        out.kind = Outcome::Kind::early;
        found_ |= kDateBits | kTimeBits | kZone;
        return Fault::none;
      case Word::ignore:
        return Fault::none;
      case Word::iso_time:
        if (!is_time_only_ && !has(kDateBits)) return Fault::bad_format;
        prefix_ = Word::iso_time;
        return Fault::none;
      case Word::julian:
        prefix_ = Word::julian;
        return Fault::none;
      case Word::midnight:
        found_ |= kTimeBits | kZone;
        out.time.hour = out.time.minute = out.time.second = out.time.microsecond = 0;
        out.offset = 0;
        return Fault::none;
      case Word::now:
      case Word::today:
      case Word::tomorrow:
      case Word::yesterday:
        return read_day_word(token.word);
      default:
        return Fault::bad_format;
    }
  }

  Fault read_day_word(Word word) {
    const int64_t local = session_.to_local(session_.now_us).value_or(session_.now_us);
    const CivilTime now = civil_time_of(local);
    found_ |= kDateBits;
    if (word == Word::now) {
      out.time = now;
      out.instant = session_.now_us;
      found_ |= kTimeBits | kZone;
      return Fault::none;
    }
    const int32_t shift = word == Word::tomorrow ? 1 : (word == Word::yesterday ? -1 : 0);
    out.time.date = civil_of(day_of_timestamp(local) + shift);
    is_day_word_ = true;
    return Fault::none;
  }

  Fault finish() {
    if (out.kind != Outcome::Kind::fields) return Fault::none;
    CivilDate& date = out.time.date;
    if ((out.known & kYear) != 0 && !is_julian_ && !is_day_word_ && !out.instant) {
      if (is_bc_) {
        if (date.year <= 0) return Fault::out_of_range;
        date.year = -(date.year - 1);
      } else if (is_two_digits_) {
        if (date.year < 70) {
          date.year += 2000;
        } else if (date.year < 100) {
          date.year += 1900;
        }
      } else if (date.year <= 0) {
        return Fault::out_of_range;
      }
    }
    if (year_day_ != 0) {
      date = civil_of(days_of({date.year, 1, 1}) + year_day_ - 1);
    }
    if ((out.known & kMonth) != 0 && (date.month < 1 || date.month > 12)) {
      return Fault::bad_month_or_day;
    }
    if ((out.known & kDay) != 0 && (date.day < 1 || date.day > 31)) return Fault::bad_month_or_day;
    if (has(kDateBits) && date.day > days_in_month(date.year, date.month)) {
      return Fault::out_of_range;
    }
    if (half_ != 0 && out.time.hour > 12) return Fault::out_of_range;
    if (half_ == 1 && out.time.hour == 12) out.time.hour = 0;
    if (half_ == 2 && out.time.hour != 12) out.time.hour += 12;
    return Fault::none;
  }

  const TimeSession& session_;
  const bool zone_allowed_;
  const bool is_time_only_;
  uint32_t found_ = 0;
  Word prefix_ = Word::none;
  bool has_text_month_ = false;
  bool is_two_digits_ = false;
  bool is_bc_ = false;
  bool is_julian_ = false;
  bool is_day_word_ = false;
  int32_t half_ = 0;  // 1 AM, 2 PM
  int32_t year_day_ = 0;
};

Status failure(Fault fault, std::string_view text, std::string_view type_name,
               std::string_view bad_zone) {
  std::string message;
  switch (fault) {
    case Fault::bad_month_or_day:
    case Fault::out_of_range: {
      message.append("date/time field value out of range: \"").append(text).append("\"");
      Status status(Code::invalid, "22008", std::move(message));
      if (fault == Fault::bad_month_or_day) {
        return std::move(status).with(MORTISE_ERROR_FIELD_HINT,
                                      "Perhaps you need a different \"datestyle\" setting.");
      }
      return status;
    }
    case Fault::zone_too_far:
      message.append("time zone displacement out of range: \"").append(text).append("\"");
      return {Code::invalid, "22009", std::move(message)};
    case Fault::unknown_zone:
      message.append("time zone \"").append(bad_zone).append("\" not recognized");
      return {Code::invalid, "22023", std::move(message)};
    default:
      return bad_syntax(type_name, text, "22007");
  }
}

Result<Outcome> read(std::string_view text, std::string_view type_name, const TimeSession& session,
                     bool is_time_only) {
  std::vector<Field> fields;
  if (text.size() > 1024 || !split_fields(text, &fields)) {
    return failure(Fault::bad_format, text, type_name, {});
  }
  Reader reader(session, true, is_time_only);
  if (const Fault fault = reader.read(fields); fault != Fault::none) {
    return failure(fault, text, type_name, reader.bad_zone);
  }
  const uint32_t known = reader.out.known;
  const bool is_whole =
      is_time_only ? (known & kTimeBits) == kTimeBits : (known & kDateBits) == kDateBits;
  if (!is_whole) return failure(Fault::bad_format, text, type_name, {});
  return std::move(reader.out);
}

Status timestamp_out_of_range(std::string_view text) {
  std::string message("timestamp out of range: \"");
  message.append(text).append("\"");
  return {Code::invalid, "22008", std::move(message)};
}

// The local time, which may lie past the range where a zone brings it back.
std::optional<int64_t> local_of(const CivilTime& t) {
  if (t.date.year < -4714 || t.date.year > 294277) return std::nullopt;
  const Int128 exact = Int128{days_of(t.date)} * kMicrosecondsPerDay +
                       time_of(t.hour, t.minute, t.second, t.microsecond);
  if (exact > std::numeric_limits<int64_t>::max() || exact < std::numeric_limits<int64_t>::min()) {
    return std::nullopt;
  }
  return static_cast<int64_t>(exact);
}

}  // namespace

int32_t month_of_name(std::string_view lower_name) {
  const Token* token = find_token(lower_name);
  return token != nullptr && token->word == Word::month ? token->value : 0;
}

std::optional<int32_t> parse_zone_offset(std::string_view text, bool* is_too_far) {
  *is_too_far = false;
  if (text.size() < 2 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const bool is_west = text[0] == '-';
  text.remove_prefix(1);
  int64_t parts[3] = {0, 0, 0};
  if (text.find(':') == std::string_view::npos) {
    if (text.size() > 6) return std::nullopt;
    int64_t value = 0;
    if (!read_integer(text, &value)) return std::nullopt;
    if (text.size() > 4) {
      parts[0] = value / 10000;
      parts[1] = value / 100 % 100;
      parts[2] = value % 100;
    } else if (text.size() > 2) {
      parts[0] = value / 100;
      parts[1] = value % 100;
    } else {
      parts[0] = value;
    }
  } else {
    for (size_t i = 0; i < 3 && !text.empty(); ++i) {
      const size_t mark = text.find(':');
      if (!read_integer(text.substr(0, mark), &parts[i])) return std::nullopt;
      text = mark == std::string_view::npos ? std::string_view() : text.substr(mark + 1);
    }
    if (!text.empty()) return std::nullopt;
  }
  if (parts[0] > 15 || parts[1] > 59 || parts[2] > 59) {
    *is_too_far = true;
    return std::nullopt;
  }
  const auto seconds = static_cast<int32_t>(parts[0] * 3600 + parts[1] * 60 + parts[2]);
  return is_west ? -seconds : seconds;
}

int64_t round_seconds(int64_t microseconds, int32_t digits) {
  if (digits < 0 || digits >= 6 || !is_finite_timestamp(microseconds)) return microseconds;
  const auto unit = static_cast<int64_t>(kPowersOfTen[static_cast<size_t>(6 - digits)]);
  const int64_t half = unit / 2;
  return microseconds >= 0 ? (microseconds + half) / unit * unit
                           : -((-microseconds + half) / unit * unit);
}

Result<int32_t> parse_date(std::string_view text, const TimeSession& session) {
  MORTISE_TRY_ASSIGN(const Outcome out, read(text, "date", session, false));
  if (out.kind == Outcome::Kind::late) return kDateInfinity;
  if (out.kind == Outcome::Kind::early) return kDateMinusInfinity;
  if (out.kind == Outcome::Kind::epoch) return kUnixEpochDays;
  const int32_t year = out.time.date.year;
  if (year < -4714 || year > 5874897 || !is_valid_date(days_of(out.time.date))) {
    return Status(Code::invalid, "22008", "date out of range: \"" + std::string(text) + "\"");
  }
  return days_of(out.time.date);
}

Result<int64_t> parse_time(std::string_view text, const TimeSession& session) {
  MORTISE_TRY_ASSIGN(const Outcome out, read(text, "time", session, true));
  if (out.kind != Outcome::Kind::fields) return bad_syntax("time", text, "22007");
  return time_of(out.time.hour, out.time.minute, out.time.second, out.time.microsecond);
}

Result<int64_t> parse_timestamp(std::string_view text, const TimeSession& session) {
  MORTISE_TRY_ASSIGN(const Outcome out, read(text, "timestamp", session, false));
  if (out.kind == Outcome::Kind::late) return kTimestampInfinity;
  if (out.kind == Outcome::Kind::early) return kTimestampMinusInfinity;
  if (out.kind == Outcome::Kind::epoch) return kUnixEpochDays * kMicrosecondsPerDay;
  const std::optional<int64_t> local = local_of(out.time);
  if (!local || !is_valid_timestamp(*local)) return timestamp_out_of_range(text);
  return *local;
}

Result<int64_t> parse_timestamptz(std::string_view text, const TimeSession& session) {
  MORTISE_TRY_ASSIGN(const Outcome out, read(text, "timestamp with time zone", session, false));
  if (out.kind == Outcome::Kind::late) return kTimestampInfinity;
  if (out.kind == Outcome::Kind::early) return kTimestampMinusInfinity;
  if (out.kind == Outcome::Kind::epoch) return kUnixEpochDays * kMicrosecondsPerDay;
  if (out.instant) return *out.instant;
  const std::optional<int64_t> local = local_of(out.time);
  if (!local) return timestamp_out_of_range(text);
  if (out.offset && out.zone == nullptr) {
    const int64_t moment = *local - int64_t{*out.offset} * kMicrosecondsPerSecond;
    if (!is_valid_timestamp(moment)) return timestamp_out_of_range(text);
    return moment;
  }
  const std::optional<int64_t> moment = from_local(out.zone ? *out.zone : *session.zone, *local);
  if (!moment) return timestamp_out_of_range(text);
  return *moment;
}

}  // namespace mortise::sql_functions
