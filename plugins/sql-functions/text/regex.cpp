// SPDX-License-Identifier: Apache-2.0

#include "text/regex.hpp"

#include <re2/re2.h>

#include "text/regex_translate.hpp"

namespace mortise::sql_functions {
namespace {
Status engine_failure(const re2::RE2& engine) {
  switch (engine.error_code()) {
    case re2::RE2::ErrorBadCharRange:
      return bad_regex("invalid character range");
    case re2::RE2::ErrorBadCharClass:
      return bad_regex("invalid character class");
    case re2::RE2::ErrorMissingBracket:
      return bad_regex("brackets [] not balanced");
    case re2::RE2::ErrorMissingParen:
      return bad_regex("parentheses () not balanced");
    case re2::RE2::ErrorRepeatArgument:
    case re2::RE2::ErrorRepeatOp:
      return bad_regex("quantifier operand invalid");
    case re2::RE2::ErrorRepeatSize:
      return bad_regex("invalid repetition count(s)");
    case re2::RE2::ErrorBadEscape:
    case re2::RE2::ErrorTrailingBackslash:
      return bad_regex("invalid escape \\ sequence");
    case re2::RE2::ErrorPatternTooLarge:
      return bad_regex("regular expression is too complex");
    default:
      return bad_regex(engine.error());
  }
}

re2::StringPiece piece(std::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

Regex::Regex(std::unique_ptr<re2::RE2> engine) : engine_(std::move(engine)) {}
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

Result<Regex> Regex::compile(std::string_view pattern, const RegexOptions& options) {
  MORTISE_TRY_ASSIGN(const TranslatedRegex translated, translate_regex(pattern, options));
  re2::RE2::Options engine_options;
  engine_options.set_log_errors(false);
  engine_options.set_longest_match(!translated.is_lazy);
  engine_options.set_max_mem(64 << 20);
  auto engine = std::make_unique<re2::RE2>(translated.pattern, engine_options);
  if (!engine->ok()) return engine_failure(*engine);
  return Regex(std::move(engine));
}

bool Regex::is_found_in(std::string_view text) const {
  return engine_->Match(piece(text), 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
}

bool Regex::find(std::string_view text, size_t start, std::vector<std::string_view>* groups) const {
  const int count = groups_count() + 1;
  std::vector<re2::StringPiece> found(static_cast<size_t>(count));
  if (start > text.size() ||
      !engine_->Match(piece(text), start, text.size(), re2::RE2::UNANCHORED, found.data(), count)) {
    return false;
  }
  groups->clear();
  for (const re2::StringPiece& group : found) {
    groups->push_back(group.data() == nullptr ? std::string_view()
                                              : std::string_view(group.data(), group.size()));
  }
  return true;
}

int Regex::groups_count() const {
  return engine_->NumberOfCapturingGroups();
}

Result<const Regex*> RegexCache::get(std::string_view pattern, const RegexOptions& options) {
  const bool is_same =
      regex_ != nullptr && pattern == pattern_ && options.folds_case == options_.folds_case &&
      options.is_literal == options_.is_literal && options.is_expanded == options_.is_expanded &&
      options.dot_skips_line == options_.dot_skips_line &&
      options.anchors_at_lines == options_.anchors_at_lines;
  if (!is_same) {
    MORTISE_TRY_ASSIGN(Regex compiled, Regex::compile(pattern, options));
    regex_ = std::make_unique<Regex>(std::move(compiled));
    pattern_ = pattern;
    options_ = options;
  }
  return static_cast<const Regex*>(regex_.get());
}

Result<RegexOptions> parse_regex_options(std::string_view letters, bool takes_global) {
  RegexOptions options;
  for (const char c : letters) {
    switch (c) {
      case 'g':
        if (!takes_global) {
          return Status(Code::invalid, "22023",
                        "invalid regular expression option: \"" + std::string(1, c) + "\"");
        }
        options.is_global = true;
        break;
      case 'i':
        options.folds_case = true;
        break;
      case 'c':
        options.folds_case = false;
        break;
      case 'n':
      case 'm':
        options.dot_skips_line = options.anchors_at_lines = true;
        break;
      case 'p':
        options.dot_skips_line = true;
        options.anchors_at_lines = false;
        break;
      case 'w':
        options.dot_skips_line = false;
        options.anchors_at_lines = true;
        break;
      case 's':
        options.dot_skips_line = options.anchors_at_lines = false;
        break;
      case 'x':
        options.is_expanded = true;
        break;
      case 't':
        options.is_expanded = false;
        break;
      case 'q':
        options.is_literal = true;
        break;
      case 'e':
      case 'b':
        break;
      default:
        return Status(Code::invalid, "22023",
                      "invalid regular expression option: \"" + std::string(1, c) + "\"");
    }
  }
  return options;
}

}  // namespace mortise::sql_functions
