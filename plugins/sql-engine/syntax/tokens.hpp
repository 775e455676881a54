// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: where does a word or a sign of an SQL text begin and end?
//
// Threads: one.

#include <cstdint>
#include <string>
#include <string_view>

namespace mortise::sql_engine {

inline bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$' || (static_cast<uint8_t>(c) & 0x80) != 0;
}

// Splits SQL into words and single signs, passing over comments, strings and quoted names.
class Tokens {
 public:
  explicit Tokens(std::string_view text) : text_(text) {}

  struct Token {
    std::string word;  // lower case; "" for strings and quoted names
    size_t begin = 0;
    size_t end = 0;
  };

  bool next(Token& token) {
    skip_blanks();
    if (at_ >= text_.size()) return false;
    token.word.clear();
    token.begin = at_;
    const char c = text_[at_];
    if (c == '\'' || c == '"') {
      skip_quoted(c);
    } else if (c == '$' && skip_dollar_quoted()) {
      // a dollar-quoted string
    } else if (is_word(c)) {
      for (; at_ < text_.size() && is_word(text_[at_]); ++at_) {
        const char w = text_[at_];
        token.word.push_back(static_cast<char>(w >= 'A' && w <= 'Z' ? w + 32 : w));
      }
    } else {
      token.word.assign(1, c);
      ++at_;
    }
    token.end = at_;
    return true;
  }

 private:
  void skip_blanks() {
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') continue;
      if (text_.substr(at_, 2) == "--") {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
        --at_;
        continue;
      }
      if (text_.substr(at_, 2) == "/*") {
        int depth = 0;
        for (; at_ < text_.size(); ++at_) {
          if (text_.substr(at_, 2) == "/*") {
            ++depth;
            ++at_;
          } else if (text_.substr(at_, 2) == "*/") {
            ++at_;
            if (--depth == 0) break;
          }
        }
        continue;
      }
      return;
    }
  }
  void skip_quoted(char quote) {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] != quote) continue;
      ++at_;
      if (at_ < text_.size() && text_[at_] == quote) continue;
      return;
    }
  }
  bool skip_dollar_quoted() {
    size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != '$' && is_word(text_[end])) ++end;
    if (end >= text_.size() || text_[end] != '$') return false;
    const std::string_view tag = text_.substr(at_, end + 1 - at_);
    const size_t close = text_.find(tag, end + 1);
    at_ = close == std::string_view::npos ? text_.size() : close + tag.size();
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace mortise::sql_engine
