// SPDX-License-Identifier: Apache-2.0
//
// COPY: the options, and the plans for both directions.

#include <algorithm>

#include "bind/binder.hpp"

namespace mortise::sql_engine {
namespace {

// The word or string that an option's value is.
std::string_view word_of(Node option) {
  return option[0].text();
}

bool read_bool(Node option, bool& value) {
  const Node given = option[0];
  if (!given) {
    value = true;
    return true;
  }
  if (given.is(MORTISE_SYNTAX_BOOLEAN) || given.is(MORTISE_SYNTAX_INTEGER)) {
    value = given.number() != 0;
    return given.number() == 0 || given.number() == 1;
  }
  const std::string_view word = given.text();
  value = word == "true" || word == "on" || word == "1";
  return value || word == "false" || word == "off" || word == "0";
}

}  // namespace

Status Binder::copy_option(Node option, CopyOptions& options, CopyLists& lists) {
  const std::string name(option.text());
  const std::string_view word = word_of(option);
  const auto single = [&](char& target) -> Status {
    if (word.size() != 1) {
      return bind_error("0A000", "COPY " + name + " must be a single one-byte character", 0);
    }
    target = word[0];
    return {};
  };
  if (name == "format") {
    if (word == "text") {
      options.format = CopyOptions::Format::text;
    } else if (word == "csv") {
      options.format = CopyOptions::Format::csv;
    } else if (word == "binary") {
      options.format = CopyOptions::Format::binary;
    } else {
      return bind_error("22023", "COPY format \"" + std::string(word) + "\" not recognized",
                        option.position());
    }
    return {};
  }
  if (name == "delimiter") {
    lists.has_delimiter = true;
    return single(options.delimiter);
  }
  if (name == "quote") return single(options.quote);
  if (name == "escape") {
    lists.has_escape = true;
    return single(options.escape);
  }
  if (name == "null") {
    lists.has_null = true;
    options.null_text.assign(word);
    return {};
  }
  if (name == "header") {
    if (word == "match") {
      options.has_header = true;
      options.is_header_matched = true;
      return {};
    }
    if (read_bool(option, options.has_header)) return {};
    return bind_error("42601", "header requires a Boolean value or \"match\"", 0);
  }
  if (name == "force_quote" && option[0].is(MORTISE_SYNTAX_STAR)) {
    options.is_quote_all = true;
    return {};
  }
  if (name == "force_quote") {
    lists.force_quote = option[0];
    return {};
  }
  if (name == "force_not_null") {
    lists.force_not_null = option[0];
    return {};
  }
  if (name == "force_null") {
    lists.force_null = option[0];
    return {};
  }
  if (name == "freeze") return {};
  if (name == "encoding") {
    std::string lower(word);
    for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    if (lower == "utf8" || lower == "utf-8" || lower == "unicode") return {};
    return bind_error("0A000", "COPY in encoding \"" + std::string(word) + "\" is not supported",
                      option.position());
  }
  return bind_error("42601", "option \"" + name + "\" not recognized", option.position());
}

Status Binder::copy_options(Node list, CopyOptions& options, CopyLists& lists) {
  std::vector<std::string_view> seen;
  for (const Node option : list) {
    if (std::find(seen.begin(), seen.end(), option.text()) != seen.end()) {
      return bind_error("42601", "conflicting or redundant options", option.position());
    }
    seen.push_back(option.text());
    MORTISE_TRY(copy_option(option, options, lists));
  }
  const bool is_csv = options.format == CopyOptions::Format::csv;
  if (is_csv && !lists.has_delimiter) options.delimiter = ',';
  if (is_csv && !lists.has_null) options.null_text.clear();
  if (is_csv && !lists.has_escape) options.escape = options.quote;
  if (options.format == CopyOptions::Format::binary) {
    if (lists.has_delimiter) {
      return bind_error("42601", "cannot specify DELIMITER in BINARY mode", 0);
    }
    if (lists.has_null) return bind_error("42601", "cannot specify NULL in BINARY mode", 0);
    if (options.has_header) return bind_error("0A000", "cannot specify HEADER in BINARY mode", 0);
  }
  if (options.delimiter == '\n' || options.delimiter == '\r') {
    return bind_error("22023", "COPY delimiter cannot be newline or carriage return", 0);
  }
  if (is_csv && options.delimiter == options.quote) {
    return bind_error("22023", "COPY delimiter and quote must be different", 0);
  }
  return {};
}

// Marks the columns of a FORCE_... list among those that are copied.
Status Binder::force_list(Node list, const std::vector<std::string>& names,
                          std::vector<bool>& marks, std::string_view what) {
  if (!list) return {};
  marks.assign(names.size(), false);
  for (const Node item : list) {
    const auto found = std::find(names.begin(), names.end(), item.text());
    if (found == names.end()) {
      return bind_error(
          "42P10",
          std::string(what) + " column \"" + std::string(item.text()) + "\" not referenced by COPY",
          item.position());
    }
    marks[static_cast<size_t>(found - names.begin())] = true;
  }
  return {};
}

Result<LogicalPtr> Binder::copy(Node node) {
  if (!node.text().empty() || node.has(MORTISE_SYNTAX_FLAG_B)) {
    return bind_error("0A000", "COPY to or from a file or program of the server is not supported",
                      node.position(), "Use COPY ... FROM STDIN or TO STDOUT; psql's \\copy does.");
  }
  CopyOptions options;
  CopyLists lists;
  MORTISE_TRY(copy_options(node[3], options, lists));
  return node.has(MORTISE_SYNTAX_FLAG_A) ? copy_in(node, std::move(options), lists)
                                         : copy_out(node, std::move(options), lists);
}

Result<LogicalPtr> Binder::copy_in(Node node, CopyOptions options, const CopyLists& lists) {
  plan_.kind = StatementKind::copy_in;
  Scope scope(nullptr);
  MORTISE_TRY_ASSIGN(const RelationPtr relation, target_relation(node[0], "copy to"));
  use_relation(relation, MORTISE_MODE_IX);
  auto source = std::make_unique<CopySource>();
  source->relation = relation;
  MORTISE_TRY(column_list(node[2], *relation, source->columns));
  auto made = std::make_unique<Insert>();
  made->relation = relation;
  made->source.resize(relation->columns_count(), kNoColumn);
  MORTISE_TRY_ASSIGN(made->row, new_row(*relation));
  std::vector<std::string> names;
  if (node[2].count() == 0) {
    std::erase_if(source->columns,
                  [&](uint32_t c) { return relation->columns()[c].generated != 0; });
  }
  for (const uint32_t column : source->columns) {
    const schema::ColumnDef& c = relation->columns()[column];
    if (c.generated != 0) {
      return Status(Code::invalid, "42P10", "column \"" + c.name + "\" is a generated column")
          .with(MORTISE_ERROR_FIELD_DETAIL, "Generated columns cannot be used in COPY.");
    }
    made->source[column] = plan_.columns.add(c.name, c.type);
    source->outputs.push_back(made->source[column]);
    names.push_back(c.name);
  }
  MORTISE_TRY(force_list(lists.force_not_null, names, options.force_not_null, "FORCE_NOT_NULL"));
  MORTISE_TRY(force_list(lists.force_null, names, options.force_null, "FORCE_NULL"));
  source->options = std::move(options);
  LogicalPtr input = std::move(source);
  if (node[4]) {
    scope.items.push_back(row_item(*relation, relation->name(), made->source));
    auto filter = std::make_unique<Filter>();
    MORTISE_TRY_ASSIGN(filter->condition, boolean(node[4], scope, Clause::copy_where, "WHERE"));
    filter->outputs = input->outputs;
    filter->inputs.push_back(std::move(input));
    input = std::move(filter);
  }
  MORTISE_TRY_ASSIGN(input, fill_defaults(*relation, std::move(input), made->source));
  MORTISE_TRY_ASSIGN(input, compute_generated(*relation, std::move(input), made->source));
  made->inputs.push_back(std::move(input));
  MORTISE_TRY(add_checks(*relation, made->row, made->checks));
  return LogicalPtr(std::move(made));
}

Result<LogicalPtr> Binder::copy_out(Node node, CopyOptions options, const CopyLists& lists) {
  plan_.kind = StatementKind::copy_out;
  auto made = std::make_unique<CopyOut>();
  LogicalPtr input;
  if (node[1]) {
    MORTISE_TRY_ASSIGN(BoundQuery bound, query(node[1], nullptr, false));
    MORTISE_TRY(resolve_outputs(bound));
    for (const BoundQuery::Output& output : bound.outputs) {
      made->columns.push_back(output.id);
      made->names.push_back(output.name);
    }
    input = std::move(bound.plan);
  } else {
    MORTISE_TRY_ASSIGN(const Names::Found found, find_table(node[0]));
    if (found.view != nullptr || found.relation->definition.kind != schema::RelationKind::table) {
      const std::string name = found.view != nullptr
                                   ? std::string(found.view->name.data, found.view->name.size_bytes)
                                   : found.relation->name();
      return bind_error("42809", "cannot copy from view \"" + name + "\"", 0,
                        "Try the COPY (SELECT ...) TO variant.");
    }
    std::vector<uint32_t> columns;
    MORTISE_TRY(column_list(node[2], *found.relation, columns));
    ScopeItem item;
    MORTISE_TRY_ASSIGN(
        std::unique_ptr<Scan> scan,
        scan_relation(found.relation, found.relation->name(), MORTISE_MODE_SCHEMA_S, item, false));
    for (const uint32_t column : columns) {
      for (const ScopeColumn& c : item.columns) {
        if (c.attribute != column + 1) continue;
        made->columns.push_back(c.id);
        made->names.push_back(c.name);
      }
    }
    input = std::move(scan);
  }
  MORTISE_TRY(force_list(lists.force_quote, made->names, options.force_quote, "FORCE_QUOTE"));
  made->options = std::move(options);
  made->inputs.push_back(std::move(input));
  return LogicalPtr(std::move(made));
}

}  // namespace mortise::sql_engine
