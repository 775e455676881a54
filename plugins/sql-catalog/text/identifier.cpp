// SPDX-License-Identifier: Apache-2.0
#include "text/identifier.hpp"

namespace mortise::sql_catalog {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0;
}
bool is_part(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '$';
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string_view after_spaces(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  return text;
}

// Takes one name off the front; false if there is none.
bool take_name(std::string_view& text, std::string& name) {
  text = after_spaces(text);
  name.clear();
  if (text.starts_with('"')) {
    text.remove_prefix(1);
    for (;;) {
      const size_t end = text.find('"');
      if (end == std::string_view::npos) return false;
      name.append(text.substr(0, end));
      text.remove_prefix(end + 1);
      if (!text.starts_with('"')) break;
      name.push_back('"');
      text.remove_prefix(1);
    }
    text = after_spaces(text);
    return !name.empty();
  }
  while (!text.empty() && (name.empty() ? is_letter(text.front()) : is_part(text.front()))) {
    name.push_back(lower(text.front()));
    text.remove_prefix(1);
  }
  text = after_spaces(text);
  return !name.empty();
}

}  // namespace

Result<std::vector<std::string>> split_name(std::string_view text) {
  std::vector<std::string> parts;
  std::string part;
  std::string_view rest = text;
  for (;;) {
    if (!take_name(rest, part)) return Status(Code::invalid, "42602", "invalid name syntax");
    parts.push_back(part);
    if (rest.empty()) return parts;
    if (rest.front() != '.') return Status(Code::invalid, "42602", "invalid name syntax");
    rest.remove_prefix(1);
  }
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> names;
  std::string name;
  while (!after_spaces(text).empty()) {
    text = after_spaces(text);
    if (text.starts_with('$')) {  // $user, written without quotes
      text.remove_prefix(1);
      if (!take_name(text, name)) return names;
      name.insert(0, "$");
    } else if (!take_name(text, name)) {
      return names;
    }
    names.push_back(name);
    if (!text.starts_with(',')) return names;
    text.remove_prefix(1);
  }
  return names;
}

}  // namespace mortise::sql_catalog
