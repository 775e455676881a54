// SPDX-License-Identifier: Apache-2.0
#include "script.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <utility>

namespace mortise::sqltest {
namespace {

constexpr std::string_view kSeparator = "----";

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string line(text.substr(0, end));
    if (!line.empty() && line.back() == '\r') line.pop_back();
    lines.push_back(std::move(line));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// Takes the next word off the front; empty at the end.
std::string_view take_word(std::string_view& rest) {
  const auto begin = std::min(rest.find_first_not_of(" \t"), rest.size());
  rest.remove_prefix(begin);
  const auto end = std::min(rest.find_first_of(" \t"), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(end);
  return word;
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t") == std::string_view::npos;
}

bool is_number(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(),
                                      [](unsigned char c) { return std::isdigit(c) != 0; });
}

// Five capitals or digits, perhaps with "@position".
bool take_sqlstate(std::string_view word, Ending& ending) {
  const std::string_view state = word.substr(0, word.find('@'));
  const bool is_state =
      state.size() == 5 && std::all_of(state.begin(), state.end(), [](unsigned char c) {
        return std::isdigit(c) != 0 || std::isupper(c) != 0;
      });
  if (!is_state) return false;
  ending.sqlstate = state;
  if (state.size() < word.size()) {
    const std::string_view position = word.substr(state.size() + 1);
    if (!is_number(position)) return false;
    ending.position_chars =
        static_cast<uint32_t>(std::strtoul(std::string(position).c_str(), nullptr, 10));
  }
  return true;
}

class Parser {
 public:
  Parser(std::string path, std::string_view text) {
    script_.path = std::move(path);
    script_.lines = split_lines(text);
  }

  Result<Script> parse() {
    while (at_ < script_.lines.size()) {
      const std::string& line = script_.lines[at_];
      if (is_blank(line) || line.front() == '#') {
        ++at_;
        continue;
      }
      MORTISE_TRY(parse_line(line));
    }
    if (!conditions_.empty()) return wrong("a condition stands before nothing");
    return std::move(script_);
  }

 private:
  Status wrong(std::string_view reason) const {
    return invalid(script_.path + ':' + std::to_string(at_ + 1) + ": " + std::string(reason));
  }

  Status parse_line(std::string_view line) {
    std::string_view rest = line;
    const std::string_view word = take_word(rest);
    if (word == "skipif" || word == "onlyif") {
      const std::string_view name = take_word(rest);
      if (name.empty()) return wrong("whom does the condition name?");
      conditions_.push_back({word == "onlyif", std::string(name)});
      ++at_;
      return {};
    }
    Record record;
    record.begin_line = at_;
    record.conditions = std::exchange(conditions_, {});
    MORTISE_TRY(parse_directive(word, rest, record));
    ++at_;
    if (record.kind == Kind::statement || record.kind == Kind::query || record.kind == Kind::copy) {
      MORTISE_TRY(parse_body(record));
    }
    record.end_line = at_;
    if (record.separator_line == 0) record.separator_line = at_;
    script_.records.push_back(std::move(record));
    return {};
  }

  Status parse_directive(std::string_view word, std::string_view rest, Record& record) {
    static constexpr std::pair<std::string_view, Kind> kKinds[] = {
        {"statement", Kind::statement},
        {"query", Kind::query},
        {"copy", Kind::copy},
        {"connection", Kind::connection},
        {"include", Kind::include},
        {"hash-threshold", Kind::hash_threshold},
        {"halt", Kind::halt}};
    const auto* found = std::find_if(std::begin(kKinds), std::end(kKinds),
                                     [&](const auto& entry) { return entry.first == word; });
    if (found == std::end(kKinds)) return wrong("unknown directive: " + std::string(word));
    record.kind = found->second;
    switch (record.kind) {
      case Kind::statement:
      case Kind::copy:
        return parse_ending(rest, record.ending);
      case Kind::query:
        return parse_query(rest, record);
      case Kind::halt:
        break;
      case Kind::hash_threshold:
      case Kind::connection:
      case Kind::include:
        record.argument = take_word(rest);
        if (record.argument.empty()) return wrong("an argument is missing");
        if (record.kind == Kind::hash_threshold && !is_number(record.argument)) {
          return wrong("hash-threshold wants a number");
        }
        break;
    }
    if (!is_blank(rest)) return wrong("too many words");
    return {};
  }

  Status parse_ending(std::string_view rest, Ending& ending) {
    const std::string_view word = take_word(rest);
    if (word == "error") {
      ending.is_error = true;
      std::string_view behind = rest;
      if (take_sqlstate(take_word(behind), ending)) rest = behind;
      rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
      ending.message_pattern = rest;
      return {};
    }
    if (word == "count") {
      const std::string_view count = take_word(rest);
      if (!is_number(count)) return wrong("count wants a number of rows");
      ending.affected_rows = std::strtoll(std::string(count).c_str(), nullptr, 10);
    } else if (word != "ok") {
      return wrong("a statement ends ok, count N or error [SQLSTATE] [pattern]");
    }
    return is_blank(rest) ? Status() : wrong("too many words");
  }

  Status parse_query(std::string_view rest, Record& record) {
    record.types = take_word(rest);
    const bool is_known =
        record.types == "-" || record.types.find_first_not_of("IRTBDX?") == std::string::npos;
    if (record.types.empty() || !is_known) {
      return wrong("a query names the type of each column: I R T B D X or ?; - for none");
    }
    const std::string_view mode = take_word(rest);
    if (mode == "rowsort") {
      record.sort_mode = SortMode::rowsort;
    } else if (mode == "valuesort") {
      record.sort_mode = SortMode::valuesort;
    } else if (!mode.empty() && mode != "nosort") {
      return wrong("a sort mode is nosort, rowsort or valuesort");
    }
    record.label = take_word(rest);
    return is_blank(rest) ? Status() : wrong("too many words");
  }

  // SQL up to "----" or an empty line; what stands below up to an empty line.
  Status parse_body(Record& record) {
    for (; at_ < script_.lines.size() && !is_blank(script_.lines[at_]); ++at_) {
      if (script_.lines[at_] == kSeparator) break;
      if (!record.sql.empty()) record.sql += '\n';
      record.sql += script_.lines[at_];
    }
    if (record.sql.empty()) return wrong("the SQL is missing");
    const bool has_below = at_ < script_.lines.size() && script_.lines[at_] == kSeparator;
    if (has_below && record.kind == Kind::statement) return wrong("a statement expects no rows");
    if (!has_below && record.kind == Kind::copy) return wrong("the data of the COPY are missing");
    if (!has_below) return {};
    record.separator_line = at_;
    for (++at_; at_ < script_.lines.size() && !is_blank(script_.lines[at_]); ++at_) {
      record.below.push_back(script_.lines[at_]);
    }
    return {};
  }

  Script script_;
  size_t at_ = 0;
  std::vector<Condition> conditions_;
};

}  // namespace

Result<Script> parse_script(std::string path, std::string_view text) {
  return Parser(std::move(path), text).parse();
}

Result<Script> read_script(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return io_failure("cannot open " + path);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (file.bad()) return io_failure("cannot read " + path);
  return parse_script(path, text);
}

}  // namespace mortise::sqltest
