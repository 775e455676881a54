// SPDX-License-Identifier: Apache-2.0

// to_char for numbers.
//
// The number comes as plain digits with the template's digits after the point; the writer walks
// the template and the digits side by side.  Blanks stand for digits that are not there, the sign
// is written as soon as the first digit is, and FM drops what is only filling.

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "failures.hpp"
#include "numeric/lists.hpp"
#include "numeric/template.hpp"
#include "numeric/value_column.hpp"

namespace mortise::sql_functions {
namespace {

using AnchoredSign = NumberTemplate::AnchoredSign;

// Digits without sign, and how many places in front of them stay blank.
struct Digits {
  std::string text;
  int blanks = 0;
  char sign = '+';
};

class NumberWriter {
 public:
  NumberWriter(const NumberTemplate& t, Digits digits) : t_(t), digits_(std::move(digits)) {}

  Result<std::string> write() {
    prepare();
    for (const NumberNode& node : t_.nodes) MORTISE_TRY(write_node(node));
    return std::move(out_);
  }

 private:
  void prepare() {
    zero_start_ = t_.zero_start > 0 ? t_.zero_start - 1 : 0;
    has_bracket_ = t_.has_bracket;
    anchored_ = t_.anchored;
    const bool is_plus = digits_.sign == '+';
    if (t_.has_plus || t_.has_minus) {
      is_sign_written_ = !(t_.has_plus && !t_.has_minus);
    } else {
      if (digits_.sign != '-' && t_.has_fill_mode) has_bracket_ = false;
      is_sign_written_ = is_plus && t_.has_fill_mode && anchored_ == AnchoredSign::none;
      if (anchored_ == AnchoredSign::before && t_.digits_before == t_.signs_before) {
        anchored_ = AnchoredSign::after;
      }
    }
    count_ = t_.digits_after + t_.digits_before - 1;
    if (t_.has_fill_mode && t_.has_point) settle_last_relevant();
    if (!is_sign_written_ && digits_.blanks == 0) ++count_;
  }

  // With FM the zeros at the end of the fraction are dropped, down to the template's last 0.
  void settle_last_relevant() {
    const size_t point = digits_.text.find('.');
    if (point == std::string::npos) return;
    size_t last = point;
    for (size_t i = point + 1; i < digits_.text.size(); ++i) {
      if (digits_.text[i] != '0') last = i;
    }
    if (t_.zero_end > digits_.blanks) {
      const auto last_zero = std::min<size_t>(digits_.text.size() - 1,
                                              static_cast<size_t>(t_.zero_end - digits_.blanks));
      last = std::max(last, last_zero);
    }
    last_relevant_ = last;
  }
  bool is_cut_at_point() const { return last_relevant_ && digits_.text[*last_relevant_] == '.'; }
  // A zero in front of the point is a blank unless the template has a 0.
  bool is_leading_zero() const {
    return !t_.has_zero && at_ == 0 && !digits_.text.empty() && digits_.text[0] == '0' &&
           t_.digits_after != 0;
  }

  Status write_node(const NumberNode& node) {
    switch (node.mark) {
      case NumberMark::digit:
      case NumberMark::zero:
      case NumberMark::point:
        write_place(node.mark);
        return {};
      case NumberMark::comma:
        if (has_digit_) {
          out_.push_back(',');
        } else if (!t_.has_fill_mode) {
          out_.push_back(' ');
        }
        return {};
      case NumberMark::currency:
        out_.push_back(' ');
        return {};
      case NumberMark::minus:
        write_own_sign('-');
        return {};
      case NumberMark::plus:
        write_own_sign('+');
        return {};
      case NumberMark::sign:
        out_.push_back(digits_.sign);
        return {};
      case NumberMark::ordinal:
        return write_ordinal(node.is_lower);
      case NumberMark::text:
        out_.append(node.text);
        return {};
      default:
        return {};
    }
  }
  void write_own_sign(char sign) {
    if (digits_.sign == sign) {
      out_.push_back(sign);
    } else if (!t_.has_fill_mode) {
      out_.push_back(' ');
    }
  }
  Status write_ordinal(bool is_lower) {
    const std::string& text = digits_.text;
    if (text.empty() || text[0] == '#' || digits_.sign == '-' || t_.has_point) return {};
    const char last = text.back();
    if (last < '0' || last > '9') {
      return {Code::invalid, "22P02", "\"" + text + "\" is not a number"};
    }
    const bool is_teen = text.size() > 1 && text[text.size() - 2] == '1';
    const char* suffix = is_lower ? "th" : "TH";
    if (!is_teen && last == '1') suffix = is_lower ? "st" : "ST";
    if (!is_teen && last == '2') suffix = is_lower ? "nd" : "ND";
    if (!is_teen && last == '3') suffix = is_lower ? "rd" : "RD";
    out_.append(suffix);
    return {};
  }

  void write_sign() {
    const bool is_reached = place_ >= digits_.blanks || (t_.has_zero && zero_start_ == place_);
    if (is_sign_written_ || !is_reached || (is_leading_zero() && !is_cut_at_point())) return;
    if (anchored_ != AnchoredSign::none) {
      if (anchored_ != AnchoredSign::before) return;
      out_.push_back(digits_.sign);
    } else if (has_bracket_) {
      out_.push_back(digits_.sign == '+' ? ' ' : '<');
    } else if (digits_.sign == '-') {
      out_.push_back('-');
    } else if (!t_.has_fill_mode) {
      out_.push_back(' ');
    }
    is_sign_written_ = true;
  }

  void write_place(NumberMark mark) {
    has_digit_ = false;
    write_sign();
    if (place_ < digits_.blanks && (zero_start_ > place_ || !t_.has_zero)) {
      if (!t_.has_fill_mode) out_.push_back(' ');
    } else if (t_.has_zero && place_ < digits_.blanks && zero_start_ <= place_) {
      out_.push_back('0');
      has_digit_ = true;
    } else {
      write_digit(mark);
    }
    int end = count_ + (digits_.blanks != 0 ? 1 : 0) + (t_.has_point ? 1 : 0);
    if (last_relevant_ && *last_relevant_ == at_) end = place_;
    if (place_ + 1 == end) {
      if (is_sign_written_ && has_bracket_) {
        out_.push_back(digits_.sign == '+' ? ' ' : '>');
      } else if (anchored_ == AnchoredSign::after) {
        out_.push_back(digits_.sign);
      }
    }
    ++place_;
  }
  void write_digit(NumberMark mark) {
    if (at_ >= digits_.text.size()) return;
    const char c = digits_.text[at_];
    if (c == '.') {
      if (!is_cut_at_point() || t_.has_fill_mode) out_.push_back('.');
    } else if (last_relevant_ && at_ > *last_relevant_ && mark != NumberMark::zero) {
      // Dropped by FM.
    } else if (is_leading_zero()) {
      if (!t_.has_fill_mode) {
        out_.push_back(' ');
      } else if (is_cut_at_point()) {
        out_.push_back('0');
      }
    } else {
      out_.push_back(c);
      has_digit_ = true;
    }
    ++at_;
  }

  const NumberTemplate& t_;
  Digits digits_;
  std::string out_;
  size_t at_ = 0;  // in the digits
  int place_ = 0;  // in the template's places
  int count_ = 0;
  int zero_start_ = 0;
  bool is_sign_written_ = false;
  bool has_digit_ = false;
  bool has_bracket_ = false;
  AnchoredSign anchored_ = AnchoredSign::none;
  std::optional<size_t> last_relevant_;
};

// "MCMXCIX", or a row of # outside of 1 to 3999.
std::string roman(int32_t number, const NumberTemplate& t, bool is_lower) {
  constexpr int kWidth = 15;
  std::string out;
  if (number < 1 || number > 3999) {
    out.assign(kWidth, '#');
  } else {
    constexpr std::pair<int, const char*> kParts[] = {
        {1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"},
        {40, "XL"},  {10, "X"},   {9, "IX"},  {5, "V"},    {4, "IV"},  {1, "I"}};
    for (const auto& [size, letters] : kParts) {
      for (; number >= size; number -= size) out.append(letters);
    }
  }
  if (is_lower) {
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  if (!t.has_fill_mode && out.size() < kWidth) out.insert(0, kWidth - out.size(), ' ');
  return out;
}

std::string write_roman(int32_t value, const NumberTemplate& t) {
  std::string out;
  for (const NumberNode& node : t.nodes) {
    if (node.mark == NumberMark::roman) out.append(roman(value, t, node.is_lower));
    if (node.mark == NumberMark::text) out.append(node.text);
  }
  return out;
}

// "1.23e+04": a place in front for the sign.  The exponent is that of the first digit before
// rounding, so 9.99 becomes 10e+00 as in PostgreSQL.
std::string write_exponent(const Decimal& value, const NumberTemplate& t) {
  if (!value.is_finite()) {
    std::string out(static_cast<size_t>(t.digits_before + t.digits_after) + 6, '#');
    out[0] = ' ';
    out[static_cast<size_t>(t.digits_before) + 1] = '.';
    return out;
  }
  const int32_t exponent = value.mantissa == 0 ? 0 : value.integer_digits() - 1;
  Decimal shown = value;
  if (exponent >= 0) {
    shown.scale += static_cast<uint32_t>(exponent);
  } else {
    shown.mantissa *= big_power_of_ten(static_cast<uint32_t>(-exponent));
  }
  shown = round_at(std::move(shown), t.digits_after);
  std::string out = shown.text();
  if (out[0] != '-') out.insert(0, " ");
  char suffix[16];
  out.append(suffix, static_cast<size_t>(std::snprintf(suffix, sizeof(suffix), "e%c%02d",
                                                       exponent < 0 ? '-' : '+',
                                                       static_cast<int>(std::abs(exponent)))));
  return out;
}

// Puts a sign apart, and # where the digits do not fit the template.
Digits fit(std::string text, int digits_before, int digits_after) {
  Digits digits;
  if (!text.empty() && text[0] == '-') {
    digits.sign = '-';
    text.erase(0, 1);
  }
  const auto before = static_cast<int>(std::min(text.find('.'), text.size()));
  if (before < digits_before) {
    digits.blanks = digits_before - before;
  } else if (before > digits_before) {
    text.assign(static_cast<size_t>(digits_before + digits_after) + 1, '#');
    text[static_cast<size_t>(digits_before)] = '.';
  }
  digits.text = std::move(text);
  return digits;
}

Result<std::string> write_decimal(const Decimal& value, NumberTemplate& t) {
  if (t.has_exponent) return write_exponent(value, t);
  Decimal shown = value;
  const int before = t.digits_before + t.digits_shifted;
  if (t.has_shift) {
    shown = multiply(value, Decimal{Decimal::Kind::finite, 0,
                                    big_power_of_ten(static_cast<uint32_t>(t.digits_shifted))});
    t.digits_before = before;
  }
  std::string text = round_at(std::move(shown), t.digits_after).text();
  return NumberWriter(t, fit(std::move(text), t.digits_before, t.digits_after)).write();
}

std::string write_float_exponent(double value, const NumberTemplate& t) {
  if (!std::isfinite(value)) return write_exponent(Decimal::of_kind(Decimal::Kind::nan), t);
  char buffer[512];
  std::snprintf(buffer, sizeof(buffer), "%+.*e", t.digits_after, value);
  if (buffer[0] == '+') buffer[0] = ' ';
  return buffer;
}

// A float has fifteen digits, or six: the template's fraction is cut to what they allow.
template <typename T>
Result<std::string> write_float(T value, NumberTemplate& t) {
  constexpr int kDigits = std::numeric_limits<T>::digits10;
  const auto wide = static_cast<double>(value);
  if (t.has_roman) {
    const bool is_small = std::fabs(wide) < 1e6;  // false for NaN
    return write_roman(is_small ? static_cast<int32_t>(std::rint(wide)) : 0, t);
  }
  if (t.has_exponent) return write_float_exponent(wide, t);
  char buffer[512];
  double shown = wide;
  if (t.has_shift) {
    shown *= std::pow(10.0, t.digits_shifted);
    t.digits_before += t.digits_shifted;
  }
  const int whole = std::snprintf(buffer, sizeof(buffer), "%.0f", std::fabs(shown));
  int after = t.digits_after;
  if (whole >= kDigits) {
    after = 0;
  } else if (whole + after > kDigits) {
    after = kDigits - whole;
  }
  t.digits_after = after;
  std::string text;
  if (std::isfinite(shown)) {
    std::snprintf(buffer, sizeof(buffer), "%.*f", after, shown);
    text = buffer;
  } else {
    text = std::isnan(shown) ? "NaN" : (shown > 0 ? "Infinity" : "-Infinity");
  }
  return NumberWriter(t, fit(std::move(text), t.digits_before, after)).write();
}

// Roman numbers are of integers, exponents of int4 those of its double.
template <typename T>
Result<std::string> to_char(T value, std::string_view pattern) {
  MORTISE_TRY_ASSIGN(NumberTemplate t, parse_number_template(pattern));
  if (pattern.empty()) return std::string();
  if constexpr (std::is_floating_point_v<T>) {
    return write_float(value, t);
  } else {
    if (t.has_roman) {
      if (value > INT32_MAX || value < INT32_MIN) return out_of_range("integer");
      return write_roman(static_cast<int32_t>(value), t);
    }
    if constexpr (std::is_same_v<T, int32_t>) {
      if (t.has_exponent) return write_float_exponent(value, t);
    }
    return write_decimal(Decimal::of(value), t);
  }
}
Result<std::string> numeric_to_char(const Decimal& value, std::string_view pattern) {
  MORTISE_TRY_ASSIGN(NumberTemplate t, parse_number_template(pattern));
  if (pattern.empty()) return std::string();
  if (!t.has_roman) return write_decimal(value, t);
  if (!value.is_finite()) {
    return unsupported(value.is_nan() ? "cannot convert NaN to integer"
                                      : "cannot convert infinity to integer");
  }
  const std::optional<int64_t> whole = round_at(value, 0).to_int64();
  if (!whole || *whole > INT32_MAX || *whole < INT32_MIN) return out_of_range("integer");
  return write_roman(static_cast<int32_t>(*whole), t);
}

constexpr mortise_function_t kTable[] = {
    scalar<"int4,text:text">(1773, "to_char", row<&to_char<int32_t>>,
                             {.volatility = MORTISE_VOLATILITY_STABLE}),
    scalar<"int8,text:text">(1774, "to_char", row<&to_char<int64_t>>,
                             {.volatility = MORTISE_VOLATILITY_STABLE}),
    scalar<"float4,text:text">(1775, "to_char", row<&to_char<float>>,
                               {.volatility = MORTISE_VOLATILITY_STABLE}),
    scalar<"float8,text:text">(1776, "to_char", row<&to_char<double>>,
                               {.volatility = MORTISE_VOLATILITY_STABLE}),
    scalar<"numeric,text:text">(1772, "to_char", row<&numeric_to_char>,
                                {.volatility = MORTISE_VOLATILITY_STABLE}),
};

}  // namespace

const FunctionList kNumberWriters = kTable;

}  // namespace mortise::sql_functions
