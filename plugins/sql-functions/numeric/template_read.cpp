// SPDX-License-Identifier: Apache-2.0

// to_number: reading digits by a template.
//
// Group marks and other characters of the template pass over one character of the text; digits, the
// point and signs are taken where the template has places for them.

#include "failures.hpp"
#include "numeric/lists.hpp"
#include "numeric/template.hpp"
#include "numeric/text.hpp"

namespace mortise::sql_functions {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

class NumberReader {
 public:
  NumberReader(const NumberTemplate& t, std::string_view text) : t_(t), rest_(text) {}

  std::string digits() {
    for (const NumberNode& node : t_.nodes) {
      if (rest_.empty()) break;
      take(node);
    }
    // A sign may stand behind the last digit.
    if (t_.anchored == NumberTemplate::AnchoredSign::after || t_.has_bracket) take_sign();
    std::string out(is_negative_ ? "-" : "");
    out.append(digits_.empty() ? "0" : digits_);
    return out;
  }

 private:
  void skip() {
    size_t size = 1;
    while (size < rest_.size() && (static_cast<unsigned char>(rest_[size]) & 0xC0) == 0x80) ++size;
    rest_.remove_prefix(size);
  }
  bool take_sign() {
    if (rest_.empty()) return false;
    const char c = rest_[0];
    if (c != '-' && c != '+' && !(t_.has_bracket && (c == '<' || c == '>'))) return false;
    is_negative_ |= c == '-' || c == '<';
    rest_.remove_prefix(1);
    return true;
  }
  void take(const NumberNode& node) {
    switch (node.mark) {
      case NumberMark::digit:
      case NumberMark::zero:
      case NumberMark::point:
        while (!rest_.empty() && rest_[0] == ' ' && digits_.empty()) rest_.remove_prefix(1);
        if (digits_.empty()) take_sign();
        if (rest_.empty()) return;
        if (is_digit(rest_[0]) && node.mark != NumberMark::point) {
          digits_.push_back(rest_[0]);
          rest_.remove_prefix(1);
        } else if (rest_[0] == '.' && t_.has_point && !has_point_) {
          has_point_ = true;
          digits_.append(digits_.empty() ? "0." : ".");
          rest_.remove_prefix(1);
          if (node.mark != NumberMark::point) take(node);
        }
        return;
      case NumberMark::comma:
        if (rest_[0] == ',') rest_.remove_prefix(1);
        return;
      case NumberMark::minus:
      case NumberMark::plus:
      case NumberMark::sign:
      case NumberMark::anchored_sign:
        take_sign();
        return;
      case NumberMark::currency:
      case NumberMark::text:
        if (!is_digit(rest_[0]) && rest_[0] != '-' && rest_[0] != '+') skip();
        return;
      case NumberMark::ordinal:
        rest_.remove_prefix(std::min<size_t>(2, rest_.size()));
        return;
      default:
        return;
    }
  }

  const NumberTemplate& t_;
  std::string_view rest_;
  std::string digits_;
  bool is_negative_ = false;
  bool has_point_ = false;
};

Result<std::optional<Decimal>> to_number(std::string_view text, std::string_view pattern) {
  if (pattern.empty()) return std::optional<Decimal>();
  MORTISE_TRY_ASSIGN(const NumberTemplate t, parse_number_template(pattern));
  if (t.has_roman) return unsupported("\"RN\" not supported for input");
  if (t.has_exponent) return unsupported("\"EEEE\" not supported for input");
  MORTISE_TRY_ASSIGN(Decimal value, parse_numeric(NumberReader(t, text).digits()));
  if (t.has_shift) {
    Decimal divisor;
    divisor.mantissa = big_power_of_ten(static_cast<uint32_t>(t.digits_shifted));
    MORTISE_TRY_ASSIGN(value, divide(value, divisor));
  }
  return std::optional(std::move(value));
}

constexpr mortise_function_t kTable[] = {
    scalar<"text,text:numeric">(1777, "to_number", row<&to_number>,
                                {.volatility = MORTISE_VOLATILITY_STABLE}),
};

}  // namespace

const FunctionList kNumberReaders = kTable;

}  // namespace mortise::sql_functions
