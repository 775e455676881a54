// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a C++ program keep its data in a Mortise of its own?
//
//   mortise::embed::Database db = mortise::embed::Database::open("data", {.create = true});
//   mortise::embed::Session session = db.session();
//   session.execute("create table t (id int, name text)");
//   for (auto& row : session.query("select id, name from t")) use(row[0], row[1]);
//
// Header-only over mortise_embed.h.  Failures are thrown as mortise::embed::Failure: unlike the
// inside of Mortise, a program that embeds it is assumed to use exceptions.
//
// Threads: as mortise_embed.h.
//
// Tidy: may catch, because it belongs to the embedding program and its habits.

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mortise_embed.h"

namespace mortise::embed {

class Failure : public std::runtime_error {
 public:
  explicit Failure(const mortise_embed_failure_t& why)
      : std::runtime_error(why.message),
        sqlstate(why.sqlstate),
        detail(why.detail),
        hint(why.hint),
        position_chars(why.position_chars) {}

  std::string sqlstate;
  std::string detail;
  std::string hint;
  uint32_t position_chars;
};

// Calls a function of mortise_embed.h with a failure object and throws what it reports.
template <typename Function, typename... Arguments>
int call(Function function, Arguments... arguments) {
  mortise_embed_failure_t why = MORTISE_EMBED_FAILURE_INIT;
  const int answer = function(arguments..., &why);
  if (answer < 0) throw Failure(why);
  return answer;
}

// All rows of a query, as texts.
class Rows {
 public:
  using Row = std::vector<std::optional<std::string>>;

  const std::vector<std::string>& columns() const { return columns_; }
  const std::string& tag() const { return tag_; }
  auto begin() const { return rows_.begin(); }
  auto end() const { return rows_.end(); }
  size_t size() const { return rows_.size(); }
  const Row& operator[](size_t row) const { return rows_[row]; }

 private:
  friend class Session;
  std::vector<std::string> columns_;
  std::vector<Row> rows_;
  std::string tag_;
};

class Session {
 public:
  explicit Session(mortise_embed_session_t* session) : session_(session) {}
  Session(Session&& other) noexcept : session_(std::exchange(other.session_, nullptr)) {}
  Session& operator=(Session&& other) noexcept {
    std::swap(session_, other.session_);
    return *this;
  }
  ~Session() {
    if (session_ != nullptr) mortise_embed_session_close(session_);
  }

  void execute(const std::string& sql) { call(mortise_embed_execute, session_, sql.c_str()); }

  // The rows of the last statement of the text.
  Rows query(const std::string& sql) {
    mortise_embed_result_t* result = nullptr;
    call(mortise_embed_run, session_, sql.c_str(), &result);
    Rows rows;
    mortise_embed_failure_t why = MORTISE_EMBED_FAILURE_INIT;
    int step = 0;
    while ((step = mortise_embed_next_statement(result, &why)) == 1) {
      if ((step = read_rows(result, rows, why)) < 0) break;
    }
    mortise_embed_failure_t closing = MORTISE_EMBED_FAILURE_INIT;
    const int closed = mortise_embed_result_close(result, &closing);
    if (step < 0) throw Failure(why);
    if (closed < 0) throw Failure(closing);
    return rows;
  }

  void cancel() { mortise_embed_cancel(session_); }
  mortise_embed_session_t* get() const { return session_; }

 private:
  static int read_rows(mortise_embed_result_t* result, Rows& rows, mortise_embed_failure_t& why) {
    rows = Rows();
    const uint32_t columns = mortise_embed_columns_count(result);
    for (uint32_t c = 0; c < columns; ++c) {
      rows.columns_.emplace_back(mortise_embed_column_name(result, c));
    }
    int step = 0;
    while ((step = mortise_embed_next_batch(result, &why)) == 1) {
      for (uint32_t r = 0; r < mortise_embed_rows_count(result); ++r) {
        Rows::Row row;
        for (uint32_t c = 0; c < columns; ++c) {
          size_t size = 0;
          const char* text = mortise_embed_text(result, r, c, &size);
          row.push_back(text == nullptr ? std::nullopt
                                        : std::optional<std::string>(std::string(text, size)));
        }
        rows.rows_.push_back(std::move(row));
      }
    }
    rows.tag_ = mortise_embed_tag(result);
    return step;
  }

  mortise_embed_session_t* session_;
};

struct Options {
  bool create = false;
  std::string set = "default";
};

class Database {
 public:
  static Database open(const std::string& directory, const Options& options = {}) {
    mortise_embed_options_t given = MORTISE_EMBED_OPTIONS_INIT;
    given.create = options.create ? 1 : 0;
    given.set = options.set.c_str();
    mortise_embed_t* db = nullptr;
    call(mortise_embed_open, directory.c_str(), &given, &db);
    return Database(db);
  }
  Database(Database&& other) noexcept : db_(std::exchange(other.db_, nullptr)) {}
  Database& operator=(Database&& other) noexcept {
    std::swap(db_, other.db_);
    return *this;
  }
  ~Database() {
    if (db_ != nullptr) mortise_embed_close(db_, nullptr);
  }

  // Closes now, and says if that failed; sessions have to be gone.
  void close() {
    mortise_embed_failure_t why = MORTISE_EMBED_FAILURE_INIT;
    const bool is_closed = mortise_embed_close(db_, &why) == 0;
    const bool is_in_use = !is_closed && std::string(why.sqlstate) == "55006";
    if (!is_in_use) db_ = nullptr;
    if (!is_closed) throw Failure(why);
  }

  Session session(const char* user = nullptr, const char* database = nullptr) {
    mortise_embed_session_t* session = nullptr;
    call(mortise_embed_session_open, db_, user, database, &session);
    return Session(session);
  }

 private:
  explicit Database(mortise_embed_t* db) : db_(db) {}
  mortise_embed_t* db_;
};

}  // namespace mortise::embed
