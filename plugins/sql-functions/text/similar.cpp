// SPDX-License-Identifier: Apache-2.0

// SIMILAR TO: SQL's own regular expressions, rewritten as advanced ones.

#include "text/regex.hpp"

namespace mortise::sql_functions {

Result<std::string> similar_to_regex(std::string_view pattern, std::string_view escape,
                                     bool is_head_lazy) {
  size_t characters = 0;
  for (const char c : escape) characters += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
  if (characters > 1) {
    return Status(Code::invalid, "22019", "invalid escape string")
        .with(MORTISE_ERROR_FIELD_HINT, "Escape string must be empty or one character.");
  }
  // Three forms: plain, or head#"part#"tail for substring.
  std::string out("^(?:");
  bool was_escape = false;
  bool in_class = false;
  int quotes = 0;
  for (size_t i = 0; i < pattern.size();) {
    const char c = pattern[i];
    if (was_escape) {
      if (c == '"' && !in_class) {
        if (quotes == 0) {
          out.append("){1,1}?(");
        } else if (quotes == 1) {
          out.append("){1,1}(?:");
        } else {
          return Status(Code::invalid, "2200C",
                        "SQL regular expression may not contain more than two escape-double-quote "
                        "separators");
        }
        ++quotes;
      } else {
        if (static_cast<unsigned char>(c) < 0x80) out.push_back('\\');
        out.push_back(c);
      }
      was_escape = false;
      ++i;
    } else if (!escape.empty() && pattern.substr(i).starts_with(escape)) {
      was_escape = true;
      i += escape.size();
    } else {
      if (in_class) {
        if (c == '\\') out.push_back('\\');
        out.push_back(c);
        if (c == ']') in_class = false;
      } else if (c == '[') {
        out.push_back(c);
        in_class = true;
      } else if (c == '%') {
        // The head of a substring pattern is as short as can be.
        out.append(is_head_lazy && quotes == 0 ? ".*?" : ".*");
      } else if (c == '_') {
        out.push_back('.');
      } else if (c == '(') {
        out.append("(?:");
      } else if (c == '\\' || c == '.' || c == '^' || c == '$') {
        out.push_back('\\');
        out.push_back(c);
      } else {
        out.push_back(c);
      }
      ++i;
    }
  }
  out.append(")$");
  return out;
}

}  // namespace mortise::sql_functions
