// SPDX-License-Identifier: Apache-2.0

// to_number: reading digits by a template.
//
// Every place of the template uses up one byte of the text, whether it is a digit or not; other
// characters of the template pass over one character.

#include "failures.hpp"
#include "numeric/lists.hpp"
#include "numeric/template.hpp"
#include "numeric/text.hpp"
#include "text/character.hpp"

namespace mortise::sql_functions {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_data(char c) {
  return std::string_view("0123456789.,+-").find(c) != std::string_view::npos;
}

class NumberReader {
 public:
  NumberReader(const NumberTemplate& t, std::string_view text) : t_(t), rest_(text) {}

  // The number as numeric's reader takes it; a blank stands for the sign that was not found.
  std::string digits() {
    for (const NumberNode& node : t_.nodes) {
      if (rest_.empty()) break;
      if (take(node) && !rest_.empty()) rest_.remove_prefix(1);
    }
    std::string out(1, sign_);
    out.append(digits_);
    if (out.back() == '.') out.pop_back();
    return out;
  }

 private:
  using AnchoredSign = NumberTemplate::AnchoredSign;

  void skip_character() { rest_.remove_prefix(character_bytes(rest_)); }
  // Passes over what cannot belong to a number.
  void skip_decoration(int count) {
    for (; count > 0 && !rest_.empty() && !is_data(rest_[0]); --count) skip_character();
  }

  // Whether the byte that the text stands at now is used up.
  bool take(const NumberNode& node) {
    switch (node.mark) {
      case NumberMark::digit:
      case NumberMark::zero:
      case NumberMark::point:
        take_place(node.mark);
        return true;
      case NumberMark::comma:
        return !t_.has_fill_mode && rest_[0] == ',';
      case NumberMark::minus:
        return take_own_sign("-");
      case NumberMark::plus:
        return take_own_sign("+");
      case NumberMark::sign:
        return take_own_sign("-+");
      case NumberMark::currency:
        skip_decoration(1);
        return false;
      case NumberMark::text:
        skip_character();
        return false;
      case NumberMark::ordinal:
        if (sign_ != '-' && !t_.has_point) skip_decoration(2);
        return false;
      default:
        return false;
    }
  }
  bool take_own_sign(std::string_view signs) {
    if (signs.find(rest_[0]) == std::string_view::npos) {
      skip_decoration(1);
      return false;
    }
    sign_ = rest_[0];
    return true;
  }

  void take_place(NumberMark mark) {
    if (rest_[0] == ' ') rest_.remove_prefix(1);
    if (rest_.empty()) return;
    if (sign_ == ' ' && mark != NumberMark::point && digits_count_ == 0) take_sign_before();
    if (rest_.empty()) return;
    bool is_read = false;
    if (is_digit(rest_[0])) {
      if (has_point_ && after_count_ == t_.digits_after) return;
      digits_.push_back(rest_[0]);
      ++digits_count_;
      if (has_point_) ++after_count_;
      is_read = true;
    } else if (t_.has_point && !has_point_ && rest_[0] == '.') {
      digits_.push_back('.');
      has_point_ = true;
      is_read = true;
    }
    if (sign_ == ' ' && digits_count_ > 0) take_sign_behind(is_read);
  }
  void take_sign_before() {
    const char c = rest_[0];
    const bool is_anchored = t_.anchored == AnchoredSign::before;
    if (c == '-' || (!is_anchored && t_.has_bracket && c == '<')) {
      sign_ = '-';
    } else if (c == '+') {
      sign_ = '+';
    } else {
      return;
    }
    rest_.remove_prefix(1);
  }
  // A sign that S announces stands behind the digit just read; those of MI, PL and SG may come
  // before the template's places for digits are used up.
  void take_sign_behind(bool is_read) {
    const auto is_sign = [](char c) { return c == '-' || c == '+'; };
    if (t_.anchored != AnchoredSign::none) {
      if (is_read && rest_.size() > 1 && is_sign(rest_[1])) {
        sign_ = rest_[1];
        rest_.remove_prefix(1);
      }
    } else if (!is_read && (t_.has_plus || t_.has_minus) && is_sign(rest_[0])) {
      sign_ = rest_[0];
    }
  }

  const NumberTemplate& t_;
  std::string_view rest_;
  std::string digits_;
  char sign_ = ' ';
  int digits_count_ = 0;
  int after_count_ = 0;
  bool has_point_ = false;
};

Result<std::optional<Decimal>> to_number(std::string_view text, std::string_view pattern) {
  if (pattern.empty()) return std::optional<Decimal>();
  MORTISE_TRY_ASSIGN(const NumberTemplate t, parse_number_template(pattern));
  if (t.has_roman) return unsupported("\"RN\" not supported for input");
  if (t.has_exponent) return unsupported("\"EEEE\" not supported for input");
  MORTISE_TRY_ASSIGN(Decimal value, parse_numeric(NumberReader(t, text).digits()));
  const int places = t.digits_before + t.digits_shifted;
  if (value.integer_digits() > places) {
    return Status(Code::invalid, "22003", "numeric field overflow")
        .with(MORTISE_ERROR_FIELD_DETAIL,
              "The text has more digits in front of the point than the template: " +
                  std::to_string(places) + ".");
  }
  if (t.has_shift) {
    MORTISE_TRY_ASSIGN(const Decimal unit,
                       power(Decimal::of(10), Decimal::of(-int64_t{t.digits_shifted})));
    value = multiply(value, unit);
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
