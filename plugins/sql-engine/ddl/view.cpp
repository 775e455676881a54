// SPDX-License-Identifier: Apache-2.0
//
// CREATE VIEW.  A view keeps its query as it was written, without what stands around it.

#include "ddl/ddl.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::sql_engine {
namespace {

bool is_word(char c) {
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

// The query of "CREATE VIEW v (a, b) WITH (...) AS query WITH CHECK OPTION".
std::string query_text(std::string_view statement) {
  Tokens tokens(statement);
  Tokens::Token token;
  int depth = 0;
  while (tokens.next(token)) {
    if (token.word == "(") ++depth;
    if (token.word == ")") --depth;
    if (depth == 0 && token.word == "as") break;
  }
  const size_t begin = token.end;
  size_t end = begin;
  std::vector<Tokens::Token> last;  // the newest five
  while (tokens.next(token)) {
    if (token.word == ";") break;
    last.push_back(token);
    if (last.size() > 5) last.erase(last.begin());
    end = token.end;
  }
  const auto word = [&](size_t from_end) -> std::string_view {
    return last.size() >= from_end ? std::string_view(last[last.size() - from_end].word)
                                   : std::string_view();
  };
  if (word(1) == "option" && word(2) == "check") {
    const size_t with = word(3) == "with" ? 3 : word(4) == "with" ? 4 : 0;
    if (with != 0) end = last[last.size() - with].begin;
  }
  std::string_view query = statement.substr(begin, end - begin);
  while (!query.empty() && (query.front() == ' ' || query.front() == '\n')) query.remove_prefix(1);
  while (!query.empty() && (query.back() == ' ' || query.back() == '\n')) query.remove_suffix(1);
  return std::string(query);
}

Status check_replaceable(const schema::RelationDef& old, const schema::RelationDef& fresh,
                         const Registry& registry) {
  if (old.kind != schema::RelationKind::view) {
    return Status(Code::invalid, "42809", "\"" + old.name + "\" is not a view");
  }
  if (fresh.columns.size() < old.columns.size()) {
    return Status(Code::invalid, "42P16", "cannot drop columns from view");
  }
  for (size_t i = 0; i < old.columns.size(); ++i) {
    const schema::ColumnDef& was = old.columns[i];
    const schema::ColumnDef& is = fresh.columns[i];
    if (was.name != is.name) {
      return Status(Code::invalid, "42P16",
                    "cannot change name of view column \"" + was.name + "\" to \"" + is.name + "\"")
          .with(MORTISE_ERROR_FIELD_HINT,
                "Use ALTER VIEW ... RENAME COLUMN ... to change name of view column instead.");
    }
    if (was.type.sql_type != is.type.sql_type || was.type.modifier != is.type.modifier) {
      return Status(Code::invalid, "42P16",
                    "cannot change data type of view column \"" + was.name + "\" from " +
                        registry.type_name(was.type.sql_type, was.type.modifier) + " to " +
                        registry.type_name(is.type.sql_type, is.type.modifier));
    }
  }
  return {};
}

}  // namespace

Result<std::string> create_view(DdlRun& ddl) {
  const Node node = ddl.node();
  if (node.has(MORTISE_SYNTAX_TEMPORARY)) return unsupported("temporary views are not supported");
  if (node.number() != 0) {
    return unsupported("WITH CHECK OPTION is not supported: views cannot be changed through");
  }
  std::string schema_name;
  schema::RelationDef definition;
  MORTISE_TRY(ddl.split_name(node[0][0], schema_name, definition.name));
  MORTISE_TRY_ASSIGN(const schema::SchemaDef schema, ddl.schema_for_new(schema_name));
  Binder binder(ddl.session().bind_environment(), {});
  MORTISE_TRY_ASSIGN(const LogicalPlan plan, binder.bind_query_alone(node[2]));
  if (node[1].count() > plan.results.size()) {
    return Status(Code::invalid, "42601", "CREATE VIEW specifies more column names than columns");
  }
  definition.kind = schema::RelationKind::view;
  definition.schema = schema.id;
  definition.owner = ddl.owner();
  definition.query = query_text(node.text());
  for (size_t i = 0; i < plan.results.size(); ++i) {
    schema::ColumnDef column;
    column.name = i < node[1].count() ? std::string(node[1][static_cast<uint32_t>(i)].text())
                                      : plan.results[i].name;
    for (const schema::ColumnDef& known : definition.columns) {
      if (known.name != column.name) continue;
      return Status(Code::duplicate, "42701",
                    "column \"" + column.name + "\" specified more than once");
    }
    column.type = plan.results[i].type;
    definition.columns.push_back(std::move(column));
  }
  for (const RelationUse& use : plan.relations) {
    definition.depends_on.push_back(use.relation->id());
  }
  MORTISE_TRY_ASSIGN(const auto known,
                     ddl.catalog().find<schema::RelationDef>(schema.id, definition.name));
  if (known && node.has(MORTISE_SYNTAX_OR_REPLACE)) {
    MORTISE_TRY(ddl.lock(MORTISE_LOCK_TABLE, known->definition.id, MORTISE_MODE_SCHEMA_X));
    MORTISE_TRY_ASSIGN(const auto old,
                       ddl.catalog().get<schema::RelationDef>(known->definition.id));
    if (!old) return conflict("the view has been dropped by another session");
    MORTISE_TRY(check_replaceable(old->definition, definition, *ddl.services().registry));
    definition.id = old->definition.id;
    definition.owner = old->definition.owner;
    MORTISE_TRY(ddl.put_relation(definition, old->version));
    return std::string("CREATE VIEW");
  }
  bool is_there = false;
  MORTISE_TRY(ddl.check_name_free(schema, definition.name, false, &is_there));
  MORTISE_TRY_ASSIGN(definition.id, ddl.catalog().next_id());
  MORTISE_TRY(ddl.put_relation(definition, 0));
  return std::string("CREATE VIEW");
}

}  // namespace mortise::sql_engine
