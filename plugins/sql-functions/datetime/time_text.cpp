// SPDX-License-Identifier: Apache-2.0

#include "datetime/time_text.hpp"

#include <cctype>

namespace mortise::sql_functions::time_text {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alpha(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0;
}
bool is_space(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0;
}

constexpr Token kTokens[] = {
    {"-infinity", Word::early, 0},     {"ad", Word::era, 0},
    {"allballs", Word::midnight, 0},   {"am", Word::half, 1},
    {"apr", Word::month, 4},           {"april", Word::month, 4},
    {"at", Word::ignore, 0},           {"aug", Word::month, 8},
    {"august", Word::month, 8},        {"bc", Word::era, 1},
    {"dec", Word::month, 12},          {"december", Word::month, 12},
    {"dst", Word::daylight, 0},        {"epoch", Word::epoch, 0},
    {"feb", Word::month, 2},           {"february", Word::month, 2},
    {"fri", Word::weekday, 5},         {"friday", Word::weekday, 5},
    {"infinity", Word::late, 0},       {"j", Word::julian, 0},
    {"jan", Word::month, 1},           {"january", Word::month, 1},
    {"jd", Word::julian, 0},           {"jul", Word::month, 7},
    {"julian", Word::julian, 0},       {"july", Word::month, 7},
    {"jun", Word::month, 6},           {"june", Word::month, 6},
    {"mar", Word::month, 3},           {"march", Word::month, 3},
    {"may", Word::month, 5},           {"mon", Word::weekday, 1},
    {"monday", Word::weekday, 1},      {"nov", Word::month, 11},
    {"november", Word::month, 11},     {"now", Word::now, 0},
    {"oct", Word::month, 10},          {"october", Word::month, 10},
    {"on", Word::ignore, 0},           {"pm", Word::half, 2},
    {"sat", Word::weekday, 6},         {"saturday", Word::weekday, 6},
    {"sep", Word::month, 9},           {"sept", Word::month, 9},
    {"september", Word::month, 9},     {"sun", Word::weekday, 0},
    {"sunday", Word::weekday, 0},      {"t", Word::iso_time, 0},
    {"thu", Word::weekday, 4},         {"thur", Word::weekday, 4},
    {"thurs", Word::weekday, 4},       {"thursday", Word::weekday, 4},
    {"today", Word::today, 0},         {"tomorrow", Word::tomorrow, 0},
    {"tue", Word::weekday, 2},         {"tues", Word::weekday, 2},
    {"tuesday", Word::weekday, 2},     {"wed", Word::weekday, 3},
    {"wednesday", Word::weekday, 3},   {"weds", Word::weekday, 3},
    {"yesterday", Word::yesterday, 0},
};

// Takes the characters of one field after the other.
class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text) {}

  bool split(std::vector<Field>* fields) {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (is_space(c)) {
        ++at_;
        continue;
      }
      field_ = Field{Shape::number, {}};
      if (is_digit(c)) {
        take_digits();
      } else if (c == '.') {
        take();
        take_while(is_digit);
      } else if (is_alpha(c)) {
        take_word();
      } else if (c == '+' || c == '-') {
        if (!take_signed()) return false;
      } else if (std::ispunct(static_cast<unsigned char>(c)) != 0) {
        ++at_;
        continue;
      } else {
        return false;
      }
      constexpr size_t kFieldBytesMax = 120;
      constexpr size_t kFieldsMax = 25;
      if (field_.text.size() > kFieldBytesMax || fields->size() >= kFieldsMax) return false;
      fields->push_back(std::move(field_));
    }
    return !fields->empty();
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void take() {
    const auto c = static_cast<unsigned char>(text_[at_++]);
    field_.text.push_back(static_cast<char>(std::tolower(c)));
  }
  template <typename Belongs>
  void take_while(Belongs&& belongs) {
    while (at_ < text_.size() && belongs(text_[at_])) take();
  }

  // A number, a time (12:), or a date (12-, 12/, 12.3.).
  void take_digits() {
    take_while(is_digit);
    const char mark = peek();
    if (mark == ':') {
      field_.shape = Shape::time;
      take_while([](char c) { return is_digit(c) || c == ':' || c == '.'; });
      return;
    }
    if (mark != '-' && mark != '/' && mark != '.') return;
    take();
    if (!is_digit(peek())) {
      field_.shape = Shape::date;
      take_while([&](char c) { return is_digit(c) || is_alpha(c) || c == mark; });
      return;
    }
    field_.shape = mark == '.' ? Shape::number : Shape::date;
    take_while(is_digit);
    if (peek() == mark) {
      field_.shape = Shape::date;
      take_while([&](char c) { return is_digit(c) || c == mark; });
    }
  }

  // A word, or a date or zone that begins with one ("Jan-08", "America/New_York").
  void take_word() {
    field_.shape = Shape::text;
    take_while(is_alpha);
    const char next = peek();
    bool is_longer = next == '-' || next == '/' || next == '.';
    if (next == '+' || is_digit(next)) is_longer = find_token(field_.text) == nullptr;
    if (!is_longer) return;
    field_.shape = Shape::date;
    take_while([](char c) {
      return c == '+' || c == '-' || c == '/' || c == '_' || c == '.' || c == ':' || is_digit(c) ||
             is_alpha(c);
    });
  }

  bool take_signed() {
    take();
    while (is_space(peek())) ++at_;
    if (is_digit(peek())) {
      field_.shape = Shape::offset;
      take_while([](char c) { return is_digit(c) || c == ':' || c == '.' || c == '-'; });
      return true;
    }
    field_.shape = Shape::special;
    const bool is_word = is_alpha(peek());
    take_while(is_alpha);
    return is_word;
  }

  std::string_view text_;
  size_t at_ = 0;
  Field field_{Shape::number, {}};
};

}  // namespace

// PostgreSQL looks at ten characters of a word, which cuts no name of its table.
const Token* find_token(std::string_view name) {
  for (const Token& token : kTokens) {
    if (token.name == name) return &token;
  }
  return nullptr;
}

bool split_fields(std::string_view text, std::vector<Field>* fields) {
  return Splitter(text).split(fields);
}

}  // namespace mortise::sql_functions::time_text
