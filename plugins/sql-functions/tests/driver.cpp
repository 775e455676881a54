// SPDX-License-Identifier: Apache-2.0
//
// Evaluates calls that come on standard input, one a line, for differential.py.
//
// Fields are separated by tabs; \N is null, and \t \n \\ are escaped.
//   in    type  text
//   call  name  type text  type text ...
//   rows  name  type text  type text ...       all rows, with | between them
//   cast  from  to  text  explicit?(0/1)
//   agg   name  types_count  type...  then rows of texts, types_count at a time
//   set   zone|dates|intervals|floats  value
//   list  functions | casts | types
// One line comes back for each: the text, \N, or "ERROR <sqlstate>: <message>".

#include <iostream>
#include <string>
#include <vector>

#include "tests/expression.hpp"

namespace mortise::sql_functions {
namespace {

Text unescape(std::string_view field) {
  if (field == "\\N") return std::nullopt;
  std::string out;
  for (size_t i = 0; i < field.size(); ++i) {
    if (field[i] != '\\' || i + 1 == field.size()) {
      out.push_back(field[i]);
      continue;
    }
    const char c = field[++i];
    out.push_back(c == 't' ? '\t' : (c == 'n' ? '\n' : c));
  }
  return out;
}

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') out.append("\\\\");
    if (c == '\t') out.append("\\t");
    if (c == '\n') out.append("\\n");
    if (c != '\\' && c != '\t' && c != '\n') out.push_back(c);
  }
  return out;
}

std::string shown(const Outcome& outcome) {
  if (!outcome.error.empty()) return "ERROR " + escape(outcome.error);
  return outcome.text ? escape(*outcome.text) : "\\N";
}

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> fields;
  size_t start = 0;
  for (size_t at = line.find('\t'); at != std::string::npos; at = line.find('\t', start)) {
    fields.push_back(line.substr(start, at - start));
    start = at + 1;
  }
  fields.push_back(line.substr(start));
  return fields;
}

class Settings {
 public:
  void set(TestSession& session, const std::string& name, const std::string& value) {
    mortise_session_context_t& context = session.context;
    if (name == "zone") context.time_zone = keep(&zone_, value);
    if (name == "dates") context.date_style = keep(&dates_, value);
    if (name == "intervals") context.interval_style = keep(&intervals_, value);
    if (name == "floats") context.extra_float_digits = static_cast<uint32_t>(std::stoi(value));
  }

 private:
  static mortise_str_t keep(std::string* place, const std::string& value) {
    *place = value;
    return {place->data(), place->size()};
  }
  std::string zone_;
  std::string dates_;
  std::string intervals_;
};

void list_functions() {
  for (const mortise_function_t& f : registry().functions) {
    std::cout << f.oid << '\t' << view_of(f.name) << '\t';
    for (uint32_t i = 0; i < f.arguments_count; ++i) {
      std::cout << (i == 0 ? "" : ",") << f.argument_types[i];
    }
    std::cout << '\t' << f.return_type << '\t' << f.kind << '\t' << f.volatility << '\t'
              << f.is_strict << '\t' << view_of(f.operator_symbol) << '\t' << view_of(f.commutator)
              << '\t' << view_of(f.negator) << '\t' << f.returns_set << '\n';
  }
}

void list(const std::string& what) {
  if (what == "functions") list_functions();
  if (what == "casts") {
    for (const mortise_cast_t& c : registry().casts) {
      std::cout << c.source_type << '\t' << c.target_type << '\t' << c.context << '\t'
                << c.is_binary_same << '\n';
    }
  }
  if (what == "types") {
    for (const mortise_type_info_t& t : registry().types) {
      std::cout << t.sql_type << '\t' << t.array_type << '\t' << view_of(t.name) << '\t'
                << view_of(t.display) << '\t' << t.length_bytes << '\t'
                << static_cast<char>(t.category) << '\t' << t.is_preferred << '\t' << t.element_type
                << '\n';
    }
  }
  std::cout << ".\n";
}

std::string aggregate(TestSession& session, const std::vector<std::string>& fields) {
  const size_t count = std::stoul(fields[2]);
  const std::vector<std::string> types(fields.begin() + 3,
                                       fields.begin() + 3 + static_cast<std::ptrdiff_t>(count));
  std::vector<std::vector<Text>> rows;
  for (size_t at = 3 + count; at + count <= fields.size(); at += count) {
    std::vector<Text> row;
    for (size_t i = 0; i < count; ++i) row.push_back(unescape(fields[at + i]));
    rows.push_back(std::move(row));
  }
  return shown(session.aggregate(fields[1], types, rows));
}

void serve() {
  std::string line;
  Settings settings;
  auto session = std::make_unique<TestSession>();
  uint64_t calls = 0;
  while (std::getline(std::cin, line)) {
    if (++calls % 1000 == 0) {
      const mortise_session_context_t context = session->context;
      session = std::make_unique<TestSession>();
      session->context = context;
    }
    const std::vector<std::string> fields = split(line);
    if (fields[0] == "list") {
      list(fields[1]);
    } else if (fields[0] == "set") {
      settings.set(*session, fields[1], fields[2]);
    } else if (fields[0] == "in") {
      std::cout << shown(session->input(fields[1], unescape(fields[2]))) << '\n';
    } else if (fields[0] == "cast") {
      std::cout << shown(session->cast(fields[1], fields[2], unescape(fields[3]), fields[4] == "1"))
                << '\n';
    } else if (fields[0] == "agg") {
      std::cout << aggregate(*session, fields) << '\n';
    } else {
      std::vector<std::string> types;
      std::vector<Text> values;
      for (size_t i = 2; i + 1 < fields.size(); i += 2) {
        types.push_back(fields[i]);
        values.push_back(unescape(fields[i + 1]));
      }
      const Outcome outcome = fields[0] == "rows" ? session->rows(fields[1], types, values)
                                                  : session->call(fields[1], types, values);
      std::cout << shown(outcome) << '\n';
    }
  }
}

}  // namespace
}  // namespace mortise::sql_functions

int main() {
  std::ios::sync_with_stdio(false);
  mortise::sql_functions::serve();
  return 0;
}
