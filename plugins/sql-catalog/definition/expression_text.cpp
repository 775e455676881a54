// SPDX-License-Identifier: Apache-2.0
#include "definition/expression_text.hpp"

#include <charconv>
#include <cstdint>
#include <memory>
#include <vector>

namespace mortise::sql_catalog {
namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '$' || (c & 0x80) != 0;
}
bool is_symbol(char c) {
  return std::string_view("+-*/<>=~!@#%^&|`?").find(c) < 17;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\n')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.remove_suffix(1);
  return text;
}

// The position behind the string, quoted name or bracket that begins at `at`; `at` + 1 otherwise.
size_t behind(std::string_view text, size_t at) {
  const char open = text[at];
  if (open == '\'' || open == '"') {
    const size_t end = text.find(open, at + 1);
    return end == std::string_view::npos ? text.size() : end + 1;
  }
  if (open != '(' && open != '[') return at + 1;
  const char closing = open == '(' ? ')' : ']';
  size_t next = at + 1;
  while (next < text.size() && text[next] != closing) next = behind(text, next);
  return next < text.size() ? next + 1 : next;
}

bool is_wrapped(std::string_view text) {
  return text.starts_with('(') && behind(text, 0) == text.size();
}

// What a piece of an expression is, from its operators outside of brackets.
enum class Kind { other, conjunction, disjunction, negation, operation, test };

// A sequence of tokens; those in brackets are sequences of their own.
struct Sequence;
struct Item {
  std::string_view token;             // empty for brackets
  std::unique_ptr<Sequence> content;  // of brackets
  char open = 0;                      // ( or [
  bool has_space = false;             // before it
  bool is_call = false;               // brackets that follow a name at once
};
struct Sequence {
  std::vector<Item> items;
  Kind kind = Kind::other;
  std::string_view symbol;  // of an operation
  size_t symbol_at = 0;
};

size_t token_end(std::string_view text, size_t at) {
  if (text[at] == '\'' || text[at] == '"') return behind(text, at);
  if (text.substr(at).starts_with("::")) return at + 2;
  size_t end = at + 1;
  if (is_word(text[at])) {
    while (end < text.size() && is_word(text[end])) ++end;
  } else if (is_symbol(text[at])) {
    while (end < text.size() && is_symbol(text[end])) ++end;
  }
  return end;
}

void classify(Sequence& s) {
  uint32_t betweens_count = 0;
  for (size_t i = 0; i < s.items.size(); ++i) {
    const std::string_view t = s.items[i].token;
    if (t == "BETWEEN") ++betweens_count;
    if (t == "CASE") return;
    if (t == "AND" && betweens_count > 0) {
      --betweens_count;
    } else if (t == "AND" || t == "OR") {
      s.kind = t == "AND" ? Kind::conjunction : Kind::disjunction;
      return;
    }
    if (t == "NOT" && i == 0) s.kind = Kind::negation;
    if (s.kind != Kind::other) continue;
    if (!t.empty() && is_symbol(t[0])) {
      s.kind = Kind::operation;
      s.symbol = t;
      s.symbol_at = i;
    }
    if (t == "IS" || t == "IN" || t == "LIKE" || t == "ILIKE" || t == "BETWEEN" || t == "SIMILAR") {
      s.kind = Kind::test;
    }
  }
}

std::unique_ptr<Sequence> parse(std::string_view text) {
  auto s = std::make_unique<Sequence>();
  size_t at = 0;
  bool has_space = false;
  while (at < text.size()) {
    if (text[at] == ' ' || text[at] == '\n') {
      has_space = true;
      ++at;
      continue;
    }
    Item item;
    item.has_space = has_space;
    has_space = false;
    size_t end = 0;
    if (text[at] == '(' || text[at] == '[') {
      end = behind(text, at);
      item.open = text[at];
      item.is_call = !item.has_space && at > 0 && (is_word(text[at - 1]) || text[at - 1] == '"');
      const size_t size = end - at >= 2 ? end - at - 2 : 0;
      item.content = parse(text.substr(at + 1, size));
    } else {
      end = token_end(text, at);
      item.token = text.substr(at, end - at);
    }
    s->items.push_back(std::move(item));
    at = end;
  }
  classify(*s);
  return s;
}

enum class Rank { none, low, high };
Rank rank_of(std::string_view symbol) {
  if (symbol == "+" || symbol == "-") return Rank::low;
  if (symbol == "*" || symbol == "/" || symbol == "%") return Rank::high;
  return Rank::none;
}

// Whether a child's parentheses say nothing that its parent does not say.
bool is_superfluous(const Sequence& parent, size_t at, const Sequence& child) {
  const bool is_cast = at + 1 < parent.items.size() && parent.items[at + 1].token == "::";
  if (is_cast || child.kind == Kind::other) return child.items.size() == 1;
  switch (parent.kind) {
    case Kind::other:
      return parent.items.size() == 1;
    case Kind::conjunction:
      return child.kind != Kind::disjunction;
    case Kind::disjunction:
      return true;
    case Kind::negation:
      return child.kind == Kind::operation || child.kind == Kind::test;
    case Kind::operation: {
      const Rank own = rank_of(child.symbol);
      const Rank outer = rank_of(parent.symbol);
      if (child.kind != Kind::operation || own == Rank::none || outer == Rank::none) return false;
      if (own != outer) return own == Rank::high;
      return at < parent.symbol_at;
    }
    case Kind::test:
      return false;
  }
  return false;
}

// "-5" of the sequence { - 5 }; empty if it is none.
std::string negative_number(const Sequence& s) {
  if (s.items.size() != 2 || s.items[0].token != "-") return {};
  return constant_text("-" + std::string(s.items[1].token));
}

void render(const Sequence& s, bool is_pretty, std::string& out);

void render_brackets(const Sequence& parent, size_t at, bool is_pretty, std::string& out) {
  const Item& item = parent.items[at];
  const Sequence& content = *item.content;
  const std::string_view before = at == 0 ? std::string_view() : parent.items[at - 1].token;
  const bool is_list = before == "IN" || before == "ANY" || before == "ALL" || before == "SOME";
  const bool is_group = item.open == '(' && !item.is_call && !is_list;
  if (is_group) {
    const std::string negative = negative_number(content);
    if (!negative.empty()) {
      out += negative;
      return;
    }
  }
  const bool is_bare = is_group && is_pretty && is_superfluous(parent, at, content);
  if (!is_bare) out += item.open;
  render(content, is_pretty, out);
  if (!is_bare) out += item.open == '(' ? ')' : ']';
}

// Arguments of a list stand alone between commas.
void render(const Sequence& s, bool is_pretty, std::string& out) {
  for (size_t i = 0; i < s.items.size(); ++i) {
    const Item& item = s.items[i];
    if (item.has_space && i > 0) out += ' ';
    if (item.content == nullptr) {
      out += item.token;
      continue;
    }
    const bool is_alone = (i == 0 || s.items[i - 1].token == ",") &&
                          (i + 1 == s.items.size() || s.items[i + 1].token == ",");
    if (is_pretty && is_alone && item.open == '(' && s.kind == Kind::other && s.items.size() > 1) {
      render(*item.content, is_pretty, out);
    } else {
      render_brackets(s, i, is_pretty, out);
    }
  }
}

}  // namespace

bool is_simple_expression(std::string_view expression) {
  const std::string_view text = trimmed(expression);
  size_t at = 0;
  while (at < text.size() && is_word(text[at])) ++at;
  while (at < text.size() && (text[at] == '\'' || text[at] == '"')) at = behind(text, at);
  if (at == 0) return false;
  if (at < text.size() && text[at] == '(') at = behind(text, at);
  if (text.substr(at).starts_with("::")) {
    at += 2;
    while (at < text.size() && (is_word(text[at]) || text[at] == ' ' || text[at] == '"')) ++at;
    if (at < text.size() && text[at] == '(') at = behind(text, at);
  }
  return at == text.size();
}

std::string constant_text(std::string_view text) {
  std::string_view digits = trimmed(text);
  while (is_wrapped(digits)) digits = trimmed(digits.substr(1, digits.size() - 2));
  const bool is_negative = digits.starts_with('-');
  if (is_negative) digits = trimmed(digits.substr(1));
  if (digits.empty() || digits.find_first_not_of("0123456789.") != std::string_view::npos) {
    return {};
  }
  const std::string shown = (is_negative ? "-" : "") + std::string(digits);
  int64_t value = 0;
  const char* const end = shown.data() + shown.size();
  const auto [rest, failure] = std::from_chars(shown.data(), end, value);
  const bool is_integer = failure == std::errc() && rest == end;
  if (is_integer && value >= INT32_MIN && value <= INT32_MAX) {
    return is_negative ? "'" + shown + "'::integer" : shown;
  }
  if (is_integer) return "'" + shown + "'::bigint";
  return is_negative ? "'" + shown + "'::numeric" : shown;
}

std::string parenthesized(std::string_view expression, bool is_pretty) {
  const std::string_view text = trimmed(expression);
  const std::unique_ptr<Sequence> parsed = parse(text);
  std::string out;
  render(*parsed, is_pretty, out);
  if (is_pretty || is_wrapped(text) || is_simple_expression(text)) return out;
  return "(" + out + ")";
}

}  // namespace mortise::sql_catalog
