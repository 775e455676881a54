// SPDX-License-Identifier: Apache-2.0
//
// mortise sql: statements from the command line or standard input, rows as a table or CSV.
#include <algorithm>
#include <iostream>

#include "hosts/embed/connection.hpp"
#include "hosts/shell/command_line.hpp"
#include "kernel/platform/child.hpp"

namespace mortise::shell {

namespace {

// One result as a table; all rows are held, because widths are known only after the last.
class Table {
 public:
  explicit Table(const embed::Script& script) {
    for (size_t c = 0; c < script.columns().size(); ++c) {
      names_.emplace_back(script.column_name(c));
      widths_.push_back(width_of(names_.back()));
    }
  }

  void add(const embed::TextTable& texts, uint32_t rows) {
    for (uint32_t r = 0; r < rows; ++r) {
      std::vector<std::string> row;
      for (uint32_t c = 0; c < names_.size(); ++c) {
        uint64_t size = 0;
        const char* text = texts.text(r, c, &size);
        row.emplace_back(text == nullptr ? std::string_view() : std::string_view(text, size));
        widths_[c] = std::max(widths_[c], width_of(row.back()));
      }
      rows_.push_back(std::move(row));
    }
  }

  void print() const {
    print_row(names_);
    for (size_t c = 0; c < names_.size(); ++c) {
      std::cout << (c == 0 ? "-" : "-+-") << std::string(widths_[c], '-');
    }
    std::cout << "-\n";
    for (const auto& row : rows_) print_row(row);
    std::cout << "(" << rows_.size() << (rows_.size() == 1 ? " row)\n" : " rows)\n");
  }

 private:
  // Characters, not bytes; wide ones count once.
  static size_t width_of(std::string_view text) {
    return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
  }
  void print_row(const std::vector<std::string>& row) const {
    for (size_t c = 0; c < row.size(); ++c) {
      std::cout << (c == 0 ? " " : " | ") << row[c]
                << std::string(widths_[c] - width_of(row[c]), ' ');
    }
    std::cout << "\n";
  }

  std::vector<std::string> names_;
  std::vector<size_t> widths_;
  std::vector<std::vector<std::string>> rows_;
};

void print_csv_value(std::string_view text) {
  if (text.find_first_of(",\"\n\r") == std::string_view::npos) {
    std::cout << text;
    return;
  }
  std::cout << '"';
  for (const char c : text) std::cout << std::string(c == '"' ? 2 : 1, c);
  std::cout << '"';
}

void print_csv(const embed::TextTable& texts, uint32_t rows, size_t columns) {
  for (uint32_t r = 0; r < rows; ++r) {
    for (uint32_t c = 0; c < columns; ++c) {
      uint64_t size = 0;
      const char* text = texts.text(r, c, &size);
      if (c != 0) std::cout << ',';
      if (text != nullptr) print_csv_value({text, size});
    }
    std::cout << '\n';
  }
}

Status print_results(embed::Session& session, std::string_view sql, bool csv) {
  MORTISE_TRY_ASSIGN(const std::unique_ptr<embed::Script> script, session.run(sql));
  for (;;) {
    MORTISE_TRY_ASSIGN(const bool has_statement, script->next_statement());
    if (!has_statement) break;
    Table table(*script);
    for (;;) {
      MORTISE_TRY_ASSIGN(const bool has_batch, script->next_batch());
      if (!has_batch) break;
      MORTISE_TRY_ASSIGN(const embed::TextTable* texts, script->texts());
      if (csv) {
        print_csv(*texts, script->batch().rows_count, script->columns().size());
      } else {
        table.add(*texts, script->batch().rows_count);
      }
    }
    if (!script->returns_rows()) {
      std::cerr << script->tag() << '\n';
    } else if (!csv) {
      table.print();
    }
  }
  return script->close();
}

void print_failure(const Status& failure) {
  std::cout.flush();
  std::cerr << "ERROR " << failure.sqlstate() << ": " << to_line(failure);
  if (failure.position_chars() != 0)
    std::cerr << " (at character " << failure.position_chars() << ")";
  std::cerr << '\n';
}

// Is the text whole: does it end in a semicolon that stands outside of quotes and comments?
bool is_complete(std::string_view sql) {
  bool ended = false;
  for (size_t i = 0; i < sql.size(); ++i) {
    const char c = sql[i];
    if (c == '\'' || c == '"') {
      const size_t close = sql.find(c, i + 1);
      if (close == std::string_view::npos) return false;
      i = close;
      ended = false;
    } else if (sql.substr(i).starts_with("--")) {
      const size_t line = sql.find('\n', i);
      if (line == std::string_view::npos) return ended;
      i = line;
    } else if (c == '$') {
      const size_t tag_end = sql.find('$', i + 1);
      const std::string_view tag =
          tag_end == std::string_view::npos ? "" : sql.substr(i, tag_end - i + 1);
      const bool is_tag = !tag.empty() && std::all_of(tag.begin() + 1, tag.end() - 1, [](char x) {
        return x == '_' || (x >= '0' && x <= '9') || (x >= 'a' && x <= 'z') ||
               (x >= 'A' && x <= 'Z');
      });
      if (!is_tag) continue;
      const size_t close = sql.find(tag, tag_end + 1);
      if (close == std::string_view::npos) return false;
      i = close + tag.size() - 1;
      ended = false;
    } else if (c == ';') {
      ended = true;
    } else if (c != ' ' && c != '\n' && c != '\t' && c != '\r') {
      ended = false;
    }
  }
  return ended;
}

// Reads statements from standard input; COPY FROM STDIN takes the lines after its own, up to "\.".
Status run_interactive(embed::Session& session, bool csv) {
  const bool is_interactive = platform::is_interactive();
  session.set_copy_source([]() -> std::optional<std::string> {
    std::string line;
    if (!std::getline(std::cin, line) || line == "\\.") return std::nullopt;
    return line + "\n";
  });
  Status last;
  std::string sql;
  std::string line;
  const auto prompt = [&] {
    if (is_interactive) std::cout << (sql.empty() ? "mortise> " : "      -> ") << std::flush;
  };
  for (prompt(); std::getline(std::cin, line); prompt()) {
    if (sql.empty() && (line == "\\q" || line == "exit" || line == "quit")) return {};
    sql.append(line).append("\n");
    if (!is_complete(sql)) continue;
    const Status done = print_results(session, sql, csv);
    if (!done.is_ok()) print_failure(done);
    if (!done.is_ok() && !is_interactive) last = done;
    sql.clear();
  }
  if (sql.find_first_not_of(" \n\t\r") != std::string::npos) {
    const Status done = print_results(session, sql, csv);
    if (!done.is_ok()) print_failure(done);
    if (!done.is_ok()) last = done;
  }
  return last;
}

}  // namespace

Status run_sql(const Program& program, const Given& given) {
  InstanceOptions options = instance_options(program, given);
  options.settings.insert(options.settings.begin(), {"log_level", "warn"});
  MORTISE_TRY_ASSIGN(const std::unique_ptr<Instance> instance,
                     Instance::open(program.io, std::move(options)));
  Status done;
  {
    embed::SessionOptions wanted;
    wanted.database = given.database;
    if (!given.user.empty()) wanted.user = given.user;
    wanted.application_name = "mortise sql";
    MORTISE_TRY_ASSIGN(const auto session,
                       embed::Session::open(instance->host(), wanted,
                                            [](std::string_view severity, std::string_view text) {
                                              std::cerr << severity << ": " << text << '\n';
                                            }));
    session->set_copy_target([](std::string_view bytes) { std::cout << bytes; });
    if (given.words.empty()) {
      done = run_interactive(*session, given.csv);
    }
    for (const std::string& sql : given.words) {
      if (done.is_ok()) done = print_results(*session, sql, given.csv);
    }
  }
  MORTISE_TRY(instance->close());
  return done;
}

}  // namespace mortise::shell
