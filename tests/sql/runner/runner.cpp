// SPDX-License-Identifier: Apache-2.0
#include "runner.hpp"

#include <regex.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "render.hpp"

namespace mortise::sqltest {
namespace {

constexpr std::string_view kMainConnection = "default";
constexpr int kIncludeDepthMax = 8;

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  return text;
}

bool matches(const std::string& pattern, const std::string& text) {
  regex_t compiled;
  if (regcomp(&compiled, pattern.c_str(), REG_EXTENDED | REG_NOSUB) != 0) return false;
  const bool found = regexec(&compiled, text.c_str(), 0, nullptr, 0) == 0;
  regfree(&compiled);
  return found;
}

std::string describe(const Ending& ending) {
  if (!ending.is_error) {
    return ending.affected_rows < 0 ? "ok" : "count " + std::to_string(ending.affected_rows);
  }
  std::string text = "error";
  if (!ending.sqlstate.empty()) text += ' ' + ending.sqlstate;
  if (ending.position_chars != 0) text += '@' + std::to_string(ending.position_chars);
  if (!ending.message_pattern.empty()) text += ' ' + ending.message_pattern;
  return text;
}

// How a statement ended, in the detail that `expected` asks for.
std::string ending_of(const Ending& expected, const Answer& answer) {
  if (!answer.failure) {
    const bool counts = expected.affected_rows >= 0 && answer.affected_rows;
    return counts ? "count " + std::to_string(*answer.affected_rows) : "ok";
  }
  const Failure& failure = *answer.failure;
  const bool has_position = expected.position_chars != 0 && failure.position_chars != 0;
  std::string text = "error " + failure.sqlstate;
  if (has_position) text += '@' + std::to_string(failure.position_chars);
  return text + ' ' + pattern_of(failure.message);
}

bool ends_so(const Ending& expected, const Answer& answer) {
  if (expected.is_error != answer.failure.has_value()) return false;
  if (!answer.failure) {
    return expected.affected_rows < 0 || expected.affected_rows == answer.affected_rows;
  }
  const Failure& failure = *answer.failure;
  return (expected.sqlstate.empty() || expected.sqlstate == failure.sqlstate) &&
         (expected.position_chars == 0 || expected.position_chars == failure.position_chars) &&
         (expected.message_pattern.empty() || matches(expected.message_pattern, failure.message));
}

bool types_fit(const std::string& expected, const std::string& found) {
  return expected.size() == found.size() &&
         std::equal(expected.begin(), expected.end(), found.begin(),
                    [](char e, char f) { return e == '?' || e == f; });
}

// The words of a statement in lower case, up to the first sign that ends a name.
std::vector<std::string> first_words(const std::string& sql, size_t count_max) {
  std::vector<std::string> words;
  std::istringstream stream(sql);
  std::string word;
  while (words.size() < count_max && stream >> word) {
    const size_t end = word.find_first_of("(;,");
    std::string name = word.substr(0, end);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (!name.empty()) words.push_back(std::move(name));
    if (end != std::string::npos) break;
  }
  return words;
}

std::string sort_words(const Record& record) {
  std::string words;
  if (record.sort_mode == SortMode::rowsort) words = " rowsort";
  if (record.sort_mode == SortMode::valuesort) words = " valuesort";
  if (record.label.empty()) return words;
  return (words.empty() ? " nosort" : words) + ' ' + record.label;
}

Status write_text(const std::string& path, const std::vector<std::string>& lines) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << joined(lines);
  file.close();
  if (!file) return io_failure("cannot write " + path);
  return {};
}

}  // namespace

Runner::Runner(Transport& transport, Options options)
    : transport_(transport), options_(std::move(options)) {}

Status Runner::run_file(const std::string& path) {
  MORTISE_TRY_ASSIGN(Script script, read_script(path));
  const std::vector<std::string> before = script.lines;
  MORTISE_TRY(run_script(script));
  if (script.lines != before) MORTISE_TRY(write_text(path, script.lines));
  return {};
}

Status Runner::run_script(Script& script) {
  scope_ = Scope();
  scope_.connection = kMainConnection;
  const Status status = run_records(script, 0);
  drop_created();
  scope_ = Scope();
  return status;
}

Status Runner::run_records(Script& script, int depth) {
  std::vector<Edit> edits;
  for (const Record& record : script.records) {
    if (scope_.halted) break;
    if (!applies(record)) {
      report_.skipped_count += 1;
      continue;
    }
    switch (record.kind) {
      case Kind::halt:
        scope_.halted = true;
        break;
      case Kind::hash_threshold:
        scope_.hash_values_min = std::strtoul(record.argument.c_str(), nullptr, 10);
        break;
      case Kind::connection:
        scope_.connection = record.argument;
        break;
      case Kind::include:
        MORTISE_TRY(include(script, record, depth));
        break;
      case Kind::statement:
      case Kind::query:
      case Kind::copy: {
        MORTISE_TRY_ASSIGN(std::optional<Edit> edit, run_database_record(script, record));
        if (edit) edits.push_back(std::move(*edit));
      }
    }
  }
  // From the last to the first, so that line numbers stay valid (P1).
  for (auto it = edits.rbegin(); it != edits.rend(); ++it) {
    const auto at = [&](size_t line) {
      return script.lines.begin() + static_cast<std::ptrdiff_t>(line);
    };
    script.lines.erase(at(it->begin_line), at(it->end_line));
    script.lines.insert(at(it->begin_line), it->lines.begin(), it->lines.end());
  }
  return {};
}

Status Runner::include(const Script& script, const Record& record, int depth) {
  if (depth >= kIncludeDepthMax) return invalid(script.path + ": includes go too deep");
  const auto folder = std::filesystem::path(script.path).parent_path();
  const std::string path = (folder / record.argument).string();
  MORTISE_TRY_ASSIGN(Script included, read_script(path));
  const Lines before = included.lines;
  MORTISE_TRY(run_records(included, depth + 1));
  if (included.lines != before) MORTISE_TRY(write_text(path, included.lines));
  return {};
}

bool Runner::applies(const Record& record) const {
  return std::all_of(record.conditions.begin(), record.conditions.end(), [&](const Condition& c) {
    if (options_.mark && !c.only && c.name == options_.target) return true;
    const bool is_named = c.name == options_.target || transport_.is_called(c.name);
    return c.only == is_named;
  });
}

Result<Session*> Runner::session() {
  std::unique_ptr<Session>& open = scope_.sessions[scope_.connection];
  if (open == nullptr) {
    MORTISE_TRY_ASSIGN(open, transport_.open());
  }
  return open.get();
}

void Runner::differ(const Script& script, const Record& record, const std::string& expected,
                    const std::string& found) {
  const std::string place = script.path + ':' + std::to_string(record.begin_line + 1);
  report_.differences.push_back(
      {place, record.sql + "\n  expected:\n" + expected + "  found:\n" + found});
}

std::optional<Runner::Edit> Runner::mark(const Script& script, const Record& record, bool passed) {
  const std::string line = "skipif " + options_.target;
  std::optional<size_t> marked;
  for (size_t i = 1; i <= record.conditions.size(); ++i) {
    if (script.lines[record.begin_line - i] == line) marked = record.begin_line - i;
  }
  if (passed != marked.has_value()) return {};
  report_.rewritten_count += 1;
  if (marked) return Edit{*marked, *marked + 1, {}};
  return Edit{record.begin_line, record.begin_line, {line}};
}

Result<std::optional<Runner::Edit>> Runner::run_database_record(const Script& script,
                                                                const Record& record) {
  MORTISE_TRY_ASSIGN(Session * open, session());
  Request request{record.sql, std::nullopt};
  if (record.kind == Kind::copy) request.copy_data = joined(record.below);
  report_.run_count += 1;
  remember_created(record.sql);
  Result<Answer> answer = open->run(request);
  if (!answer) {  // the next record of this name opens a new session (X1)
    scope_.sessions.erase(scope_.connection);
    if (options_.mark) return mark(script, record, false);
    differ(script, record, "an answer\n", std::string(answer.error().message()) + '\n');
    return std::optional<Edit>();
  }
  const bool passed = passes(record, *answer);
  if (options_.mark) return mark(script, record, passed);
  if (passed) {
    const std::string difference = label_difference(record, *answer);
    if (!difference.empty()) differ(script, record, "label " + record.label + '\n', difference);
    return std::optional<Edit>();
  }
  if (options_.rewrite) {
    report_.rewritten_count += 1;
    return std::optional<Edit>(
        Edit{record.begin_line, record.end_line, found_lines(record, *answer)});
  }
  differ(script, record, joined(expected_lines(record)), joined(found_lines(record, *answer)));
  return std::optional<Edit>();
}

bool Runner::passes(const Record& record, const Answer& answer) const {
  if (record.kind != Kind::query) return ends_so(record.ending, answer);
  if (answer.failure || !answer.has_rows) return false;
  if (!types_fit(record.types, type_letters(answer))) return false;
  // A hash that is written down is a hash to compare, whatever the threshold says now.
  const bool is_hash = record.below.size() == 1 &&
                       record.below.front().find(" values hashing to ") != std::string::npos;
  if (is_hash) return record.below.front() == render_hash(answer, record.sort_mode);
  Lines rows = render_rows(answer, record.sort_mode);
  if (rows == record.below) return true;
  // The old form: one value per line.
  Answer values;
  for (const Row& row : answer.rows) {
    for (const Value& value : row) values.rows.push_back({value});
  }
  return record.sort_mode == SortMode::nosort &&
         render_rows(values, SortMode::nosort) == record.below;
}

std::string Runner::label_difference(const Record& record, const Answer& answer) {
  if (record.kind != Kind::query || record.label.empty()) return {};
  const std::string hash = render_hash(answer, record.sort_mode);
  const auto [it, is_first] = scope_.label_hashes.emplace(record.label, hash);
  return is_first || it->second == hash ? std::string()
                                        : it->second + " before, now " + hash + '\n';
}

Runner::Lines Runner::expected_lines(const Record& record) const {
  if (record.kind != Kind::query) return {describe(record.ending)};
  Lines lines = {"query " + record.types + sort_words(record)};
  lines.insert(lines.end(), record.below.begin(), record.below.end());
  return lines;
}

Runner::Lines Runner::found_lines(const Record& record, const Answer& answer) const {
  const bool is_query = record.kind == Kind::query && !answer.failure && answer.has_rows;
  if (!options_.rewrite && !is_query) return {ending_of(record.ending, answer)};
  Lines lines;
  if (is_query) {
    const std::string letters = type_letters(answer);
    lines.push_back("query " + (types_fit(record.types, letters) ? record.types : letters) +
                    sort_words(record));
  } else {
    lines.push_back((record.kind == Kind::copy ? "copy " : "statement ") +
                    ending_of(record.ending, answer));
  }
  if (options_.rewrite) {
    std::istringstream sql(record.sql);
    for (std::string line; std::getline(sql, line);) lines.push_back(line);
    if (is_query || record.kind == Kind::copy) lines.emplace_back("----");
  }
  if (record.kind == Kind::copy && options_.rewrite) {
    lines.insert(lines.end(), record.below.begin(), record.below.end());
  }
  if (!is_query) return lines;
  size_t value_count = 0;
  for (const Row& row : answer.rows) value_count += row.size();
  if (scope_.hash_values_min != 0 && value_count > scope_.hash_values_min) {
    lines.push_back(render_hash(answer, record.sort_mode));
  } else {
    const Lines rows = render_rows(answer, record.sort_mode);
    lines.insert(lines.end(), rows.begin(), rows.end());
  }
  return lines;
}

void Runner::remember_created(const std::string& sql) {
  static constexpr std::string_view kKinds[] = {"table", "view", "sequence", "schema"};
  const Lines words = first_words(sql, 8);
  if (words.size() < 3 || words.front() != "create") return;
  for (size_t i = 1; i + 1 < words.size(); ++i) {
    if (std::find(std::begin(kKinds), std::end(kKinds), words[i]) == std::end(kKinds)) continue;
    size_t name = i + 1;
    if (words[name] == "if") name += 3;  // if not exists
    if (name < words.size()) scope_.created.push_back(words[i] + ' ' + words[name]);
    return;
  }
}

void Runner::drop_created() {
  scope_.sessions.clear();  // open transactions end before their tables go (Q1)
  if (scope_.created.empty()) return;
  Result<std::unique_ptr<Session>> cleaner = transport_.open();
  if (!cleaner) return;  // the next script says what is wrong with the server
  for (auto it = scope_.created.rbegin(); it != scope_.created.rend(); ++it) {
    // Most are gone already; a failure to drop shows in the script that meets the leftover.
    if (!(*cleaner)->run({"drop " + *it + " cascade", std::nullopt}).has_value()) return;
  }
}

}  // namespace mortise::sqltest
