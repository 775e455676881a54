// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "reader.hpp"

namespace mortise::dialect_postgres {
namespace {

struct Word {
  std::string_view word;
  int64_t number;
};

template <size_t n>
int64_t number_of(const Word (&words)[n], std::string_view word) {
  for (const Word& w : words) {
    if (w.word == word) return w.number;
  }
  return 0;
}

constexpr Word kTransactionWords[] = {
    {"TRANS_STMT_BEGIN", MORTISE_TRANSACTION_BEGIN},
    {"TRANS_STMT_START", MORTISE_TRANSACTION_BEGIN},
    {"TRANS_STMT_COMMIT", MORTISE_TRANSACTION_COMMIT},
    {"TRANS_STMT_ROLLBACK", MORTISE_TRANSACTION_ROLLBACK},
    {"TRANS_STMT_SAVEPOINT", MORTISE_TRANSACTION_SAVEPOINT},
    {"TRANS_STMT_RELEASE", MORTISE_TRANSACTION_RELEASE},
    {"TRANS_STMT_ROLLBACK_TO", MORTISE_TRANSACTION_ROLLBACK_TO},
    {"TRANS_STMT_PREPARE", MORTISE_TRANSACTION_PREPARE},
    {"TRANS_STMT_COMMIT_PREPARED", MORTISE_TRANSACTION_COMMIT_PREPARED},
    {"TRANS_STMT_ROLLBACK_PREPARED", MORTISE_TRANSACTION_ABORT_PREPARED},
};

}  // namespace

Id Reader::transaction(Json n) {
  const std::string_view global_id = n.text("gid");
  const std::string_view kind = n.text("kind");
  const uint32_t starts = kind == "TRANS_STMT_START" ? MORTISE_SYNTAX_FLAG_B : 0;
  return tree_.node(MORTISE_SYNTAX_TRANSACTION,
                    {.flags = (n.flag("chain") ? MORTISE_SYNTAX_FLAG_A : 0) | starts,
                     .text = global_id.empty() ? n.text("savepoint_name") : global_id,
                     .number = number_of(kTransactionWords, kind)},
                    {options(n["options"])});
}

Id Reader::set(Json n) {
  const std::string_view kind = n.text("kind");
  const uint32_t flags = n.flag("is_local") ? MORTISE_SYNTAX_FLAG_A : 0;
  if (kind == "VAR_RESET") return tree_.node(MORTISE_SYNTAX_RESET, {.text = n.text("name")});
  if (kind == "VAR_RESET_ALL") return tree_.node(MORTISE_SYNTAX_RESET);
  if (kind == "VAR_SET_MULTI") {
    const std::string_view what = n.text("name");
    if (what == "TRANSACTION SNAPSHOT") return tree_.refuse("SET TRANSACTION SNAPSHOT");
    return tree_.node(MORTISE_SYNTAX_SET, {.flags = flags, .number = what == "TRANSACTION" ? 3 : 4},
                      {options(n["args"])});
  }
  const int64_t number = kind == "VAR_SET_DEFAULT" ? 1 : kind == "VAR_SET_CURRENT" ? 2 : 0;
  return tree_.node(MORTISE_SYNTAX_SET, {.flags = flags, .text = n.text("name"), .number = number},
                    {expressions(n["args"])});
}

Id Reader::explain(Json n) {
  return tree_.node(MORTISE_SYNTAX_EXPLAIN, {},
                    {options(n["options"]), statement(n["query"], text_)});
}

Id Reader::fetch(Json n) {
  const std::string_view direction = n.text("direction");
  uint32_t flags = n.flag("ismove") ? MORTISE_SYNTAX_FLAG_A : 0;
  if (direction == "FETCH_BACKWARD") flags |= MORTISE_SYNTAX_FLAG_B;
  if (direction == "FETCH_ABSOLUTE") flags |= MORTISE_SYNTAX_FLAG_C;
  if (direction == "FETCH_RELATIVE") flags |= MORTISE_SYNTAX_FLAG_D;
  return tree_.node(MORTISE_SYNTAX_FETCH,
                    {.flags = flags, .text = n.text("portalname"), .number = n.number("howMany")});
}

// Bits of the grammar's options (CURSOR_OPT_* of PostgreSQL 15).
Id Reader::declare(Json n) {
  const int64_t bits = n.number("options");
  uint32_t flags = 0;
  if ((bits & 0x01) != 0) flags |= MORTISE_SYNTAX_FLAG_D;  // BINARY
  if ((bits & 0x02) != 0) flags |= MORTISE_SYNTAX_FLAG_A;  // SCROLL
  if ((bits & 0x04) != 0) flags |= MORTISE_SYNTAX_FLAG_B;  // NO SCROLL
  if ((bits & 0x20) != 0) flags |= MORTISE_SYNTAX_FLAG_C;  // WITH HOLD
  return tree_.node(MORTISE_SYNTAX_DECLARE, {.flags = flags, .text = n.text("portalname")},
                    {query(n["query"])});
}

Id Reader::maintain(std::string_view what, Json n) {
  const Id tables = list(n["rels"], [this](Json e) {
    if (e.body()["va_cols"]) return tree_.refuse("a column list in ANALYZE");
    return table(e.body()["relation"]);
  });
  Id one = 0;
  if (n["relation"]) {
    const Id single[] = {table(n["relation"])};
    one = tree_.list(single);
  }
  const Id settings = options(n["options"]);
  return tree_.node(MORTISE_SYNTAX_MAINTAIN, {.text = what},
                    {settings != 0 ? settings : options(n["params"]), tables != 0 ? tables : one});
}

Id Reader::lock_table(Json n) {
  std::vector<Id> tables;
  n.each("relations", [&](Json e) { tables.push_back(table(e.body())); });
  return tree_.node(
      MORTISE_SYNTAX_LOCK_TABLE,
      {.flags = n.flag("nowait") ? MORTISE_SYNTAX_NOWAIT : 0, .number = n.number("mode")}, tables);
}

Id Reader::prepared_or_cursor(std::string_view type, Json n) {
  if (type == "PrepareStmt") {
    const Id types = list(n["argtypes"], [this](Json e) { return type_name(e.body()); });
    return tree_.node(MORTISE_SYNTAX_PREPARE, {.text = n.text("name")},
                      {types, statement(n["query"], text_)});
  }
  if (type == "ExecuteStmt") {
    return tree_.node(MORTISE_SYNTAX_EXECUTE, {.text = n.text("name")}, {expressions(n["params"])});
  }
  if (type == "DeallocateStmt") {
    return tree_.node(MORTISE_SYNTAX_DEALLOCATE, {.text = n.text("name")});
  }
  if (type == "DeclareCursorStmt") return declare(n);
  if (type == "FetchStmt") return fetch(n);
  if (type == "ClosePortalStmt") {
    return tree_.node(MORTISE_SYNTAX_CLOSE, {.text = n.text("portalname")});
  }
  return 0;
}

Id Reader::control(std::string_view type, Json n) {
  if (type == "TransactionStmt") return transaction(n);
  if (type == "VariableSetStmt") return set(n);
  if (type == "VariableShowStmt") {
    return tree_.node(MORTISE_SYNTAX_SHOW, {.text = n.text("name")});
  }
  if (type == "ExplainStmt") return explain(n);
  if (const Id id = prepared_or_cursor(type, n); id != 0) return id;
  if (type == "ListenStmt") {
    return tree_.node(MORTISE_SYNTAX_LISTEN, {.text = n.text("conditionname")});
  }
  if (type == "UnlistenStmt") {
    return tree_.node(MORTISE_SYNTAX_UNLISTEN, {.text = n.text("conditionname")});
  }
  if (type == "NotifyStmt") {
    const std::string_view payload = n.text("payload");
    return tree_.node(MORTISE_SYNTAX_NOTIFY, {.text = n.text("conditionname")},
                      {payload.empty() ? 0 : tree_.node(MORTISE_SYNTAX_STRING, {.text = payload})});
  }
  if (type == "DiscardStmt") {
    static constexpr Word kTargets[] = {
        {"DISCARD_ALL", 1}, {"DISCARD_PLANS", 2}, {"DISCARD_SEQUENCES", 3}, {"DISCARD_TEMP", 4}};
    return tree_.node(MORTISE_SYNTAX_DISCARD, {.number = number_of(kTargets, n.text("target"))});
  }
  if (type == "VacuumStmt") return maintain(n.flag("is_vacuumcmd") ? "vacuum" : "analyze", n);
  if (type == "CheckPointStmt") return maintain("checkpoint", n);
  if (type == "ReindexStmt") return maintain("reindex", n);
  if (type == "ClusterStmt") return maintain("cluster", n);
  if (type == "LockStmt") return lock_table(n);
  if (type == "CallStmt") {
    return tree_.node(MORTISE_SYNTAX_CALL_PROCEDURE, {}, {call(n["funccall"])});
  }
  if (type == "DoStmt") {
    std::string_view body;
    n.each("args", [&](Json e) {
      if (e.body().text("defname") == "as") body = e.body()["arg"].body().text("sval");
    });
    return tree_.node(MORTISE_SYNTAX_DO, {.text = body}, {options(n["args"])});
  }
  if (type == "AlterSystemStmt") {
    const Json inner = n["setstmt"];
    const bool is_reset = inner.text("kind").starts_with("VAR_RESET");
    const bool is_default = inner.text("kind") == "VAR_SET_DEFAULT";
    return tree_.node(MORTISE_SYNTAX_ALTER_SYSTEM,
                      {.flags = is_reset ? MORTISE_SYNTAX_NOT : 0,
                       .text = inner.text("name"),
                       .number = is_default ? 1 : 0},
                      {expressions(inner["args"])});
  }
  if (type == "ConstraintsSetStmt") {
    std::vector<Id> constraints;
    n.each("constraints", [&](Json e) { constraints.push_back(object_name(e)); });
    return tree_.node(MORTISE_SYNTAX_SET_CONSTRAINTS,
                      {.flags = n.flag("deferred") ? MORTISE_SYNTAX_FLAG_A : 0}, constraints);
  }
  return 0;
}

// "create or replace function f ..." is CREATE FUNCTION, "do $$...$$" DO: what a statement that is
// refused is called.
class CommandWords {
 public:
  explicit CommandWords(std::string_view text) : text_(text) {
    std::string word = next();
    begin_bytes_ = static_cast<uint32_t>(at_ - word.size());
    name_ = word;
    if (word != "CREATE" && word != "ALTER" && word != "DROP" && word != "COMMENT" &&
        word != "SECURITY" && word != "IMPORT" && word != "REASSIGN" && word != "REFRESH") {
      return;
    }
    do {
      word = next();
    } while (word == "OR" || word == "REPLACE" || word == "TEMP" || word == "TEMPORARY" ||
             word == "TRUSTED" || word == "PROCEDURAL");
    if (word.empty()) return;
    name_ += " " + word;
    if (word == "MATERIALIZED" || word == "EVENT" || word == "FOREIGN" || word == "TEXT" ||
        word == "ACCESS" || word == "DEFAULT" || word == "USER" || word == "LARGE" ||
        word == "OPERATOR") {
      const std::string second = next();
      const bool is_word_of_name = word != "OPERATOR" || second == "CLASS" || second == "FAMILY";
      if (!second.empty() && is_word_of_name) name_ += " " + second;
    }
  }
  const std::string& name() const { return name_; }
  uint32_t begin_bytes() const { return begin_bytes_; }

 private:
  // In upper case; "" before anything but a word.
  std::string next() {
    for (;;) {
      const std::string_view rest = text_.substr(at_);
      if (rest.starts_with("--")) {
        const size_t line = rest.find('\n');
        at_ = line == std::string_view::npos ? text_.size() : at_ + line;
      } else if (rest.starts_with("/*")) {
        const size_t close = rest.find("*/");
        at_ = close == std::string_view::npos ? text_.size() : at_ + close + 2;
      } else if (!rest.empty() && (rest[0] == ' ' || (rest[0] >= '\t' && rest[0] <= '\r'))) {
        ++at_;
      } else {
        break;
      }
    }
    std::string word;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c >= 'a' && c <= 'z') {
        word.push_back(static_cast<char>(c - 32));
      } else if (c >= 'A' && c <= 'Z') {
        word.push_back(c);
      } else {
        break;
      }
    }
    return word;
  }

  std::string_view text_;
  size_t at_ = 0;
  uint32_t begin_bytes_ = 0;
  std::string name_;
};

Id Reader::statement(Json node, std::string_view text) {
  text_ = text;
  const std::string_view type = node.type();
  const Json n = node.body();
  if (type == "SelectStmt" || type == "InsertStmt" || type == "UpdateStmt" ||
      type == "DeleteStmt") {
    return query(node);
  }
  if (type == "MergeStmt") return merge(n);
  if (type == "CopyStmt") return copy(n);
  if (type == "TruncateStmt") return truncate(n);
  for (const auto room : {&Reader::control, &Reader::definition, &Reader::alteration}) {
    if (const Id id = (this->*room)(type, n); id != 0 || !tree_.failure().is_ok()) return id;
  }
  const CommandWords words(text);
  const auto begin = static_cast<uint32_t>(text.data() - whole_.data()) + words.begin_bytes();
  return tree_.refuse(words.name().empty() ? "this statement" : words.name(), begin + 1);
}

}  // namespace mortise::dialect_postgres
