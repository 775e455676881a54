// SPDX-License-Identifier: Apache-2.0

#include "numeric/template.hpp"
#include "text/character.hpp"

namespace mortise::sql_functions {
namespace {

struct Keyword {
  std::string_view text;
  NumberMark mark;
};
constexpr Keyword kKeywords[] = {
    {",", NumberMark::comma},         {".", NumberMark::point},      {"0", NumberMark::zero},
    {"9", NumberMark::digit},         {"B", NumberMark::blank},      {"D", NumberMark::point},
    {"EEEE", NumberMark::exponent},   {"FM", NumberMark::fill_mode}, {"G", NumberMark::comma},
    {"L", NumberMark::currency},      {"MI", NumberMark::minus},     {"PL", NumberMark::plus},
    {"PR", NumberMark::bracket},      {"RN", NumberMark::roman},     {"SG", NumberMark::sign},
    {"S", NumberMark::anchored_sign}, {"TH", NumberMark::ordinal},   {"V", NumberMark::shift},
};

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

// All upper or all lower.
const Keyword* find_keyword(std::string_view text) {
  for (const Keyword& keyword : kKeywords) {
    const size_t size = keyword.text.size();
    if (text.size() < size) continue;
    bool is_same = true;
    bool has_lower = false;
    bool has_upper = false;
    for (size_t i = 0; i < size; ++i) {
      is_same &= upper(text[i]) == keyword.text[i];
      has_lower |= text[i] >= 'a' && text[i] <= 'z';
      has_upper |= text[i] >= 'A' && text[i] <= 'Z';
    }
    if (is_same && !(has_lower && has_upper)) return &keyword;
  }
  return nullptr;
}

Status refuse(const char* text) {
  return {Code::invalid, "42601", text};
}

Status settle_sign(NumberTemplate* t, NumberMark mark) {
  if (mark == NumberMark::anchored_sign) {
    if (t->anchored != NumberTemplate::AnchoredSign::none) return refuse("cannot use \"S\" twice");
    if (t->has_plus || t->has_minus || t->has_bracket) {
      return refuse("cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together");
    }
    t->anchored =
        t->has_point ? NumberTemplate::AnchoredSign::after : NumberTemplate::AnchoredSign::before;
    if (!t->has_point) t->signs_before = t->digits_before;
    return {};
  }
  const char* const names[] = {"MI", "PL", "SG"};
  const auto name = [&] {
    return names[mark == NumberMark::minus ? 0 : (mark == NumberMark::plus ? 1 : 2)];
  };
  if (mark == NumberMark::bracket) {
    if (t->anchored != NumberTemplate::AnchoredSign::none || t->has_plus || t->has_minus) {
      return refuse("cannot use \"PR\" and \"S\"/\"PL\"/\"MI\"/\"SG\" together");
    }
    t->has_bracket = true;
    return {};
  }
  if (t->anchored != NumberTemplate::AnchoredSign::none) {
    return {Code::invalid, "42601",
            "cannot use \"S\" and \"" + std::string(name()) + "\" together"};
  }
  t->has_minus |= mark != NumberMark::plus;
  t->has_plus |= mark != NumberMark::minus;
  return {};
}

Status settle(NumberTemplate* t, NumberMark mark) {
  if (t->has_exponent && mark != NumberMark::exponent) {
    return refuse("\"EEEE\" must be the last pattern used");
  }
  switch (mark) {
    case NumberMark::digit:
      if (t->has_bracket) return refuse("\"9\" must be ahead of \"PR\"");
      if (t->has_shift) {
        ++t->digits_shifted;
      } else {
        ++(t->has_point ? t->digits_after : t->digits_before);
      }
      return {};
    case NumberMark::zero:
      if (t->has_bracket) return refuse("\"0\" must be ahead of \"PR\"");
      if (!t->has_zero && !t->has_point) {
        t->has_zero = true;
        t->zero_start = t->digits_before + 1;
      }
      ++(t->has_point ? t->digits_after : t->digits_before);
      t->zero_end = t->digits_before + t->digits_after;
      return {};
    case NumberMark::point:
      if (t->has_point) return refuse("multiple decimal points");
      if (t->has_shift) return refuse("cannot use \"V\" and decimal point together");
      t->has_point = true;
      return {};
    case NumberMark::shift:
      if (t->has_point) return refuse("cannot use \"V\" and decimal point together");
      t->has_shift = true;
      return {};
    case NumberMark::exponent:
      if (t->has_exponent) return refuse("cannot use \"EEEE\" twice");
      if (t->has_fill_mode || t->has_bracket || t->has_minus || t->has_plus || t->has_roman ||
          t->has_shift || t->anchored != NumberTemplate::AnchoredSign::none) {
        return Status(Code::invalid, "42601", "\"EEEE\" is incompatible with other formats")
            .with(MORTISE_ERROR_FIELD_DETAIL,
                  "\"EEEE\" may only be used together with digit and decimal point patterns.");
      }
      t->has_exponent = true;
      return {};
    case NumberMark::fill_mode:
      t->has_fill_mode = true;
      return {};
    case NumberMark::roman:
      t->has_roman = true;
      return {};
    case NumberMark::anchored_sign:
    case NumberMark::minus:
    case NumberMark::plus:
    case NumberMark::sign:
    case NumberMark::bracket:
      return settle_sign(t, mark);
    default:
      return {};
  }
}

}  // namespace

Result<NumberTemplate> parse_number_template(std::string_view pattern) {
  NumberTemplate result;
  const auto put_text = [&] {
    const size_t size = character_bytes(pattern);
    result.nodes.push_back({NumberMark::text, pattern.substr(0, size)});
    pattern.remove_prefix(size);
  };
  while (!pattern.empty()) {
    if (const Keyword* keyword = find_keyword(pattern)) {
      MORTISE_TRY(settle(&result, keyword->mark));
      const std::string_view text = pattern.substr(0, keyword->text.size());
      result.nodes.push_back({keyword->mark, text, text[0] >= 'a' && text[0] <= 'z'});
      pattern.remove_prefix(text.size());
    } else if (pattern[0] == '"') {
      pattern.remove_prefix(1);
      while (!pattern.empty() && pattern[0] != '"') {
        if (pattern[0] == '\\' && pattern.size() > 1) pattern.remove_prefix(1);
        put_text();
      }
      if (!pattern.empty()) pattern.remove_prefix(1);
    } else {
      if (pattern[0] == '\\' && pattern.size() > 1 && pattern[1] == '"') pattern.remove_prefix(1);
      put_text();
    }
  }
  return result;
}

}  // namespace mortise::sql_functions
