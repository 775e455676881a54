// SPDX-License-Identifier: Apache-2.0

// From PostgreSQL's advanced regular expressions to RE2's syntax.
//
// Options stand in front ("(?i)", "***=") or in a letter string; a dot matches line ends unless
// told otherwise, ^ and $ match at the ends of the text only.  Escapes differ in letters: \m \M \y
// (word boundaries) become \b, \Z becomes \z, \b is a backspace, \B a backslash.  A brace that
// begins no bound is itself.  Quantifiers must follow something.

#include "text/regex_translate.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>

namespace mortise::sql_functions {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alphanumeric(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}
bool is_class(std::string_view name) {
  constexpr std::string_view kNames[] = {"alnum", "alpha", "ascii", "blank", "cntrl",
                                         "digit", "graph", "lower", "print", "punct",
                                         "space", "upper", "word",  "xdigit"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}
int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Rewrites an advanced regular expression in RE2's syntax.
class Translator {
 public:
  Translator(std::string_view pattern, RegexOptions options) : rest_(pattern), options_(options) {}

  Status run() {
    MORTISE_TRY(read_director());
    while (!rest_.empty()) MORTISE_TRY(step());
    if (depth_ != 0) return bad_regex("parentheses () not balanced");
    return {};
  }

  std::string result() const {
    std::string flags("(?");
    if (options_.folds_case) flags.push_back('i');
    if (!options_.dot_skips_line) flags.push_back('s');
    if (options_.anchors_at_lines) flags.push_back('m');
    if (flags.size() == 2) return out_;
    return flags + ")" + out_;
  }
  bool is_lazy() const { return is_lazy_; }
  const RegexOptions& options() const { return options_; }

 private:
  // "***:", "***=" and "(?letters)" at the very start.
  Status read_director() {
    if (rest_.starts_with("***=")) {
      rest_.remove_prefix(4);
      options_.is_literal = true;
    } else if (rest_.starts_with("***:")) {
      rest_.remove_prefix(4);
    } else if (rest_.starts_with("***")) {
      return bad_regex("quantifier operand invalid");
    }
    if (!options_.is_literal && rest_.size() > 2 && rest_.starts_with("(?") &&
        std::isalpha(static_cast<unsigned char>(rest_[2])) != 0) {
      const size_t end = rest_.find(')');
      if (end == std::string_view::npos) return bad_regex("invalid embedded option");
      MORTISE_TRY(read_embedded(rest_.substr(2, end - 2)));
      rest_.remove_prefix(end + 1);
    }
    if (options_.is_literal) {
      for (const char c : rest_) put_literal(c);
      rest_ = {};
    }
    return {};
  }
  Status read_embedded(std::string_view letters) {
    for (const char c : letters) {
      switch (c) {
        case 'i':
          options_.folds_case = true;
          break;
        case 'c':
          options_.folds_case = false;
          break;
        case 'n':
        case 'm':
          options_.dot_skips_line = options_.anchors_at_lines = true;
          break;
        case 'p':
          options_.dot_skips_line = true;
          options_.anchors_at_lines = false;
          break;
        case 'w':
          options_.dot_skips_line = false;
          options_.anchors_at_lines = true;
          break;
        case 's':
          options_.dot_skips_line = options_.anchors_at_lines = false;
          break;
        case 'x':
          options_.is_expanded = true;
          break;
        case 't':
          options_.is_expanded = false;
          break;
        case 'q':
          options_.is_literal = true;
          break;
        case 'e':
        case 'b':
          break;
        default:
          return bad_regex("invalid embedded option");
      }
    }
    return {};
  }

  void put_literal(char c) {
    if (!is_alphanumeric(c) && static_cast<unsigned char>(c) < 0x80 && c != '_') {
      out_.push_back('\\');
    }
    out_.push_back(c);
  }
  char take() {
    const char c = rest_[0];
    rest_.remove_prefix(1);
    return c;
  }

  Status step() {
    const char c = take();
    if (options_.is_expanded) {
      if (std::isspace(static_cast<unsigned char>(c)) != 0) return {};
      if (c == '#') {
        while (!rest_.empty() && take() != '\n') {
        }
        return {};
      }
    }
    switch (c) {
      case '\\':
        has_atom_ = true;
        return read_escape(false);
      case '[':
        has_atom_ = true;
        return read_bracket();
      case '(':
        return open_group();
      case ')':
        if (depth_ == 0) return bad_regex("parentheses () not balanced");
        --depth_;
        has_atom_ = true;
        out_.push_back(c);
        return {};
      case '*':
      case '+':
      case '?':
        return put_quantifier(std::string(1, c));
      case '{':
        return read_bound();
      case '|':
        has_atom_ = false;
        out_.push_back(c);
        return {};
      case '^':
      case '$':
        has_atom_ = false;
        out_.push_back(c);
        return {};
      case '.':
        has_atom_ = true;
        out_.push_back(c);
        return {};
      default:
        has_atom_ = true;
        put_literal(c);
        return {};
    }
  }

  Status open_group() {
    has_atom_ = false;
    if (rest_.starts_with("?:")) {
      rest_.remove_prefix(2);
      out_.append("(?:");
    } else if (rest_.starts_with("?#")) {
      const size_t end = rest_.find(')');
      if (end == std::string_view::npos) return bad_regex("parentheses () not balanced");
      rest_.remove_prefix(end + 1);
      return {};
    } else if (rest_.starts_with("?=") || rest_.starts_with("?!") || rest_.starts_with("?<")) {
      return unsupported("look-around in regular expressions is not supported");
    } else if (rest_.starts_with("?")) {
      return bad_regex("quantifier operand invalid");
    } else {
      out_.push_back('(');
    }
    ++depth_;
    return {};
  }

  Status put_quantifier(std::string_view quantifier) {
    if (!has_atom_) return bad_regex("quantifier operand invalid");
    has_atom_ = false;
    out_.append(quantifier);
    if (!rest_.empty() && rest_[0] == '?') {
      is_lazy_ = true;
      out_.push_back(take());
    }
    return {};
  }

  // {m}, {m,}, {m,n}; a brace before anything else is itself.
  Status read_bound() {
    if (rest_.empty() || !is_digit(rest_[0])) {
      has_atom_ = true;
      put_literal('{');
      return {};
    }
    const size_t end = rest_.find('}');
    if (end == std::string_view::npos) return bad_regex("braces {} not balanced");
    const std::string_view bound = rest_.substr(0, end);
    const size_t comma = bound.find(',');
    int low = 0;
    int high = 0;
    if (!read_count(bound.substr(0, comma), &low)) {
      return bad_regex("invalid repetition count(s)");
    }
    high = low;
    if (comma != std::string_view::npos && comma + 1 < bound.size() &&
        (!read_count(bound.substr(comma + 1), &high) || high < low)) {
      return bad_regex("invalid repetition count(s)");
    }
    rest_.remove_prefix(end + 1);
    return put_quantifier("{" + std::string(bound) + "}");
  }
  static bool read_count(std::string_view digits, int* value) {
    constexpr int kCountMax = 255;
    *value = 0;
    for (const char c : digits) {
      if (!is_digit(c)) return false;
      *value = *value * 10 + (c - '0');
      if (*value > kCountMax) return false;
    }
    return !digits.empty();
  }

  Status put_code_point(size_t digits_min, size_t digits_max) {
    uint32_t value = 0;
    size_t count = 0;
    while (count < digits_max && count < rest_.size() && hex_value(rest_[count]) >= 0) {
      value = value * 16 + static_cast<uint32_t>(hex_value(rest_[count++]));
    }
    if (count < digits_min || value > 0x10FFFF) return bad_regex("invalid escape \\ sequence");
    rest_.remove_prefix(count);
    char text[16];
    std::snprintf(text, sizeof(text), "\\x{%x}", value);
    out_.append(text);
    return {};
  }

  Status read_escape(bool in_bracket) {
    if (rest_.empty()) return bad_regex("invalid escape \\ sequence");
    const char c = take();
    switch (c) {
      case 'd':
      case 'w':
      case 's':
      case 'D':
      case 'W':
      case 'S':
      case 'a':
      case 'f':
      case 'n':
      case 'r':
      case 't':
      case 'v':
        out_.push_back('\\');
        out_.push_back(c);
        return {};
      case 'b':
        out_.append("\\x08");
        return {};
      case 'e':
        out_.append("\\x1b");
        return {};
      case 'B':
        out_.append("\\\\");
        return {};
      case 'x':
        return put_code_point(1, 8);
      case 'u':
        return put_code_point(4, 4);
      case 'U':
        return put_code_point(8, 8);
      case 'c':
        if (rest_.empty()) return bad_regex("invalid escape \\ sequence");
        put_literal(static_cast<char>(take() & 0x1F));
        return {};
      case '0':
        out_.append("\\x00");
        return {};
      case 'A':
      case 'Z':
      case 'm':
      case 'M':
      case 'y':
      case 'Y':
        if (in_bracket) return bad_regex("invalid escape \\ sequence");
        return put_constraint(c);
      default:
        break;
    }
    if (is_digit(c)) {
      return unsupported("back references in regular expressions are not supported");
    }
    if (is_alphanumeric(c)) return bad_regex("invalid escape \\ sequence");
    put_literal(c);
    return {};
  }

  // \m and \M count as any word boundary: RE2 has no one-sided one.
  Status put_constraint(char c) {
    has_atom_ = false;
    switch (c) {
      case 'A':
        out_.append("\\A");
        return {};
      case 'Z':
        out_.append("\\z");
        return {};
      case 'Y':
        out_.append("\\B");
        return {};
      default:
        out_.append("\\b");
        return {};
    }
  }

  Status read_bracket() {
    if (rest_.starts_with("[:<:]]") || rest_.starts_with("[:>:]]")) {
      rest_.remove_prefix(6);
      out_.append("\\b");
      has_atom_ = false;
      return {};
    }
    out_.push_back('[');
    if (!rest_.empty() && rest_[0] == '^') {
      out_.push_back(take());
      if (options_.dot_skips_line) out_.append("\\n");
    }
    bool is_first = true;
    while (true) {
      if (rest_.empty()) return bad_regex("brackets [] not balanced");
      const char c = take();
      if (c == ']' && !is_first) break;
      is_first = false;
      if (c == '[' && !rest_.empty() && (rest_[0] == '.' || rest_[0] == '=')) {
        return unsupported("collating elements in regular expressions are not supported");
      }
      if (c == '[' && !rest_.empty() && rest_[0] == ':') {
        const size_t end = rest_.find(":]");
        if (end == std::string_view::npos) return bad_regex("brackets [] not balanced");
        if (!is_class(rest_.substr(1, end - 1))) return bad_regex("invalid character class");
        out_.push_back('[');
        out_.append(rest_.substr(0, end + 2));
        rest_.remove_prefix(end + 2);
      } else if (c == '\\') {
        MORTISE_TRY(read_escape(true));
      } else if (c == '-') {
        out_.append(rest_.empty() || rest_[0] == ']' || out_.back() == '[' || out_.back() == '^'
                        ? "\\-"
                        : "-");
      } else if (c == '[' || c == ']' || c == '^' || c == '&' || c == '~') {
        out_.push_back('\\');
        out_.push_back(c);
      } else {
        out_.push_back(c);
      }
    }
    out_.push_back(']');
    return {};
  }

  std::string_view rest_;
  RegexOptions options_;
  std::string out_;
  int depth_ = 0;
  bool has_atom_ = false;
  bool is_lazy_ = false;
};

}  // namespace

Status bad_regex(std::string_view why) {
  std::string message("invalid regular expression: ");
  message.append(why);
  return {Code::invalid, "2201B", std::move(message)};
}

Result<TranslatedRegex> translate_regex(std::string_view pattern, const RegexOptions& options) {
  Translator translator(pattern, options);
  MORTISE_TRY(translator.run());
  return TranslatedRegex{translator.result(), translator.is_lazy()};
}

}  // namespace mortise::sql_functions
